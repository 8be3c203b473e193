# SPDX-License-Identifier: ISC
"""Whether advertisements keep their time."""

import math


def gaps(adverts):
    return [later.time - earlier.time for earlier, later in zip(adverts, adverts[1:])]


class Quiet:
    """Stands in for stalls.Stalls where the machine's own lateness is within the tolerance."""

    @staticmethod
    def ready(moment):
        return moment


class Lateness:
    """Judges many things that were due by all of them together.

    A program that is held up shows it in most of what it does; a machine that does more than test shows
    it here and there, and not always where the probes of `stalls` see it. So a `share` of the things (one,
    if there are few) may come later than `late` seconds after the machine was ready, none as late as `lost`.
    """

    def __init__(self, late, lost, stalls=Quiet, share=0.01):
        self._late = late
        self._lost = lost
        self._share = share
        self._own = []
        self.stalls = stalls

    def came(self, what, due, time):
        """`time`: when it came. `due`: when it should have; what held up its cause is in it already."""
        excess = time - due
        if excess > self._late:
            excess = time - self.stalls.ready(due)
        assert excess < self._lost, f"{what}: {self._text(excess, time - due)}"
        self._own.append((excess, what, time - due))

    @staticmethod
    def _text(own, measured):
        return f"{measured * 1000:.1f} ms late, {(measured - own) * 1000:.1f} ms of them the machine"

    def judge(self):
        """Fails with the worst of them, and how many there were."""
        assert self._own, "nothing was measured"
        allowed = max(1, math.floor(len(self._own) * self._share))
        late = sorted((each for each in self._own if each[0] > self._late), reverse=True)
        worst = "; ".join(f"{what}: {self._text(own, measured)}" for own, what, measured in late[:5])
        assert len(late) <= allowed, \
            f"{len(late)} of {len(self._own)} came more than {self._late * 1000:.0f} ms late: {worst}"


def add_rhythm(lateness, adverts, interval, until):
    """Puts a router's advertisements into `lateness`, from the first given to the time `until`.

    They may leave a little early: 1 % of the interval, at most 5 ms, and what the two stamps differ by.
    """
    assert len(adverts) >= 2, f"{len(adverts)} advertisements"
    what = f"VRID {adverts[0].vrid}"
    for earlier, later in zip(adverts, adverts[1:]):
        lateness.came(what, earlier.time + interval, later.time)
    if until > adverts[-1].time + interval:
        lateness.came(f"{what}, the next", adverts[-1].time + interval, until)


def assert_rhythm(adverts, interval, late, until, stalls=Quiet):
    """No advertisement of one router is missing; but for single ones, none is later than `late` seconds."""
    lateness = Lateness(late, max(late, interval), stalls)
    add_rhythm(lateness, adverts, interval, until)
    lateness.judge()
