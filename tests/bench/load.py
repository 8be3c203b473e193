# SPDX-License-Identifier: ISC
"""What routers cost while nothing happens: CPU and memory of all processes of a device."""

import time

from .field import BETTER, Field
from .registry import Reading, measure

# Seconds after which keepalived has repeated its announcements.
SETTLING = 7


def _even(routers, interval, seconds):
    """(when, router, priority) of their peers' advertisements for so long, one after the other."""
    rounds = round(seconds / interval)
    return [((number + place / len(routers)) * interval, router, BETTER)
            for number in range(rounds) for place, router in enumerate(routers)]


@measure(brief=[{"routers": 1000, "interval": interval} for interval in (1, 0.1)],
         smoke=[{"routers": 2, "interval": 0.1, "seconds": 1}],
         seconds=lambda routers, interval, seconds=8: 20 + seconds)
def backup(kind, routers, interval, seconds=8):
    """As Backup of so many routers, whose peers advertise evenly."""
    field = Field(kind, routers, interval)
    try:
        field.start_active(capture=False)
        field.play(_even(field.routers, interval, 2))
        beats = _even(field.routers, interval, seconds)
        before = field.cpu()
        field.play(beats)
        used = field.cpu() - before
    finally:
        field.close()
    yield Reading("CPU per advertisement, Backup", "us", [used / len(beats) * 1e6], routers, interval)


@measure(brief=[{"routers": 1000, "interval": interval} for interval in (1, 0.1)],
         smoke=[{"routers": 2, "interval": 0.1, "seconds": 1}],
         seconds=lambda routers, interval, seconds=8: 20 + seconds)
def active(kind, routers, interval, seconds=8):
    """As Active of so many routers."""
    field = Field(kind, routers, interval)
    try:
        field.start_active(capture=False)
        time.sleep(SETTLING if seconds > 1 else 0)
        before, sent = field.cpu(), field.frames_sent()
        time.sleep(seconds)
        used, sent = field.cpu() - before, field.frames_sent() - sent
        memory = field.memory()
    finally:
        field.close()
    yield Reading("CPU per advertisement, Active", "us", [used / sent * 1e6], routers, interval)
    yield Reading("memory, Active", "MB", [memory / 1e6], routers, interval)
