# SPDX-License-Identifier: ISC
"""What needs a quiet machine: the exact interval (T13), the exact takeover."""

import pytest

from harness.config import Instance, configuration
from harness.pair import Pair, Side
from harness.rhythm import Lateness, add_rhythm, gaps
from harness.stalls import Stalls
from harness.wait import observe

pytestmark = pytest.mark.timing

EXACT = 0.010
EARLY = 0.001
TRIALS = 3
SECONDS = 6
RHYTHMS = [Instance(name, vrid, (f"198.51.100.{vrid}/24",), interval=interval, version=version)
           for name, vrid, interval, version in (
               ("fastest", 91, 0.01, 3), ("fast", 92, 0.1, 3), ("slow", 93, 1, 3), ("slow-v2", 94, 1, 2))]
TAKEN = [Instance("fast", 95, ("198.51.100.95/24",), interval=0.1), Instance("slow", 96, ("198.51.100.96/24",))]


def _check_rhythm(router, adverts, seconds, stalls):
    """Every gap is the interval within 10 ms, and they do not drift.

    After a stall of more than an interval a new rhythm begins: such a gap is the machine's (`lateness` has judged
    it), and no drift.
    """
    interval = router.interval
    measured = gaps(adverts)
    assert len(measured) >= seconds / interval * 0.95
    lateness = Lateness(EXACT, max(interval, 5 * EXACT), stalls)
    add_rhythm(lateness, adverts, interval, adverts[-1].time)
    lateness.judge()
    # A gap is short only by as much as the one before it was long.
    for before, gap in zip([interval, *measured], measured):
        assert interval - gap <= EXACT + max(0, before - interval), f"{router.name}: a gap of {gap * 1000:.1f} ms"
    rhythmic = [gap for gap in measured if gap < 1.9 * interval]
    assert len(rhythmic) >= 0.9 * len(measured), f"{router.name}: {measured}"
    mean = sum(rhythmic) / len(rhythmic)
    assert abs(mean - interval) <= interval * 0.02, f"{router.name}: {mean * 1000:.3f} ms on an average"


def test_T13_interval(network, devices, dut_kind, folder, ended):
    """Of several at once, long ones and short ones."""
    device = devices(dut_kind, network.host("ours"))
    stalls = ended(Stalls(folder))
    capture = network.capture()
    device.start(configuration(RHYTHMS))
    for router in RHYTHMS:
        capture.wait_advert(10, host="ours", vrid=router.vrid)
    observe(SECONDS + 2, "the rhythm of the advertisements")
    for router in RHYTHMS:
        _check_rhythm(router, capture.adverts("ours", router.vrid), SECONDS, stalls)


def _own_lateness(pair, since, stalls):
    """Seconds by which the Backup was later than the protocol's time and the machine at its two ends."""
    excess, _ = pair.takeover_excess(since)
    assert excess >= -EARLY, f"{-excess * 1000:.2f} ms before the protocol's time"
    taken = pair.adverts(pair.backup, since)[0].time
    last = [seen for seen in pair.adverts(pair.active) if seen.time < taken][-1].time
    due = stalls.ready(last) - last + taken - excess
    return taken - stalls.ready(due)


@pytest.mark.parametrize("end", ["dead", "orderly"])
def test_takeover_is_exact(network, devices, dut_kind, peer_kind, folder, ended, end):
    """The device as Backup takes over when the protocol says, within 10 ms and never before.

    A takeover that is late is tried again: what is the program's doing shows in two of three.
    """
    highest = [router.but(priority=150) for router in TAKEN]
    theirs, ours = devices(peer_kind, network.host("theirs")), devices(dut_kind, network.host("ours"))
    stalls = ended(Stalls(folder))
    capture = network.capture()
    pairs = [Pair(capture, Side(theirs, high, highest), Side(ours, low, TAKEN)) for high, low in zip(highest, TAKEN)]
    lateness = [[] for _ in pairs]
    for _ in range(TRIALS):
        for pair in pairs:
            pair.settle()
        since = capture.last_time()
        if end == "dead":
            theirs.kill()
        else:
            theirs.stop()
        for pair, found in zip(pairs, lateness):
            found.append(_own_lateness(pair, since, stalls))
        if all(found[0] <= EXACT for found in lateness):
            break
    for router, found in zip(TAKEN, lateness):
        assert sorted(found)[len(found) // 2] <= EXACT, f"{router.name} late by {found} s"
