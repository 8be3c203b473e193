# SPDX-License-Identifier: ISC
"""System calls in another process's name, by a debugger: what the kernel refuses to it, whatever it has become.

x86-64 only.
"""

import contextlib
import ctypes
import os
import platform
import signal
import struct

_ATTACH, _DETACH, _CONT, _GETREGS, _SETREGS = 16, 17, 7, 12, 13
_NAMES = ("r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base "
          "ds es fs gs").split()
_LAYOUT = struct.Struct(f"{len(_NAMES)}Q")
_CALL = b"\x0f\x05\xcc"  # syscall; int3
_ARGUMENTS = ("rdi", "rsi", "rdx", "r10", "r8", "r9")
_FAR = 65536  # below the stack in use: texts go there

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long

possible = platform.machine() == "x86_64"


def _ptrace(request, pid, data=None):
    if _libc.ptrace(request, pid, None, data) < 0:
        raise OSError(ctypes.get_errno(), f"ptrace {request}")


def _registers(pid):
    buffer = ctypes.create_string_buffer(_LAYOUT.size)
    _ptrace(_GETREGS, pid, buffer)
    return dict(zip(_NAMES, _LAYOUT.unpack(buffer.raw)))


def _set_registers(pid, registers):
    _ptrace(_SETREGS, pid, ctypes.create_string_buffer(_LAYOUT.pack(*(registers[name] for name in _NAMES))))


def _await_stop(pid):
    _, status = os.waitpid(pid, 0x40000000)  # __WALL
    assert os.WIFSTOPPED(status), f"process {pid} ended: {status}"
    return os.WSTOPSIG(status)


class Remote:
    """A stopped process; between two calls nothing of it runs."""

    def __init__(self, pid):
        self.pid = pid
        _ptrace(_ATTACH, pid)
        _await_stop(pid)
        self._before = _registers(pid)
        self._memory = os.open(f"/proc/{pid}/mem", os.O_RDWR)
        self._code = os.pread(self._memory, len(_CALL), self._before["rip"])

    def _place(self, words):
        """Numbers as they are; texts by their addresses."""
        at = self._before["rsp"] - _FAR
        for word in words:
            if isinstance(word, str):
                text = word.encode() + b"\0"
                os.pwrite(self._memory, text, at)
                yield at
                at += (len(text) + 15) & ~15
            else:
                yield word & 0xffffffffffffffff

    def call(self, number, *words):
        """What the kernel returns: a value, or a negative errno."""
        registers = {**self._before, "rax": number, "orig_rax": 0xffffffffffffffff,
                     **dict(zip(_ARGUMENTS, self._place(words)))}
        os.pwrite(self._memory, _CALL, registers["rip"])
        _set_registers(self.pid, registers)
        _ptrace(_CONT, self.pid)
        assert _await_stop(self.pid) == signal.SIGTRAP
        return struct.unpack("q", struct.pack("Q", _registers(self.pid)["rax"]))[0]

    def leave(self):
        os.pwrite(self._memory, self._code, self._before["rip"])
        _set_registers(self.pid, self._before)
        os.close(self._memory)
        _ptrace(_DETACH, self.pid)


@contextlib.contextmanager
def remote(pid):
    held = Remote(pid)
    try:
        yield held
    finally:
        held.leave()
