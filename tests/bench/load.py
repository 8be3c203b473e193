# SPDX-License-Identifier: ISC
"""What routers cost while nothing happens: CPU and memory of all processes of a device, and of what it runs within
the kernel."""

import time
from collections import namedtuple

from harness.wait import wait_for

from . import ebpf
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
    """Longer where there is little to be counted: 60 frames at least."""
    rate = routers / interval
    return 6 if rate >= 100 else 15 if rate >= 10 else 60 / rate


# CPU seconds of the processes, those of eBPF programs, how often these ran (None: there are none), and frames.
Span = namedtuple("Span", "processes programs runs frames")


def _span(field, count, seconds):
    """Of a while in which nothing happens; frames are what count() counts."""
    def look():
        return field.cpu(), ebpf.runs(field.processes()), count()

    cpu, runs, frames = look()
    time.sleep(seconds)
    now = look()
    if runs is None:
        return Span(now[0] - cpu, 0, None, now[2] - frames)
    return Span(now[0] - cpu, now[1].seconds - runs.seconds, now[1].count - runs.count, now[2] - frames)


def _each(span):
    """Microseconds by frame: in all, and those of eBPF programs."""
    return [(span.processes + span.programs) / span.frames * 1e6], [span.programs / span.frames * 1e6]


def _settled(field, interval):
    """Backups are silent, all of them."""
    before = field.frames_sent()
    time.sleep(interval)
    return field.frames_sent() == before


@measure(brief=BRIEF, sweep=SWEEP, smoke=[{"routers": 2, "interval": 0.5, "settling": 0.5, "seconds": 1.5}],
         seconds=lambda routers, interval, settling=SETTLING, seconds=None: (
             1 + settling + 5 * interval + 2 * (seconds or _seconds(routers, interval)) + routers / 2000))
def load(kind, routers, interval, settling=SETTLING, seconds=None):
    """As Active of so many routers, then as Backup, whose peers advertise evenly."""
    seconds = seconds or _seconds(routers, interval)
    field = Field(kind, routers, interval)
    try:
        with ebpf.counted():
            yield from _readings(field, routers, interval, settling, seconds)
    finally:
        field.close()


def _readings(field, routers, interval, settling, seconds):
    field.start_active(capture=False)
    time.sleep(settling)
    span, memory = _span(field, field.frames_sent, seconds), field.memory()
    assert span.frames > 0.9 * seconds * routers / interval, f"{span.frames} advertisements in {seconds} s as Active"
    yield Reading("CPU per advertisement, Active", "us", _each(span)[0], routers, interval)
    yield Reading("memory, Active", "MB", [memory[0] / 1e6], routers, interval)
    yield Reading("memory of its own, Active", "MB", [memory[1] / 1e6], routers, interval)

    pacer = field.peers([(place / routers * interval, router, BETTER) for place, router in enumerate(field.routers)],
                        round((seconds + 60) / interval), interval)
    wait_for(lambda: _settled(field, interval), 20, "the silence of all Backups", 0.1)
    before = field.frames_sent()
    span = _span(field, field.frames_heard, seconds)
    strays, memory = field.frames_sent() - before, field.memory()
    assert not strays, f"a Backup sent {strays} frames: it cannot follow"
    assert span.runs is None or span.runs > span.frames / 2, f"eBPF ran {span.runs} times in {span.frames} frames"
    for name, value in zip(("CPU per advertisement, Backup", "CPU per advertisement, Backup: of it in eBPF"), _each(span)):
        yield Reading(name, "us", value, routers, interval)
    yield Reading("memory, Backup", "MB", [memory[0] / 1e6], routers, interval)
    note("the peers: " + pacer.end())
