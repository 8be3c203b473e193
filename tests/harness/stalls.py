# SPDX-License-Identifier: ISC
"""When the machine itself did not run what was due, measured beside the program under test.

A shared machine may hold up every process, real-time or not, for many milliseconds. A timing test asks
here how long that was, so that it blames the program for its own lateness and for nothing else.
"""

import os

from .process import Process, run

_SOURCE = os.path.join(os.path.dirname(__file__), "stalls.c")


class Stalls:
    """Real-time probes, one for each processor, from now until close()."""

    def __init__(self, folder):
        program = os.path.join(str(folder), "stalls")
        run(["cc", "-std=gnu17", "-D_GNU_SOURCE", "-O1", "-o", program, _SOURCE])
        self._process = Process([program], os.path.join(str(folder), "stalls.log"))

    def longest(self, begin, end):
        """Seconds of the longest stall that touches this span of the wall clock; 0 without one."""
        assert self._process.alive(), f"the probes ended: {self._process.log()}"
        spans = [tuple(map(float, line.split())) for line in self._process.log().splitlines()]
        return max((ran - due for due, ran in spans if ran >= begin and due <= end), default=0.0)

    def kill(self):
        self._process.kill()
