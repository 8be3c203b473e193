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


@pytest.mark.parametrize("interval, version, seconds", [(0.01, 3, 3), (0.1, 3, 5), (1, 3, 6), (1, 2, 6)])
def test_T13_interval(network, devices, dut_kind, folder, ended, interval, version, seconds):
    """Every gap is the interval within 10 ms, and they do not drift."""
    device = devices(dut_kind, network.host("ours"))
    stalls = ended(Stalls(folder))
    capture = network.capture()
    device.start(configuration([Instance("one", 91, ("198.51.100.1/24",), interval=interval, version=version)]))
    capture.wait_advert(10, host="ours")
    observe(seconds + 2 * interval, "the rhythm of the advertisements")
    adverts = capture.adverts("ours")
    measured = gaps(adverts)
    assert len(measured) >= seconds / interval * 0.95
    lateness = Lateness(EXACT, max(interval, 5 * EXACT), stalls)
    add_rhythm(lateness, adverts, interval, adverts[-1].time)
    lateness.judge()
    # A gap is short only by as much as the one before it was long.
    for before, gap in zip([interval, *measured], measured):
        assert interval - gap <= EXACT + max(0, before - interval), f"a gap of {gap * 1000:.1f} ms"
    assert abs(sum(measured) / len(measured) - interval) <= interval * 0.02


def _own_lateness(pair, since, stalls):
    """Seconds by which the Backup was later than the protocol's time and the machine at its two ends."""
    excess, _ = pair.takeover_excess(since)
    assert excess >= -EARLY, f"{-excess * 1000:.2f} ms before the protocol's time"
    taken = pair.adverts(pair.backup, since)[0].time
    last = [seen for seen in pair.adverts(pair.active) if seen.time < taken][-1].time
    due = stalls.ready(last) - last + taken - excess
    return taken - stalls.ready(due)


@pytest.mark.parametrize("interval", [0.1, 1])
@pytest.mark.parametrize("end", ["dead", "orderly"])
def test_takeover_is_exact(network, devices, dut_kind, peer_kind, folder, ended, interval, end):
    """The device as Backup takes over when the protocol says, within 10 ms and never before.

    A takeover that is late is tried again: what is the program's doing shows in two of three.
    """
    lateness = []
    instance = Instance("one", 92, ("198.51.100.1/24",), interval=interval)
    theirs = Side(devices(peer_kind, network.host("theirs")), instance.but(priority=150))
    ours = Side(devices(dut_kind, network.host("ours")), instance)
    stalls = ended(Stalls(folder))
    pair = Pair(network.capture(), theirs, ours)
    for _ in range(TRIALS):
        pair.settle()
        since = pair.capture.last_time()
        if end == "dead":
            theirs.device.kill()
        else:
            theirs.device.stop()
        lateness.append(_own_lateness(pair, since, stalls))
        if lateness[0] <= EXACT:
            break
    assert sorted(lateness)[len(lateness) // 2] <= EXACT, f"late by {lateness} s"
