# SPDX-License-Identifier: ISC
"""What needs a quiet machine: the exact interval (T13), the exact takeover."""

import pytest

from harness.config import Instance, configuration
from harness.pair import Pair, Side
from harness.rhythm import gaps
from harness.stalls import Stalls
from harness.wait import observe

pytestmark = pytest.mark.timing

EXACT = 0.010


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
    for gap, earlier, later in zip(measured, adverts, adverts[1:]):
        # A stall makes one gap longer and the next one shorter.
        stall = stalls.longest(earlier.time - interval, later.time) if abs(gap - interval) > EXACT else 0
        assert abs(gap - interval) <= EXACT + stall, f"a gap of {gap * 1000:.1f} ms"
    assert abs(sum(measured) / len(measured) - interval) <= interval * 0.02


@pytest.mark.parametrize("interval", [0.1, 1])
@pytest.mark.parametrize("end", ["dead", "orderly"])
def test_takeover_is_exact(network, devices, dut_kind, peer_kind, folder, ended, interval, end):
    """The device as Backup takes over when the protocol says, within 10 ms and never before."""
    instance = Instance("one", 92, ("198.51.100.1/24",), interval=interval)
    theirs = Side(devices(peer_kind, network.host("theirs")), instance.but(priority=150))
    ours = Side(devices(dut_kind, network.host("ours")), instance)
    stalls = ended(Stalls(folder))
    pair = Pair(network.capture(), theirs, ours)
    pair.settle()
    since = pair.capture.last_time()
    if end == "dead":
        theirs.device.kill()
    else:
        theirs.device.stop()
    excess, _ = pair.takeover_excess(since)
    taken = pair.adverts(ours, since)[0].time
    stall = stalls.longest(taken - interval, taken) if excess > EXACT else 0
    assert -0.001 <= excess <= EXACT + stall, f"{excess * 1000:.2f} ms after the protocol's time"
