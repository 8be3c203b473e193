# SPDX-License-Identifier: ISC
"""Virtual routers on VLAN interfaces."""

import pytest

from harness.config import Instance
from harness.wait import wait_for

TAGGED = Instance("tagged", 51, ("198.51.100.1/24", "198.51.100.2/24"), interface="eth0.100")
OTHERS = TAGGED.but(name="others", interface="eth0.200", addresses=("198.51.100.200/24",))
UNTAGGED = TAGGED.but(name="untagged", interface="eth0", addresses=("192.0.2.100/24",))
SIX = TAGGED.but(name="six", addresses=("fe80::5e:1/64", "2001:db8:1::5e:1/64"))
SIX_OTHERS = TAGGED.but(name="six_others", interface="eth0.200", addresses=("fe80::5e:2/64", "2001:db8:1::5e:2/64"))


def vlan(host, *numbers):
    """VLAN interfaces on a host, each with addresses of its own network."""
    host.batch("".join(
        f"link add link eth0 name eth0.{number} type vlan id {number}\n"
        f"link set eth0.{number} addrgenmode eui64\n"
        f"link set eth0.{number} up\n"
        f"addr add 10.{number}.0.{host.number}/24 dev eth0.{number}\n" for number in numbers))


@pytest.fixture(scope="module")
def world(duo):
    """Five virtual routers of one VRID, which only interface and family tell apart."""
    for host in duo.hosts.values():
        vlan(host, 100, 200)
    duo.pair(TAGGED, "ours", vlan=100, family=4)
    duo.pair(OTHERS, "theirs", vlan=200, family=4)
    duo.pair(UNTAGGED, "ours", vlan=0, family=4)
    duo.pair(SIX, "theirs", vlan=100, family=6)
    duo.pair(SIX_OTHERS, "ours", vlan=200, family=6)
    return duo


def test_each_on_its_own(world):
    """Every one is Active where it should be, with its addresses on its interface, announced in its VLAN only."""
    world.settle()
    for pair in world.pairs:
        first = pair.active
        on = {entry["dev"] for entry in first.host.addresses() if entry["local"] in first.addresses}
        assert on == {first.instance.interface}
        announced = {seen.vlan for seen in world.capture.frames() if seen.target in first.addresses}
        assert announced == {pair.fields["vlan"]}


@pytest.mark.parametrize("name", ["ours", "theirs"])
def test_failover_and_return(world, name):
    """The device dies, then keepalived: the other takes over all that it was Active for, and gives it back."""
    world.settle()
    assert min(world.fail_over(name)) > -0.02, "before its Active_Down"


@pytest.mark.parametrize("cut", ["parent-down", "parent-without-carrier", "deleted"])
def test_interface_goes_and_returns(world, cut):
    """A VLAN interface follows its parent; deleted and made again it is another one with the same name."""
    world.settle()
    pair, ours = world.pairs[0], world.hosts["ours"]
    port = world.network.port_of("ours")
    if cut == "parent-down":
        ours.ip("link", "set", "eth0", "down")
    elif cut == "parent-without-carrier":
        world.network.switch_run("ip", "link", "set", port, "down")
    else:
        ours.ip("link", "del", "eth0.100")
    pair.wait_active(pair.backup, pair.active, 30)
    wait_for(pair.active.holds_none, 10, "the removal of the addresses")
    if cut == "parent-down":
        ours.ip("link", "set", "eth0", "up")
    elif cut == "parent-without-carrier":
        world.network.switch_run("ip", "link", "set", port, "up")
    else:
        vlan(ours, 100)
    pair.wait_active(pair.active, pair.backup, 30)
    assert pair.backup.holds_none()
