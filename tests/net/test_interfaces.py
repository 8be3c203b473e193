# SPDX-License-Identifier: ISC
"""Interfaces that come, go, flap, change their name, their MAC address or their bridge under a router."""

import json
import time

import pytest

from harness.churn import LIMIT, create, is_active, start_active, states, wait_active, wait_state
from harness.config import Instance, configuration
from harness.frame import virtual_mac
from harness.pair import Pair, Side
from harness.stalls import Stalls
from harness.wait import observe, wait_for

pytestmark = pytest.mark.agent_only

FOUR = Instance("four", 71, ("198.51.100.71/24",), interval=0.2)
SIX = Instance("six", 72, ("fe80::5e:72/64", "2001:db8:5e::72/64"), interval=0.2)
VMAC = FOUR.but(extra=("use_vmac",))
OWN = ("192.0.2.1/24", "fe80::1/64")
# Seconds until another MAC address is announced.
ANNOUNCED = 1.0


def start(device, capture, *instances):
    start_active(device, capture, configuration(instances), instances)


def delete(host, interface="eth0"):
    host.ip("link", "del", interface)


# ---- The interface of the router ----


@pytest.mark.parametrize("instances", [(FOUR, SIX), (VMAC,)], ids=["plain", "vmac"])
def test_deleted_and_made_anew(network, alone, capture, instances):
    start(alone, capture, *instances)
    for number in range(3):
        index = alone.host.index()
        delete(alone.host)
        wait_state(alone, "fault", f"without the interface, {number}")
        create(network, alone.host, OWN)
        assert alone.host.index() != index
        wait_active(alone, capture, instances, f"made anew, {number}")


@pytest.mark.parametrize("instances", [(FOUR, SIX), (VMAC,)], ids=["plain", "vmac"])
def test_renamed_away_and_back(alone, capture, instances):
    """The name is what counts. The interface that has another is not ours any more, nor are our addresses on it."""
    addresses = {each.split("/")[0] for instance in instances for each in instance.addresses}
    start(alone, capture, *instances)
    for number in range(2):
        alone.host.ip("link", "set", "eth0", "name", "away")
        wait_state(alone, "fault", f"under another name, {number}")
        wait_for(lambda: not addresses & alone.host.held(), LIMIT,
                 lambda: f"the removal of the addresses:\n{alone.host.ip('addr').stdout}")
        alone.host.ip("link", "set", "away", "name", "eth0")
        wait_active(alone, capture, instances, f"under its name, {number}")


def test_what_became_of_it_is_told(alone, capture):
    """In the log, the table and by doctor: it has another name, or there is none; also if it was switched off first."""

    def says(*texts):
        log = alone.log()
        return all(text in log for text in texts)

    def table():
        return alone.control("show").stdout

    start(alone, capture, FOUR)
    alone.host.ip("link", "set", "eth0", "name", "away")
    wait_state(alone, "fault", "under another name")
    wait_for(lambda: says("four: active -> fault: there is no interface eth0: it is called away now\n"), LIMIT, alone.log)
    assert "fault (renamed to away)" in table() and "fault       renamed to away" in alone.control("show", "four").stdout
    doctor = alone.control("doctor", check=False).stdout
    assert "four is in fault: renamed to away" in doctor and "ip link set away name eth0" in doctor, doctor
    [router] = alone.show()["routers"]
    assert (router["interface_missing"], router["interface_renamed_to"]) == (True, "away")
    alone.host.ip("link", "set", "away", "name", "eth0")
    wait_active(alone, capture, [FOUR], "under its name")
    alone.host.ip("link", "set", "eth0", "down")
    wait_state(alone, "fault", "switched off")
    wait_for(lambda: says("four: active -> fault: the interface is down (eth0)\n"), LIMIT, alone.log)
    [router] = alone.show()["routers"]
    assert (router["interface_missing"], router["interface_renamed_to"]) == (False, None) and "fault (link)" in table()
    alone.host.ip("link", "set", "eth0", "name", "away")
    gone = "warning core: eth0: there is no interface of that name any more: it is called away now\n"
    wait_for(lambda: says(gone), LIMIT, alone.log)
    wait_for(lambda: "fault (renamed to away)" in table(), LIMIT, table)
    delete(alone.host, "away")
    wait_for(lambda: "fault (no interface)" in table(), LIMIT, table)
    assert "is eth0 its right name?" in alone.control("doctor", check=False).stdout


