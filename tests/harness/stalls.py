# SPDX-License-Identifier: ISC
"""When the machine itself did not run what was due, measured beside the program under test.

A shared machine may hold up every process, real-time or not, for many milliseconds, and every frame too. A
timing test asks here when a thing that was due could have been done, so that it blames the program for its
own lateness and for nothing else.
"""

import bisect
import os
import threading
import time

from .compiler import compile_c
from .namespace import Network
from .process import Process

_SOURCE = os.path.join(os.path.dirname(__file__), "stalls.c")
# Two stalls with less than this between them leave no time to do anything: the probes' own resolution.
_BREATH = 0.002
# No stall is longer.
_LONGEST = 60


class Stalls:
    """Real-time probes, one for each processor, and frames of theirs on a path like the tests' own."""

    def __init__(self, folder):
        program = os.path.join(str(folder), "stalls")
        compile_c(_SOURCE, program, "-O1")
        self._network = Network()
        self._probes = [
            Process([program, mode, "eth0"], os.path.join(str(folder), f"stalls-{mode}.log"),
                    self._network.host(mode, addresses=()).namespace) for mode in ("receive", "send")]
        self._read = [0] * len(self._probes)
        self._spans = []

    def _look(self):
        """Takes in what the probes have written since: (due, done) of everything that was late, by the time it was due."""
        for place, probe in enumerate(self._probes):
            assert probe.alive(), f"the probes ended: {probe.log()}"
            with open(probe.log_path, encoding="ascii") as stream:
                stream.seek(self._read[place])
                text = stream.read()
            whole = text[:text.rfind("\n") + 1]
            self._read[place] += len(whole)
            for line in whole.splitlines():
                due, done = map(float, line.split())
                bisect.insort(self._spans, (due, done))

    def ready(self, moment):
        """When the machine would have done what was due at this moment of the wall clock."""
        self._look()
        for due, done in self._spans[bisect.bisect(self._spans, (moment - _LONGEST,)):]:
            if due > moment + _BREATH:
                break
            moment = max(moment, done)
        return moment

    def kill(self):
        for probe in self._probes:
            probe.kill()
        self._network.close()


class Pulse:
    """The same by a thread of the test itself, which has no real-time priority and so blames the machine for more."""

    _BEAT = 0.05

    def __init__(self):
        self._spans = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while True:
            due = time.time() + self._BEAT
            if self._ended.wait(self._BEAT):
                return
            ran = time.time()
            if ran - due > self._BEAT:
                self._spans.append((due, ran))

    def longest(self, begin, end):
        return max((ran - due for due, ran in list(self._spans) if ran >= begin and due <= end), default=0.0)

    def close(self):
        self._ended.set()
        self._thread.join()
