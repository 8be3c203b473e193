# SPDX-License-Identifier: ISC
"""Frames at a rate that only a small program of its own reaches."""

import os
import struct
import subprocess

from .compiler import compile_c

_SOURCE = os.path.join(os.path.dirname(__file__), "flood.c")


class Flood:
    """Sends `frames` over and over from a host, `rate` a second, for `seconds`; wait() says how many got out."""

    def __init__(self, folder, host, frames, rate, seconds, interface="eth0"):
        program = os.path.join(str(folder), "flood")
        compile_c(_SOURCE, program, "-O2")
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "nsenter", f"--net=/run/netns/{host.namespace}", program, interface,
             str(rate), str(seconds)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._process.stdin.write(b"".join(struct.pack("!H", len(frame)) + frame for frame in frames))
        self._process.stdin.close()
        self._seconds = seconds

    def wait(self):
        output = self._process.stdout.read()
        assert self._process.wait(self._seconds + 30) == 0
        return int(output)

    def kill(self):
        self._process.kill()
        self._process.wait()
