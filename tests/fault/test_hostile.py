# SPDX-License-Identifier: ISC
"""A hostile link: every malformed packet there is, and more packets than anybody could want."""

import os

import pytest

from harness.bench import DUT, Bench
from harness.flood import Flood
from harness.rhythm import Lateness, add_rhythm
from harness.stalls import Stalls
from harness.wait import wait_for

pytestmark = pytest.mark.agent_only

FLAVOURS = ("v2", "v3", "v6")


@pytest.fixture
def bench(dut_kind, tmp_path):
    made = Bench(dut_kind, tmp_path)
    try:
        yield made
    finally:
        made.close()


def _headers(probe):
    """Each field wrong by itself, with a checksum that is right."""
    for version in set(range(16)) - {probe.version}:
        yield probe.but(version=version, interval=1 if version == 2 else 100)
    for kind in set(range(16)) - {1}:
        yield probe.but(type=kind)
    for count in set(range(256)) - {len(probe.addresses)}:
        yield probe.but(count=count)
    for auth_type in range(1, 256) if probe.version == 2 else ():
        yield probe.but(auth_type=auth_type)
    yield probe.but(interval=0)
    yield probe.but(wire_vrid=0)
    yield probe.but(addresses=())
    for interval in (2, 255) if probe.version == 2 else ():
        yield probe.but(interval=interval)


def _lengths(probe):
    """Cut off at each octet, also in the middle of IP's own count, and too long."""
    whole = len(probe.message())
    for cut in range(whole):
        yield probe.but(cut=cut)
    for surplus in (*range(1, 41), 255, 1000):
        yield probe.but(trailing=bytes(surplus))
    yield probe.but(length_excess=1)
    yield probe.but(length_excess=1000)


def _addressing(probe):
    own = DUT[probe.family]
    for ttl in range(255):
        yield probe.but(ttl=ttl)
    yield probe.but(source=own)
    for source in ("127.0.0.1", "224.0.0.5", "0.0.0.0", "255.255.255.255") if probe.family == 4 else ():
        yield probe.but(source=source)
    for group in ("224.0.0.1", "224.0.0.5", "255.255.255.255") if probe.family == 4 else ("ff02::1", "ff02::5"):
        yield probe.but(destination=group)


def malformed(probe):
    """Everything of protocol.md's kinds, in the clothes of a winner (255) and of one who leaves (0)."""
    for priority in (255, 0):
        clothed = probe.but(priority=priority)
        yield from _headers(clothed)
        yield from _lengths(clothed)
        yield from _addressing(clothed)
        yield clothed.but(checksum="bad")


def _router(shown, name):
    return next(each for each in shown["routers"] if each["name"] == name)


def test_every_malformed_packet(bench):
    """0 transitions: of routers that are Active, and of others that are Backup and kept so by a real advert."""
    active = {flavour: bench.router(f"active-{flavour}", flavour) for flavour in FLAVOURS}
    backup = {flavour: bench.router(f"backup-{flavour}", flavour) for flavour in FLAVOURS}
    bench.start()
    bench.wait_active()
    for flavour in FLAVOURS:
        bench.send(backup[flavour].probe)
    wait_for(lambda: all(_router(bench.device.show(), f"backup-{each}")["state"] == "backup" for each in FLAVOURS),
             10, "Backups")
    before = bench.device.show()
    count = 0
    for flavour in FLAVOURS:
        for victim in (active[flavour], backup[flavour]):
            for place, frame in enumerate(malformed(victim.probe)):
                if place % 50 == 0:
                    for each in backup.values():
                        bench.send(each.probe)
                bench.tester.send(frame.frames())
                count += 1
    assert count > 4000
    after = bench.device.show()
    for name in [router.name for router in (*active.values(), *backup.values())]:
        then, now = _router(before, name), _router(after, name)
        assert then["state"] == now["state"], name
        assert then["counters"]["transitions"] == now["counters"]["transitions"], name
        assert sum(now["drops"].values()) > sum(then["drops"].values()), f"{name} counted nothing"


def _thread_seconds(pid, name):
    """CPU time of a thread."""
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/stat", encoding="ascii") as stream:
            text = stream.read()
        if f"({name})" in text:
            fields = text.rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    raise AssertionError(f"no thread {name}")


STRANGER_MAC = "02:00:00:00:99:99"


def _spoofed(bench, router):
    """Adverts for all 256 VRIDs from hundreds of hosts: unknown ones, lower ones, and broken ones."""
    frames = []
    for number in range(512):
        source = f"10.9.{3 + number // 200}.{1 + number % 200}"
        frame = router.probe.but(source=source, wire_vrid=number % 256, priority=1 + number % 90,
                                 mac_source=STRANGER_MAC)
        frames += frame.but(checksum="bad" if number % 3 else "auto").frames()
    return frames


@pytest.mark.timing
@pytest.mark.parametrize("rate", [50_000, 100_000])
def test_R35_flood(bench, folder, ended, rate):
    """Own adverts keep their time, the Active stays so, and the engine's use of the CPU has a bound."""
    seconds = 6
    router = bench.router("one", "v3", interval=0.2)
    bench.start()
    bench.wait_active()
    stalls = ended(Stalls(folder))
    frames = _spoofed(bench, router)
    bench.capture.ignore(STRANGER_MAC)
    used = _thread_seconds(bench.device.pid, "engine")
    flood = ended(Flood(folder, bench.tester, frames, rate, seconds))
    since = bench.capture.last_time()
    sent = flood.wait()
    used = _thread_seconds(bench.device.pid, "engine") - used
    assert sent > rate * seconds * 0.5, f"only {sent} frames got out"
    assert used < 0.9 * seconds, f"the engine used {used:.1f} s of {seconds} s"
    shown = _router(bench.device.show(), "one")
    assert (shown["state"], shown["counters"]["transitions"]) == ("active", 1)
    # Answers to lower priorities are adverts as well: those that are not on the grid are left out.
    adverts = [each for each in router.adverts(since) if each.time <= since + seconds]
    assert len(adverts) >= seconds / router.interval
    lateness = Lateness(0.020, router.interval, stalls, share=0.05)
    add_rhythm(lateness, adverts, router.interval, adverts[-1].time)
    lateness.judge()
