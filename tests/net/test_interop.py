# SPDX-License-Identifier: ISC
"""Failover between the device and keepalived, each Active in turn, dead and in order, decoded by tshark."""

import pytest

from harness.config import Instance, password
from harness.pair import Pair, Side
from harness.tshark import assert_clean, decode_adverts

# A deadline never comes early; this is how late it may be on a busy machine (timing tests are stricter).
EARLY, LATE = 0.010, 0.200

FOUR = ("198.51.100.1/24", "198.51.100.2/24")
SIX = ("fe80::5e:1/64", "2001:db8::5e:1/64")
FLAVOURS = {
    "v2": Instance("one", 51, FOUR, version=2),
    "v2-pass": Instance("one", 52, FOUR, version=2, extra=password("x1er44q")),
    "v3": Instance("one", 53, FOUR, interval=0.2),
    "v6": Instance("one", 54, SIX, interval=0.2),
}


@pytest.fixture(params=sorted(FLAVOURS))
def instance(request):
    return FLAVOURS[request.param]


@pytest.fixture(params=["device-active", "keepalived-active"])
def pair(request, network, devices, dut_kind, peer_kind, instance):
    ours = devices(dut_kind, network.host("ours"))
    theirs = devices(peer_kind, network.host("theirs"))
    active, backup = (ours, theirs) if request.param == "device-active" else (theirs, ours)
    return Pair(network.capture(), Side(active, instance.but(priority=150)), Side(backup, instance))


@pytest.mark.parametrize("end", ["dead", "orderly"])
def test_failover_and_return(pair, need, tmp_path, end):
    need("tshark")
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
    if end == "orderly":
        assert pair.active.holds_none(), "addresses were left behind"
    pair.active.start()
    pair.wait_active(pair.active, pair.backup)
    assert pair.backup.holds_none(), "two hosts hold the addresses"
    for side in (pair.active, pair.backup):
        assert_clean(decode_adverts(pair.capture, tmp_path, side.host.name))
