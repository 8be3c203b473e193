# SPDX-License-Identifier: ISC
"""Failover between the device and keepalived, each Active in turn, dead and in order: by multicast, by unicast and
inside AH. The routers of all flavours run at once, so that their protocol's seconds pass at once."""

import itertools

import pytest

from harness.config import Instance, password
from harness.device import finish
from harness.folder import ShortFolder
from harness.namespace import Network
from harness.pair import Pair, Side
from harness.tshark import assert_clean, decode_adverts

# A deadline never comes early; this is how late it may be on a busy machine (timing tests are stricter).
EARLY, LATE = 0.010, 0.350

PASS = password("x1er44q")
AH = password("x1er44q", "AH")


def four(vrid, **fields):
    return Instance(f"four-{vrid}", vrid, (f"198.51.100.{vrid}/24", f"198.51.100.{100 + vrid}/24"), **fields)


def six(vrid, *addresses):
    return Instance(f"six-{vrid}", vrid, addresses, interval=0.2)


# name: (instance, the form of the two hosts' addresses that speak to each other, or None for the group)
FLAVOURS = {
    "v2": (four(51, version=2), None),
    "v2-pass": (four(52, version=2, extra=PASS), None),
    "v3": (four(53, interval=0.2), None),
    "v6": (six(54, "fe80::5e:54/64", "2001:db8::5e:54/64"), None),
    "listed-twice": (Instance(
        "twice-55", 55, ("198.51.100.55/24", "198.51.100.155/24", "198.51.100.55/24 label eth0:vip"), version=2,
        extra=("virtual_ipaddress_excluded {", "    198.51.100.155/24", "}")), None),
    "ah": (four(61, version=2, extra=AH), None),
    "unicast-v2": (four(62, version=2), "192.0.2.{}"),
    "unicast-v2-pass": (four(63, version=2, extra=PASS), "192.0.2.{}"),
    "unicast-v2-ah": (four(64, version=2, extra=AH), "192.0.2.{}"),
    "unicast-v3": (four(65, interval=0.2), "192.0.2.{}"),
    "unicast-v6": (six(66, "fe80::5e:66/64", "2001:db8::5e:66/64"), "fe80::{}"),
    "unicast-v6-global": (six(67, "2001:db8::5e:67/64"), "2001:db8::{}"),
}
# tshark knows the checksums of these.
DECODED = ("v2", "v2-pass", "v3", "v6")
RUNS = list(itertools.product(("device-active", "keepalived-active"), ("dead", "orderly")))


def speaking(flavour, priority, here, there):
    """The flavour's instance on one of two hosts, with the other as its only peer where it has one."""
    instance, form = FLAVOURS[flavour]
    peer = () if form is None else (
        f"unicast_src_ip {form.format(here.number)}", "unicast_peer {", f"    {form.format(there.number)}", "}")
    return instance.but(priority=priority, extra=instance.extra + peer)


def sides(device, other, priority):
    """{flavour: its side on a device that runs them all}."""
    instances = {flavour: speaking(flavour, priority, device.host, other.host) for flavour in FLAVOURS}
    return {flavour: Side(device, instance, list(instances.values())) for flavour, instance in instances.items()}


class Failover:
    """Who was Active ends and returns; each flavour's wire says how that went."""

    def __init__(self, network, active, backup):
        self.capture = network.capture()
        first, second = sides(active, backup, 150), sides(backup, active, 100)
        self.pairs = {flavour: Pair(self.capture, first[flavour], second[flavour]) for flavour in FLAVOURS}
        self.taken = self.left_behind = self.held_twice = None

    def _wait_active(self, returned):
        for pair in self.pairs.values():
            pair.wait_active(*(pair.active, pair.backup) if returned else (pair.backup, pair.active))

    def run(self, end):
        for pair in self.pairs.values():
            pair.settle()
        one = self.pairs["v2"]
        before = self.capture.last_time()
        if end == "dead":
            one.active.device.kill()
        else:
            one.active.device.stop()
        self.taken = {flavour: pair.takeover_excess(before) for flavour, pair in self.pairs.items()}
        self._wait_active(returned=False)
        self.left_behind = {flavour for flavour, pair in self.pairs.items() if not pair.active.holds_none()}
        one.active.start()
        self._wait_active(returned=True)
        self.held_twice = {flavour for flavour, pair in self.pairs.items() if not pair.backup.holds_none()}


@pytest.fixture(scope="module", params=[
    pytest.param(run, id="-".join(run), marks=pytest.mark.xdist_group("interop-" + "-".join(run))) for run in RUNS])
def failover(request, dut_kind, peer_kind, tmp_path_factory):
    """(the end, the failover)"""
    roles, end = request.param
    folder = ShortFolder(tmp_path_factory.mktemp("interop") / "files")
    with Network() as network:
        ours = dut_kind(network.host("ours"), folder.path)
        theirs = peer_kind(network.host("theirs"), folder.path)
        try:
            done = Failover(network, *(ours, theirs) if roles == "device-active" else (theirs, ours))
            done.run(end)
            yield end, done
        finally:
            finish([ours, theirs])
            folder.close()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_failover_and_return(failover, flavour):
    end, done = failover
    excess, last_priority = done.taken[flavour]
    assert (last_priority == 0) == (end == "orderly")
    assert -EARLY <= excess <= LATE, f"taken over {excess * 1000:.1f} ms after the protocol's time"
    assert end == "dead" or flavour not in done.left_behind, "addresses were left behind"
    assert flavour not in done.held_twice, "two hosts hold the addresses"


@pytest.mark.parametrize("flavour", DECODED)
def test_tshark_has_nothing_to_remark(failover, need, tmp_path, flavour):
    need("tshark")
    _, done = failover
    for side in (done.pairs[flavour].active, done.pairs[flavour].backup):
        sent = decode_adverts(done.capture, tmp_path, side.host.name)
        assert_clean([each for each in sent if each["vrrp.virt_rtr_id"] == str(side.instance.vrid)])
