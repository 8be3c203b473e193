# SPDX-License-Identifier: ISC
"""WHAT PROGRAM [ARGUMENT...] on a kernel that seems to be without it: "ipv6" (a socket of that family is refused as such
a kernel refuses it), or the name of a call: "epoll_pwait2" (before Linux 5.11), "landlock", "seccomp". Root."""

import ctypes
import errno
import os
import platform
import socket
import struct
import sys

_ARM = platform.machine() == "aarch64"
_SOCKET = 198 if _ARM else 41
_CALLS = {"epoll_pwait2": 441, "landlock": 444, "seccomp": 277 if _ARM else 317}
_PR_SET_SECCOMP, _FILTER = 22, 2
_LOAD, _IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
# struct seccomp_data: the number of the call, and the low half of its first argument.
_NUMBER, _FAMILY = 0, 16

_FILTERS = {
    "ipv6": (
        (_LOAD, 0, 0, _NUMBER),
        (_IF_EQUAL, 0, 3, _SOCKET),
        (_LOAD, 0, 0, _FAMILY),
        (_IF_EQUAL, 0, 1, socket.AF_INET6),
        (_RETURN, 0, 0, _ERRNO | errno.EAFNOSUPPORT),
        (_RETURN, 0, 0, _ALLOW),
    ),
    **{name: (
        (_LOAD, 0, 0, _NUMBER),
        (_IF_EQUAL, 0, 1, number),
        (_RETURN, 0, 0, _ERRNO | errno.ENOSYS),
        (_RETURN, 0, 0, _ALLOW),
    ) for name, number in _CALLS.items()},
}


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def main():
    instructions = _FILTERS[sys.argv[1]]
    program = _Program(len(instructions), b"".join(struct.pack("=HBBI", *each) for each in instructions))
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0) < 0:
        sys.exit(f"seccomp: {os.strerror(ctypes.get_errno())}")
    os.execvp(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
