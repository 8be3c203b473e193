# SPDX-License-Identifier: ISC
"""The promise by which a child process shows that it lives: a timer that it shares with the supervisor."""

import ctypes
import os
import struct

_PIDFD_GETFD = 438
_INHERIT_LIFELINE = 13  # lib/inherit.h
_libc = ctypes.CDLL(None, use_errno=True)


def break_promise(pid):
    """What a child that sleeps has promised for a minute hence is due now."""
    process = os.pidfd_open(pid)
    lifeline = _libc.syscall(_PIDFD_GETFD, process, _INHERIT_LIFELINE, 0)
    assert lifeline >= 0, os.strerror(ctypes.get_errno())
    at_once = struct.pack("@4l", 0, 0, 0, 1)
    assert _libc.timerfd_settime(lifeline, 0, at_once, None) == 0, os.strerror(ctypes.get_errno())
    os.close(lifeline)
    os.close(process)
