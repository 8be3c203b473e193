# SPDX-License-Identifier: ISC
"""Whether advertisements keep their time."""


def gaps(adverts):
    return [later.time - earlier.time for earlier, later in zip(adverts, adverts[1:])]


def assert_rhythm(adverts, interval, late, until):
    """No advertisement is missing or later than `late` seconds, from the first given to the time `until`.

    They may leave a little early: 1 % of the interval, at most 5 ms, and what the two stamps differ by.
    """
    assert len(adverts) >= 2, f"{len(adverts)} advertisements"
    measured = gaps(adverts)
    worst = max(measured)
    assert worst <= interval + late, f"an advertisement came {(worst - interval) * 1000:.1f} ms late"
    assert until - adverts[-1].time <= interval + late, "the advertisements ended"
    least = (until - adverts[0].time) / (interval + late)
    assert len(adverts) >= least, f"{len(adverts)} advertisements, at least {least:.0f} were due"
