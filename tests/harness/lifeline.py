# SPDX-License-Identifier: ISC
"""The promise by which a child process shows that it lives: a timer that it shares with the supervisor."""

import ctypes
import os
import struct

_PIDFD_GETFD = 438
_INHERIT_LIFELINE = 13  # lib/inherit.h
_libc = ctypes.CDLL(None, use_errno=True)


def _set(pid, interval):
    process = os.pidfd_open(pid)
    lifeline = _libc.syscall(_PIDFD_GETFD, process, _INHERIT_LIFELINE, 0)
    assert lifeline >= 0, os.strerror(ctypes.get_errno())
    at_once = struct.pack("@4l", 0, interval, 0, 1)
    assert _libc.timerfd_settime(lifeline, 0, at_once, None) == 0, os.strerror(ctypes.get_errno())
    os.close(lifeline)
    os.close(process)


def break_promise(pid):
    """What a child that sleeps has promised for a minute hence is due now."""
    _set(pid, 0)


def break_for_ever(pid):
    """The same again and again, every 10 us, until the child makes its next promise."""
    _set(pid, 10000)


def sleeps(pid):
    """Whether a child has promised nothing for the next half minute: it has done all that there was to do."""
    with open(f"/proc/{pid}/fdinfo/{_INHERIT_LIFELINE}", encoding="ascii") as stream:
        left = next(line for line in stream if line.startswith("it_value:"))
    return int(left.partition("(")[2].partition(",")[0]) > 30
