# SPDX-License-Identifier: ISC
"""How late takeovers are: counted from the peer's last advertisement on the wire, less what the protocol says."""

from harness.wait import wait_for

from .field import BETTER, Field
from .registry import Reading, measure

BEATS = 4


def _excess(field, orderly, phase):
    """Lets the peer of each router live for some beats, `phase` seconds apart, and die. Milliseconds after its time."""
    schedule = []
    for place, router in enumerate(field.routers):
        beats = [(place * phase + beat * field.interval, router, BETTER) for beat in range(BEATS)]
        if orderly:
            beats.append((beats[-1][0] + field.interval / 2, router, 0))
        schedule += beats
    field.play(schedule)
    lasts = field.lasts_of_peer()
    taken = field.taken_over(lasts)
    wanted = field.skew if orderly else 3 * field.interval + field.skew
    return lasts, taken, wanted, [(taken[router] - last - wanted) * 1e3 for router, last in lasts.items()]


@measure(
    brief=[{"interval": interval, "orderly": orderly} for interval in (0.1, 1) for orderly in (False, True)],
    smoke=[{"interval": 0.1, "orderly": False, "routers": 4}],
    seconds=lambda interval, orderly, routers=40: 6 + 8 * interval)
def failover(kind, interval, orderly, routers=40):
    """A peer dies, or stops in order: how much later than the protocol says is the first advertisement?"""
    field = Field(kind, routers, interval)
    try:
        field.start_active()
        *_, excess = _excess(field, orderly, 0.025)
    finally:
        field.close()
    yield Reading(f"failover excess, {'orderly' if orderly else 'dead'}", "ms", excess, interval=interval)


@measure(brief=[{"routers": 2000}], sweep=[{"routers": 100}], smoke=[{"routers": 10}],
         seconds=lambda routers: 20 + routers / 100)
def mass(kind, routers):
    """All peers die at once: the last advertisement and the last gratuitous ARP, after each router's own time."""
    field = Field(kind, routers, 1)
    try:
        field.start_active()
        lasts, taken, wanted, excess = _excess(field, False, 0)
        since = min(lasts.values()) + wanted - 0.1
        wait_for(lambda: len(field.announced(since)) == routers, 30, "an announcement for each", 0.2)
        announced = field.announced(since)
        missing = [router for router in taken if router not in announced]
        assert not missing
    finally:
        field.close()
    yield Reading("dead at once: last advertisement", "ms", [max(excess)], routers=routers)
    yield Reading("dead at once: last first announcement", "ms", [
        max(announced[router] - last - wanted for router, last in lasts.items()) * 1e3], routers=routers)
