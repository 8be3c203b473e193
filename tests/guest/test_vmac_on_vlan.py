# SPDX-License-Identifier: ISC
"""Virtual MAC addresses on a VLAN interface."""

import pytest

from harness.config import Instance
from harness.frame import virtual_mac

VIRTUAL = Instance("virtual", 51, ("198.51.100.1/24",), interface="eth0.100", extra=("use_vmac",))


@pytest.fixture(scope="module")
def world(duo):
    """One virtual router that each device is the first of."""
    for host in duo.hosts.values():
        host.batch("link add link eth0 name eth0.100 type vlan id 100\nlink set eth0.100 up\n"
                   f"addr add 10.100.0.{host.number}/24 dev eth0.100\n")
    duo.pair(VIRTUAL, "ours", vlan=100)
    duo.pair(VIRTUAL.but(name="second", vrid=52, addresses=("198.51.100.2/24",)), "theirs", vlan=100)
    return duo


def test_virtual_mac_in_the_vlan(world):
    """Advertisements and announcements come from the virtual MAC, with the VLAN's tag."""
    world.settle()
    for pair in world.pairs:
        mac = virtual_mac(pair.active.instance.vrid, 4)
        assert {seen.mac_source for seen in pair.adverts(pair.active)} == {mac}
        announced = {(seen.mac_source, seen.vlan) for seen in world.capture.arps(pair.active.host.name)
                     if seen.gratuitous and seen.target in pair.active.addresses}
        assert announced == {(mac, 100)}


@pytest.mark.parametrize("name", ["ours", "theirs"])
def test_failover_and_return(world, name):
    """The device dies, then keepalived: the other takes over, and gives back."""
    world.settle()
    assert min(world.fail_over(name)) > -0.02, "before its Active_Down"
