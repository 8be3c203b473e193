# SPDX-License-Identifier: ISC
"""Virtual routers on interfaces that belong to a VRF."""

import json

import pytest

from harness.config import Instance, configuration

TABLE = "10"
INSIDE = Instance("inside", 51, ("198.51.100.1/24",))
INSIDE_SIX = INSIDE.but(name="inside_six", addresses=("fe80::5e:1/64", "2001:db8:1::5e:1/64"))
OUTSIDE = INSIDE.but(name="outside", interface="eth1", addresses=("203.0.113.1/24",))


@pytest.fixture(scope="module")
def world(duo):
    """eth0 in a VRF, eth1 in none; virtual routers on both that only the interface tells apart."""
    duo.add_interface("eth1", 1, "br1")
    for host in duo.hosts.values():
        host.batch(f"link add red type vrf table {TABLE}\nlink set red up\n"
                   "link set eth0 addrgenmode eui64\nlink set eth0 master red\n")
    duo.pair(INSIDE, "ours", family=4, interface="eth0")
    duo.pair(INSIDE_SIX, "ours", family=6, interface="eth0")
    duo.pair(INSIDE.but(name="second", vrid=52, addresses=("198.51.100.2/24",)), "theirs")
    duo.pair(OUTSIDE, "theirs", family=4, interface="eth1")
    return duo


def local_tables(side):
    """The tables that deliver its addresses to the host itself."""
    family = "-6" if ":" in side.instance.addresses[0] else "-4"
    routes = json.loads(side.host.ip(family, "-j", "route", "show", "table", "all", "type", "local").stdout)
    return {route.get("table", "main") for route in routes if route["dst"] in side.addresses}


def test_each_on_its_own(world):
    """Active where they should be; an address on an interface of the VRF is delivered by the VRF's table."""
    world.settle()
    for pair in world.pairs:
        first = pair.active
        assert local_tables(first) == {TABLE if first.instance.interface == "eth0" else "local"}
        announced = {seen.interface for seen in world.capture.frames()
                     if seen.host == first.host.name and seen.target in first.addresses}
        assert announced == {first.instance.interface}


@pytest.mark.parametrize("name", ["ours", "theirs"])
def test_failover_and_return(world, name):
    """The device dies, then keepalived: the other takes over all that it was Active for, and gives it back."""
    world.settle()
    assert min(world.fail_over(name)) > -0.02, "before its Active_Down"


@pytest.mark.parametrize("name", ["ours", "theirs"])
def test_moved_while_it_runs(world, name):
    """An interface leaves the VRF and comes back: in the end its routers are Active where they were."""
    world.settle()
    host = world.hosts[name]
    for change, table in (("nomaster",), "local"), (("master", "red"), TABLE):
        host.ip("link", "set", "eth0", *change)
        world.settle()
        for pair in world.of(name):
            assert local_tables(pair.active) == {table if pair.active.instance.interface == "eth0" else "local"}


def test_word_vrf(world):
    """Which VRF a virtual MAC device is to be in is not for us to choose silently."""
    code, output = _check(world.devices["ours"], INSIDE.but(extra=("vrf red",)))
    assert code == 2 and "vrf" in output


def _check(device, instance):
    path = device.config_path
    device.config_path = path + ".checked"
    device.configure(configuration([instance]))
    try:
        return device.check()
    finally:
        device.config_path = path
