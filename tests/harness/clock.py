# SPDX-License-Identifier: ISC
"""A wall clock that jumps, and a machine that sleeps, for one program only."""

import os
import struct

from .compiler import compile_c

_SOURCE = os.path.join(os.path.dirname(__file__), "clockshift.c")


class ClockShift:
    """Builds the preloaded library in `folder`; `environment` is for the program whose clock is to jump."""

    def __init__(self, folder):
        library = os.path.join(str(folder), "clockshift.so")
        compile_c(_SOURCE, library, "-O1", "-shared", "-fPIC", "-ldl")
        self._path = os.path.join(str(folder), "clockshift")
        with open(self._path, "wb") as stream:
            stream.write(bytes(16))
        self.environment = {"LD_PRELOAD": library, "CLOCKSHIFT": self._path}

    def jump(self, seconds):
        """The program's wall clock from now on: the machine's plus `seconds`."""
        with open(self._path, "r+b") as stream:
            stream.write(struct.pack("q", seconds))

    def sleep(self, seconds):
        """As if the machine had slept for so long, in all."""
        with open(self._path, "r+b") as stream:
            stream.seek(8)
            stream.write(struct.pack("q", seconds))
