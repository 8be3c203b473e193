# SPDX-License-Identifier: ISC
"""Virtual routers on bonds and on dummies."""

import pytest

from harness.config import Instance
from harness.wait import observe, wait_for

BONDED = Instance("bonded", 51, ("198.51.100.1/24", "198.51.100.2/24"), interface="bond0")
BONDED_SIX = BONDED.but(name="bonded_six", addresses=("fe80::5e:1/64", "2001:db8:1::5e:1/64"))
ON_DUMMY = Instance("on_dummy", 61, ("198.51.100.61/24",), interface="dummy0")
TO_DUMMY = Instance("to_dummy", 62, ("198.51.100.62/32 dev dummy0",))


@pytest.fixture(scope="module")
def world(duo):
    """bond0 over eth1 and eth2, which announces nothing by itself; a dummy that passes for a network."""
    duo.add_interface("eth1", 1, "br1")
    for host in duo.hosts.values():
        host.add_interface("eth2", segment="br1")
        host.batch("link add bond0 type bond mode active-backup miimon 100 num_grat_arp 0\n"
                   "link set bond0 addrgenmode eui64\n"
                   "link set eth1 down\nlink set eth1 master bond0\nlink set eth2 down\nlink set eth2 master bond0\n"
                   "link set bond0 type bond active_slave eth1\nlink set bond0 up\n"
                   f"addr add 10.9.0.{host.number}/24 dev bond0\n"
                   "link add dummy0 multicast on type dummy\nlink set dummy0 up\n"
                   f"addr add 10.8.0.{host.number}/24 dev dummy0\n")
    duo.pair(BONDED, "ours", family=4)
    duo.pair(BONDED_SIX, "ours", family=6)
    duo.pair(BONDED.but(name="second", vrid=52, addresses=("198.51.100.52/24",)), "theirs")
    duo.pair(TO_DUMMY, "ours")
    duo.everywhere(ON_DUMMY)
    return duo


def on(host, address):
    """The interfaces that hold an address."""
    return {entry["dev"] for entry in host.addresses() if entry["local"] == address}


def test_dummy(world):
    """A dummy holds what a router elsewhere is Active for; on a dummy everybody is alone, and Active."""
    world.settle()
    assert on(world.hosts["ours"], "198.51.100.62") == {"dummy0"}
    for host in world.hosts.values():
        wait_for(lambda: on(host, "198.51.100.61") == {"dummy0"}, 30, f"{host.name} Active on its dummy")


def test_change_of_path(world):
    """The bond's other member takes over: the addresses are announced there, and nobody changes state."""
    world.settle()
    ours = world.hosts["ours"]
    addresses = {address for pair in world.pairs[:2] for address in pair.active.addresses}

    def announced(since, interface):
        return {seen.target for seen in world.capture.frames(since)
                if seen.host == "ours" and seen.interface == interface and seen.target in addresses}

    quiet = world.capture.last_time()
    observe(3, "announcements that nothing called for", lambda: announced(quiet, "eth1"))
    for old, new in (("eth1", "eth2"), ("eth2", "eth1")):
        since = world.capture.last_time()
        ours.ip("link", "set", old, "down")
        wait_for(lambda: announced(since, new) == addresses, 10, f"announcements on {new}")
        ours.ip("link", "set", old, "up")
    for pair in world.pairs:
        pair.wait_active(pair.active, pair.backup)
        assert not pair.adverts(pair.backup, quiet)


@pytest.mark.parametrize("name", ["ours", "theirs"])
def test_all_members_down(world, name):
    """Then it is a bond without carrier: the other takes over, until a member is back."""
    world.settle()
    host = world.hosts[name]
    bonded = [pair for pair in world.of(name) if pair.active.instance.interface == "bond0"]
    host.batch("link set eth1 down\nlink set eth2 down\n")
    for pair in bonded:
        pair.wait_active(pair.backup, pair.active, 30)
        wait_for(pair.active.holds_none, 10, "the removal of the addresses")
    host.batch("link set eth2 up\nlink set eth1 up\n")
    world.settle()
