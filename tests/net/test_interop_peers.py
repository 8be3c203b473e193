# SPDX-License-Identifier: ISC
"""Failover between the device and keepalived by unicast and inside AH, each Active in turn, dead and in order."""

import pytest

from harness.config import Instance, password
from harness.pair import Pair, Side

# A deadline never comes early; this is how late it may be on a busy machine (timing tests are stricter).
EARLY, LATE = 0.010, 0.350

FOUR = ("198.51.100.1/24", "198.51.100.2/24")
SIX = ("fe80::5e:1/64", "2001:db8::5e:1/64")
AH = password("x1er44q", "AH")
FLAVOURS = {
    "ah": (Instance("one", 61, FOUR, version=2, extra=AH), None),
    "unicast-v2": (Instance("one", 62, FOUR, version=2), 4),
    "unicast-v2-pass": (Instance("one", 63, FOUR, version=2, extra=password("x1er44q")), 4),
    "unicast-v2-ah": (Instance("one", 64, FOUR, version=2, extra=AH), 4),
    "unicast-v3": (Instance("one", 65, FOUR, interval=0.2), 4),
    "unicast-v6": (Instance("one", 66, SIX, interval=0.2), 6),
    "unicast-v6-global": (Instance("one", 67, ("2001:db8::5e:1/64",), interval=0.2), 6),
}


def speaking_to(instance, family, ours, theirs):
    """The instance with its own address as source and the other host as its only peer."""
    if family is None:
        return instance
    form = "192.0.2.{}" if family == 4 else "2001:db8::{}" if "global" in instance.name else "fe80::{}"
    return instance.but(extra=instance.extra + (
        f"unicast_src_ip {form.format(ours.number)}",
        "unicast_peer {", f"    {form.format(theirs.number)}", "}"))


@pytest.fixture(params=["device-active", "keepalived-active"])
def roles(request):
    return request.param


@pytest.fixture(params=sorted(FLAVOURS))
def pair(request, roles, network, devices, dut_kind, peer_kind):
    instance, family = FLAVOURS[request.param]
    ours = devices(dut_kind, network.host("ours"))
    theirs = devices(peer_kind, network.host("theirs"))
    active, backup = (ours, theirs) if roles == "device-active" else (theirs, ours)
    return Pair(
        network.capture(),
        Side(active, speaking_to(instance.but(priority=150), family, active.host, backup.host)),
        Side(backup, speaking_to(instance, family, backup.host, active.host)))


@pytest.mark.parametrize("end", ["dead", "orderly"])
def test_failover_and_return(pair, end):
    pair.settle()
    before = pair.capture.last_time()
    if end == "dead":
        pair.active.device.kill()
    else:
        pair.active.device.stop()
    excess, last_priority = pair.takeover_excess(before)
    assert (last_priority == 0) == (end == "orderly")
    assert -EARLY <= excess <= LATE, f"taken over {excess * 1000:.1f} ms after the protocol's time"
    pair.wait_active(pair.backup, pair.active)
    pair.active.start()
    pair.wait_active(pair.active, pair.backup)
    assert pair.backup.holds_none(), "two hosts hold the addresses"