def test_two_interfaces_exchange_their_names(network, alone, capture):
    alone.host.add_interface("eth1", ("203.0.113.1/24",))
    start(alone, capture, FOUR)
    first, second = alone.host.index("eth0"), alone.host.index("eth1")
    alone.host.batch("link set eth0 name swap\nlink set eth1 name eth0\nlink set swap name eth1\n")
    assert (alone.host.index("eth0"), alone.host.index("eth1")) == (second, first)
    wait_for(lambda: [each["dev"] for each in alone.host.addresses()
                      if each["local"] == "198.51.100.71"] == ["eth0"], LIMIT,
             lambda: f"the address on the interface that is eth0 now:\n{alone.host.ip('addr').stdout}")
    wait_state(alone, "active", "on the other interface")
    wait_for(lambda: capture.adverts("ours", source="203.0.113.1"), LIMIT, "advertisements from its address")


def test_switched_off_is_no_failure(alone, capture):
    """The kernel takes IPv6 addresses away before it says that the interface is down: that alone is told."""
    start(alone, capture, FOUR, SIX)
    for number in range(3):
        alone.host.ip("link", "set", "eth0", "down")
        wait_state(alone, "fault", f"switched off, {number}")
        wait_for(lambda number=number: alone.log().count("six: active -> fault: the interface is down") > number, LIMIT,
                 alone.log)
        assert "could not be set" not in alone.log()
        alone.host.ip("link", "set", "eth0", "up")
        alone.host.ip("addr", "add", OWN[1], "dev", "eth0", "nodad")
        wait_active(alone, capture, (FOUR, SIX), f"switched on, {number}")


@pytest.mark.parametrize("instances", [(FOUR,), (VMAC,)], ids=["plain", "vmac"])
def test_flaps(network, alone, capture, instances):
    """Off and on in every way, slowly and faster than anybody could follow."""
    start(alone, capture, *instances)
    for number in range(3):
        alone.host.ip("link", "set", "eth0", "down")
        wait_state(alone, "fault", f"switched off, {number}")
        alone.host.ip("link", "set", "eth0", "up")
        wait_active(alone, capture, instances, f"switched on, {number}")
    port = network.port_of("ours")
    network.set_port(port, "down")
    wait_state(alone, "fault", "without carrier")
    network.set_port(port, "up")
    wait_active(alone, capture, instances, "with carrier")
    alone.host.batch("link set eth0 down\nlink set eth0 up\n" * 50)
    wait_active(alone, capture, instances, "after fifty flaps at once")


# ---- Another MAC address ----


def _announced(capture, since, mac):
    """The first announcement of each address with that MAC, once they are all seen."""
    kinds = {"198.51.100.71": capture.arps, "fe80::5e:72": capture.neighbour_adverts,
             "2001:db8:5e::72": capture.neighbour_adverts}
    return {target: wait_for(
        lambda kind=kind, target=target: [seen for seen in kind("ours", since, target=target) if seen.mac_source == mac],
        LIMIT, f"{target} announced with {mac}")[0] for target, kind in kinds.items()}


