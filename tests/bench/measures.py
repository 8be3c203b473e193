# SPDX-License-Identifier: ISC
"""What is measured: each function is one trial with one kind of device, and yields (quantity, unit, values)."""

import time

from harness.wait import wait_for

from .field import BETTER, Field

BEATS = 4
# Seconds after which keepalived has repeated its announcements.
SETTLING = 7


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


def failover(kind):
    """A peer dies, or stops in order: how much later than the protocol says is the first advertisement?"""
    for interval in (0.1, 1):
        for orderly in (False, True):
            field = Field(kind, 40, interval)
            try:
                field.start_active()
                *_, excess = _excess(field, orderly, 0.025)
            finally:
                field.close()
            yield f"failover excess, {'orderly' if orderly else 'dead'}, {interval} s", "ms", excess


def mass(kind, counts=(100, 2000)):
    """All peers die at once: the last advertisement and the last gratuitous ARP, after each router's own time."""
    for count in counts:
        field = Field(kind, count, 1)
        try:
            field.start_active()
            lasts, taken, wanted, excess = _excess(field, False, 0)
            since = min(lasts.values()) + wanted - 0.1
            wait_for(lambda: len(field.announced(since)) == count, 30, "an announcement for each", 0.2)
            announced = field.announced(since)
            missing = [router for router in taken if router not in announced]
            assert not missing
        finally:
            field.close()
        yield f"{count} at once, last advertisement", "ms", [max(excess)]
        yield f"{count} at once, last first announcement", "ms", [
            max(announced[router] - last - wanted for router, last in lasts.items()) * 1e3]


def backup_cpu(kind, count=1000, seconds=8):
    """As Backup of so many routers, whose peers advertise evenly."""
    for interval in (1, 0.1):
        field = Field(kind, count, interval)
        try:
            field.start_active(capture=False)
            field.play(_even(field.routers, interval, 2))
            beats = _even(field.routers, interval, seconds)
            before = field.cpu()
            field.play(beats)
            used = field.cpu() - before
        finally:
            field.close()
        yield f"CPU per advertisement, {count} Backups, {interval} s", "us", [used / len(beats) * 1e6]


def _even(routers, interval, seconds):
    """(when, router, priority) of their peers' advertisements for so long, one after the other."""
    rounds = round(seconds / interval)
    return [((number + place / len(routers)) * interval, router, BETTER)
            for number in range(rounds) for place, router in enumerate(routers)]


def active_cpu(kind, count=1000, seconds=8):
    """As Active of so many routers."""
    for interval in (1, 0.1):
        field = Field(kind, count, interval)
        try:
            field.start_active(capture=False)
            time.sleep(SETTLING)
            before, sent = field.cpu(), field.frames_sent()
            time.sleep(seconds)
            used, sent = field.cpu() - before, field.frames_sent() - sent
        finally:
            field.close()
        yield f"CPU per advertisement, {count} Active, {interval} s", "us", [used / sent * 1e6]


def memory(kind, counts=(1, 1000, 4000)):
    """What so many Active routers take, all processes together."""
    for count in counts:
        field = Field(kind, count, 1)
        try:
            field.start_active(capture=False)
            yield f"memory, {count} Active", "MB", [field.memory() / 1e6]
        finally:
            field.close()


def start(kind, count=1000):
    """From the execution of the program to the last router's first advertisement."""
    field = Field(kind, count, 1, priority=255, state="MASTER")
    try:
        begin = time.time()
        field.start()
        wait_for(lambda: len(field.firsts(field.capture.adverts("dut"))) == count, 30, "every router", 0.1)
        last = max(field.firsts(field.capture.adverts("dut")).values())
    finally:
        field.close()
    yield f"start to the last of {count} first advertisements", "ms", [(last - begin) * 1e3]


def check(kind, count=1000):
    """The configuration test."""
    field = Field(kind, count, 1)
    try:
        field.device.configure(field.text)
        begin = time.monotonic()
        code, output = field.device.check()
        taken = time.monotonic() - begin
        assert code == 0, output[-2000:]
    finally:
        field.close()
    yield f"-t of {count} instances", "ms", [taken * 1e3]


MEASURES = {each.__name__: each for each in (failover, mass, backup_cpu, active_cpu, memory, start, check)}
