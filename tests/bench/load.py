# SPDX-License-Identifier: ISC
"""What routers cost while nothing happens: CPU and memory of all processes of a device."""

import time

from harness.wait import wait_for

from .field import BETTER, Field
from .registry import Reading, measure, note

# Seconds after which keepalived has repeated its announcements.
SETTLING = 6.5
# As many as a bench on the same machine can send in a second.
MOST = 50000
BRIEF = [{"routers": 1000, "interval": 1}, {"routers": 1000, "interval": 0.1}, {"routers": 10, "interval": 1},
         {"routers": 100, "interval": 0.1}]
SWEEP = [{"routers": routers, "interval": interval} for interval in (1, 0.1)
         for routers in (1, 10, 100, 1000, 4000, 10000) if routers / interval <= MOST]


def _seconds(routers, interval):
    """Longer where there is little to be counted."""
    return 6 if routers / interval >= 100 else 15


def _span(field, count, seconds):
    """(CPU seconds, frames that count() counted) of a while in which nothing happens."""
    used, frames = field.cpu(), count()
    time.sleep(seconds)
    return field.cpu() - used, count() - frames


@measure(brief=BRIEF, sweep=SWEEP, smoke=[{"routers": 2, "interval": 0.5, "settling": 0.5, "seconds": 1.5}],
         seconds=lambda routers, interval, settling=SETTLING, seconds=None: (
             7 + settling + 4 * interval + 2 * (seconds or _seconds(routers, interval)) + routers / 150))
def load(kind, routers, interval, settling=SETTLING, seconds=None):
    """As Active of so many routers, then as Backup, whose peers advertise evenly."""
    seconds = seconds or _seconds(routers, interval)
    field = Field(kind, routers, interval)
    try:
        field.start_active(capture=False)
        time.sleep(settling)
        used, sent = _span(field, field.frames_sent, seconds)
        memory = field.memory()
        assert sent > 0.9 * seconds * routers / interval, f"{sent} advertisements in {seconds} s as Active"
        yield Reading("CPU per advertisement, Active", "us", [used / sent * 1e6], routers, interval)
        yield Reading("memory, Active", "MB", [memory[0] / 1e6], routers, interval)
        yield Reading("memory of its own, Active", "MB", [memory[1] / 1e6], routers, interval)

        rounds = round((seconds + 60) / interval)
        pacer = field.peers([(place / routers * interval, router, BETTER)
                             for place, router in enumerate(field.routers)], rounds, interval)
        wait_for(lambda: not _span(field, field.frames_sent, interval)[1], 20, "the silence of all Backups", 0.1)
        before = field.frames_sent()
        used, heard = _span(field, field.frames_heard, seconds)
        strays, memory = field.frames_sent() - before, field.memory()
        assert not strays, f"a Backup sent {strays} frames: it cannot follow"
        yield Reading("CPU per advertisement, Backup", "us", [used / heard * 1e6], routers, interval)
        yield Reading("memory, Backup", "MB", [memory[0] / 1e6], routers, interval)
        note("the peers: " + pacer.end())
    finally:
        field.close()