def test_another_mac_is_announced(alone, capture):
    """At once, so that no neighbour sends to the old one: by gratuitous ARP and neighbour advertisements."""
    start(alone, capture, FOUR, SIX)
    for number in range(1, 4):
        mac = f"02:00:00:00:77:{number:02x}"
        since = capture.last_time()
        alone.host.ip("link", "set", "eth0", "address", mac)
        _announced(capture, since, mac)
        told = {seen.sender_mac for seen in capture.arps("ours", since, target="198.51.100.71")
                if seen.mac_source == mac}
        assert told == {mac}
        told = {seen.target_mac for seen in capture.neighbour_adverts("ours", since, target="fe80::5e:72")
                if seen.mac_source == mac}
        assert told == {mac}
        assert set(states(alone).values()) == {"active"}


@pytest.mark.timing
def test_another_mac_is_announced_in_time(alone, capture, folder, ended):
    stalls = ended(Stalls(folder))
    start(alone, capture, FOUR, SIX)
    for number in range(1, 4):
        mac = f"02:00:00:00:78:{number:02x}"
        changed = time.time()
        alone.host.ip("link", "set", "eth0", "address", mac)
        for target, seen in _announced(capture, changed, mac).items():
            took = seen.time - stalls.ready(changed)
            assert took < ANNOUNCED, f"{target} announced after {took * 1000:.0f} ms"


def test_another_mac_of_the_parent(alone, capture):
    """The virtual MAC stays what it is, and so does the router."""
    start(alone, capture, VMAC)
    since = capture.last_time()
    alone.host.ip("link", "set", "eth0", "address", "02:00:00:00:77:09")
    wait_for(lambda: len(capture.adverts("ours", since=since)) > 5, LIMIT, "advertisements")
    assert {seen.mac_source for seen in capture.adverts("ours", since=since)} == {virtual_mac(71, 4)}
    assert not [seen for seen in capture.adverts("ours", since=since) if seen.priority == 0]
    assert is_active(alone, [VMAC])


# ---- A bridge ----


def test_enslaved_and_released(network, alone, capture, devices, peer_kind):
    """A port of a bridge hears no IP: the peer takes over or both are Active; once it is released all is as before."""
    theirs = Side(devices(peer_kind, network.host("theirs")), FOUR.but(priority=50))
    ours = Side(alone, FOUR)
    pair = Pair(capture, ours, theirs)
    pair.settle()
    host = alone.host
    host.batch("link add bridge type bridge stp_state 0\nlink set bridge up\n")
    for number in range(2):
        host.ip("link", "set", "eth0", "master", "bridge")
        observe(3 * FOUR.interval, "what the port of a bridge does", lambda: not alone.process.alive())
        host.ip("link", "set", "eth0", "nomaster")
        pair.wait_active(ours, theirs, LIMIT)
        assert host.index() and set(states(alone).values()) == {"active"}, f"release {number}"


def test_router_of_a_bridge_whose_port_comes_and_goes(network, alone, capture):
    """The usual shape: the router's interface is the bridge, and takes its MAC address from its ports."""
    host = alone.host
    host.batch("link add bridge type bridge stp_state 0 forward_delay 0\nlink set bridge up\n"
               "addr flush dev eth0\nlink set eth0 master bridge\naddr add 192.0.2.1/24 dev bridge\n")
    bridged = FOUR.but(interface="bridge")
    start(alone, capture, bridged)
    for number in range(2):
        host.ip("link", "set", "eth0", "nomaster")
        wait_state(alone, "fault", f"a bridge without ports, {number}")
        since = capture.last_time()
        host.ip("link", "set", "eth0", "master", "bridge")
        wait_active(alone, capture, [bridged], f"a bridge with its port, {number}")
        mac = json.loads(host.ip("-j", "link", "show", "bridge").stdout)[0]["address"]
        wait_for(lambda: [seen for seen in capture.arps("ours", since, target="198.51.100.71")
                          if seen.sender_mac == mac], LIMIT, f"an announcement with {mac}")


# ---- Interfaces of addresses ----


