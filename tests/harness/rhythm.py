# SPDX-License-Identifier: ISC
"""Whether advertisements keep their time."""


def gaps(adverts):
    return [later.time - earlier.time for earlier, later in zip(adverts, adverts[1:])]


class Quiet:
    """Stands in for stalls.Stalls where the machine's own lateness is within the tolerance."""

    @staticmethod
    def longest(_begin, _end):
        return 0.0


def assert_rhythm(adverts, interval, late, until, stalls=Quiet):
    """No advertisement is missing or later than `late` seconds, from the first given to the time `until`.

    They may leave a little early: 1 % of the interval, at most 5 ms, and what the two stamps differ by.
    What the machine was late by itself (`stalls`) is not the program's lateness.
    """
    assert len(adverts) >= 2, f"{len(adverts)} advertisements"
    for earlier, later in zip(adverts, adverts[1:]):
        excess = later.time - earlier.time - interval
        if excess > late:
            stall = stalls.longest(earlier.time + interval / 2, later.time)
            assert excess - stall <= late, \
                f"an advertisement came {excess * 1000:.1f} ms late (the machine {stall * 1000:.1f} ms)"
    end = until - adverts[-1].time - interval
    assert end <= late + stalls.longest(adverts[-1].time, until), "the advertisements ended"
    least = (until - adverts[0].time) / (interval + late)
    assert len(adverts) >= least, f"{len(adverts)} advertisements, at least {least:.0f} were due"