def test_address_whose_interface_appears_later(network, alone, capture):
    """The router waits for it, and is Active as soon as it is there, however long that took; every time."""
    elsewhere = FOUR.but(addresses=("198.51.100.71/24", "203.0.113.71/24 dev later"))
    alone.start(configuration([elsewhere]))
    wait_for(lambda: alone.control("show", "--json", check=False).returncode == 0, LIMIT, "an answer to vrrpctl")
    for number in range(2):
        wait_state(alone, "fault", f"without the interface of an address, {number}")
        observe(3, "the waiting for an interface", lambda: set(states(alone).values()) != {"fault"})
        alone.host.batch("link add later type bridge\nlink set later up\n")
        wait_for(lambda: is_active(alone, [elsewhere]), 5, lambda: f"an address on its interface, {number}:\n"
                 f"{alone.host.ip('addr').stdout}\n{alone.log()[-2000:]}")
        delete(alone.host, "later")
    wait_state(alone, "fault", "at the end")
    alone.stop()
    assert not alone.host.has("198.51.100.71")


NEWLY_NAMED = {
    "new1": FOUR.but(extra=("track_interface {", "new1", "}")),
    "new2": FOUR.but(extra=("track_interface {", "new2 weight -30", "}")),
    "new3": FOUR.but(addresses=("198.51.100.71/24", "203.0.113.71/32 dev new3")),
    "new4": FOUR.but(extra=("virtual_routes {", "203.0.113.0/24 dev new4", "}")),
}


def test_first_named_by_a_reload(alone, capture):
    """An interface that the configuration never had costs an Active router nothing if it is up, and is a fault
    if it is not there."""

    def reload(instance):
        alone.configure(configuration([instance]))
        alone.control("config", "reload")

    def in_use():
        up = [tracker["name"] for tracker in alone.show()["routers"][0]["trackers"] if tracker["state"] == "ok"]
        return "".join((*up, alone.host.ip("route").stdout, alone.host.ip("-o", "-4", "addr").stdout))

    alone.host.batch("".join(f"link add {name} type bridge\nlink set {name} up\n" for name in NEWLY_NAMED))
    start(alone, capture, FOUR)
    since = len(alone.log())
    for name, instance in NEWLY_NAMED.items():
        reload(instance)
        wait_for(lambda name=name: name in in_use(), LIMIT, f"{name} in use")
    news = alone.log()[since:]
    assert "-> fault" not in news and "-> backup" not in news and "effective priority" not in news, news
    reload(FOUR.but(extra=("track_interface {", "missing", "}")))
    wait_state(alone, "fault", "with an interface that is not there")
    assert "active -> fault: interface missing is not there" in alone.log()


def test_address_that_can_be_set_later(alone, capture):
    """Where its interface is no fault: that it could not be set is told, and that it is there after all."""
    alone.start(configuration([FOUR.but(addresses=("198.51.100.71/24", "203.0.113.71/24 dev later no_track"))],
                              other="static_ipaddress {\n    203.0.113.9/32 dev later\n}\n"))
    failed = ("four: addresses could not be set", "static: a static address could not be set: 203.0.113.9")
    there = ("four: all addresses are there now\n", "static: all static addresses are there now\n")
    wait_for(lambda: all(text in alone.log() for text in failed), LIMIT, alone.log)
    assert not [text for text in there if text in alone.log()]
    alone.host.batch("link add later type bridge\nlink set later up\n")
    wait_for(lambda: all(text in alone.log() for text in there), LIMIT, alone.log)
    assert alone.host.has("203.0.113.71") and alone.host.has("203.0.113.9")


def test_router_whose_interface_appears_later(network, alone, capture):
    """Nothing to do with its interface, until there is one."""
    delete(alone.host)
    alone.start(configuration([FOUR]))
    wait_for(lambda: alone.control("show", "--json", check=False).returncode == 0, LIMIT, "an answer to vrrpctl")
    wait_state(alone, "fault", "without its interface")
    observe(3, "the waiting for an interface", lambda: set(states(alone).values()) != {"fault"})
    create(network, alone.host, OWN)
    wait_active(alone, capture, [FOUR], "the interface that came later")
