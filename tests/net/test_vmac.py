# SPDX-License-Identifier: ISC
"""use_vmac: the virtual MAC on a device of its own (T8, D1-D6, D9, D11, D14, D16), made and removed with its router."""

import ipaddress
import json
import struct

import pytest

from harness.config import Instance, configuration
from harness.frame import Advert, checksum, mac_octets, virtual_mac
from harness.pair import Pair, Side
from harness.wait import observe, wait_for

GROUND4 = "192.0.2.100"
OFF4 = "198.51.100.1"
GLOBAL6 = "2001:db8::100"
LOCAL6 = "fe80::5e:100"
FOUR = Instance("four", 51, (f"{GROUND4}/24", f"{OFF4}/32"), interval=0.2, extra=("use_vmac",))
SIX = Instance("six", 51, (f"{LOCAL6}/64", f"{GLOBAL6}/64"), interval=0.2, extra=("use_vmac",))
MAC = {4: virtual_mac(51, 4), 6: virtual_mac(51, 6)}
OF = {4: FOUR, 6: SIX}
BOTH = pytest.mark.parametrize("family", [4, 6])


def link(host, name):
    """What the kernel says of a link, or None."""
    done = host.ip("-d", "-j", "link", "show", "dev", name, check=False)
    return json.loads(done.stdout)[0] if done.returncode == 0 else None


def macvlans(host):
    return {each["ifname"]: each for each in json.loads(host.ip("-d", "-j", "link").stdout)
            if each.get("linkinfo", {}).get("info_kind") == "macvlan"}


def is_up(host, name):
    found = link(host, name)
    return found is not None and "UP" in found["flags"]


def holder(host, address):
    return next((each["dev"] for each in host.addresses() if each["local"] == address), None)


def start_active(device, capture, *instances, timeout=15):
    since = capture.last_time()
    device.start(configuration(instances))
    for instance in instances:
        if instance.interface == "eth0":
            capture.wait_advert(timeout, host=device.host.name, vrid=instance.vrid, since=since)
        for address in instance.addresses:
            wait_for(lambda: device.host.has(address.split()[0].split("/")[0]), timeout, f"{address} on the host")


def arp_request(asker, mac, target):
    """Who has `target`?"""
    return (b"\xff" * 6 + mac_octets(mac) + struct.pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, 1)
            + mac_octets(mac) + ipaddress.ip_address(asker).packed + bytes(6) + ipaddress.ip_address(target).packed)


def neighbour_solicitation(asker, mac, target):
    source, wanted = ipaddress.ip_address(asker).packed, ipaddress.ip_address(target).packed
    group = ipaddress.ip_address("ff02::1:ff00:0").packed[:13] + wanted[13:]
    body = struct.pack("!BBHI", 135, 0, 0, 0) + wanted + b"\x01\x01" + mac_octets(mac)
    value = checksum(source + group + struct.pack("!II", len(body), 58) + body)
    body = body[:2] + struct.pack("!H", value) + body[4:]
    return (b"\x33\x33" + group[12:] + mac_octets(mac) + b"\x86\xdd"
            + struct.pack("!IHBB", 0x60000000, len(body), 58, 255) + source + group + body)


def echo_request(source, mac_source, target, mac_target):
    body = struct.pack("!BBHHH", 8, 0, 0, 7, 1) + b"conformance"
    body = body[:2] + struct.pack("!H", checksum(body)) + body[4:]
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 1, 0, 64, 1, 0)
    head += ipaddress.ip_address(source).packed + ipaddress.ip_address(target).packed
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    return mac_octets(mac_target) + mac_octets(mac_source) + b"\x08\x00" + head + body


@pytest.fixture
def alone(network, devices, dut_kind):
    return devices(dut_kind, network.host("ours"))


@pytest.fixture
def peer(network):
    return network.host("peer")


# ---- What leaves ----


@BOTH
def test_T8_adverts_leave_with_the_virtual_mac(network, alone, family):
    capture = network.capture()
    start_active(alone, capture, OF[family])
    wait_for(lambda: len(capture.adverts("ours")) > 5, 5, "some advertisements")
    assert {seen.mac_source for seen in capture.adverts("ours")} == {MAC[family]}
    expected = "192.0.2.1" if family == 4 else "fe80::1"
    assert {seen.source for seen in capture.adverts("ours")} == {expected}
    assert {seen.checksum_form for seen in capture.adverts("ours")} == {"pseudo"}
    alone.stop()
    last = capture.adverts("ours")[-1]
    assert (last.priority, last.mac_source) == (0, MAC[family])


@BOTH
def test_T8_unless_vmac_xmit_base(network, alone, family):
    capture = network.capture()
    start_active(alone, capture, OF[family].but(extra=("use_vmac", "vmac_xmit_base")))
    assert {seen.mac_source for seen in capture.adverts("ours")} == {alone.host.mac()}


@pytest.mark.agent_only
def test_T8_longer_than_the_mtu(network, alone, devices, dut_kind):
    """255 IPv6 addresses leave as fragments, which the peer's kernel puts together."""
    capture = network.capture()
    addresses = ("fe80::5e:1/64",) + tuple(f"2001:db8:5e::{number:x}/128" for number in range(1, 255))
    big = SIX.but(addresses=addresses, interval=0.5)
    peer = devices(dut_kind, network.host("theirs"))
    peer.start(configuration([big.but(priority=90, extra=())]))
    wait_for(lambda: peer.host.has("fe80::5e:1"), 20, "the peer as Active")
    alone.start(configuration([big.but(priority=200)]))
    wait_for(lambda: not peer.host.has("fe80::5e:1"), 20, "the peer as Backup: it understood the fragments")
    fragments = wait_for(lambda: [seen for seen in capture.frames() if seen.host == "ours"
                                  and seen.raw[12:14] == b"\x86\xdd" and seen.raw[20] == 44], 10, "fragments")
    assert {seen.raw[6:12] for seen in fragments} == {mac_octets(MAC[6])}
    assert max(len(seen.raw) for seen in fragments) <= 1514


def test_D1_gratuitous_arp(network, alone):
    capture = network.capture()
    start_active(alone, capture, FOUR)
    for address in (GROUND4, OFF4):
        seen = wait_for(lambda: capture.arps("ours", target=address), 5, f"a gratuitous ARP for {address}")
        assert {each.mac_source for each in seen} == {MAC[4]}
        assert {each.sender_mac for each in seen} == {MAC[4]}


def test_D2_neighbour_advertisement(network, alone):
    capture = network.capture()
    start_active(alone, capture, SIX)
    for address in (LOCAL6, GLOBAL6):
        seen = wait_for(lambda: capture.neighbour_adverts("ours", target=address), 5, f"an NA for {address}")
        assert {(each.mac_source, each.target_mac, each.flags) for each in seen} == {(MAC[6], MAC[6], 0xA0000000)}


# ---- What is answered ----


@pytest.mark.parametrize("target", [GROUND4, OFF4])
def test_D3_arp_reply_with_the_virtual_mac_only(network, alone, peer, target):
    capture = network.capture()
    start_active(alone, capture, FOUR)
    since = capture.last_time()
    for _ in range(3):
        asked = arp_request("192.0.2.2", peer.mac(), target)
        peer.send(asked)
    wait_for(lambda: len(capture.arps("ours", since, opcode=2)) >= 3, 5, "replies")
    observe(0.3, "a second reply from the interface itself")
    assert {each.sender_mac for each in capture.arps("ours", since, opcode=2)} == {MAC[4]}
    assert len(capture.arps("ours", since, opcode=2)) == 3


@pytest.mark.agent_only
def test_D3_nothing_else_tells_another_mac(network, alone, peer):
    """A packet that answers the virtual address leaves by the interface: its ARP request must not undo the reply.

    keepalived asks with the virtual address as its sender and the MAC of the interface."""
    capture = network.capture()
    start_active(alone, capture, FOUR)
    assert "1 received" in peer.run(["ping", "-c1", "-W2", GROUND4]).stdout
    for seen in capture.arps("ours"):
        if seen.sender == GROUND4:
            assert seen.sender_mac == MAC[4]


@pytest.mark.parametrize("target", [LOCAL6, GLOBAL6])
def test_D4_neighbour_advertisement_in_reply(network, alone, peer, target):
    capture = network.capture()
    start_active(alone, capture, SIX)
    since = capture.last_time()
    peer.send(neighbour_solicitation("fe80::2", peer.mac(), target))

    def replies():
        return [seen for seen in capture.neighbour_adverts("ours", since, target=target)
                if seen.destination == "fe80::2"]

    wait_for(replies, 5, "a reply")
    observe(0.3, "a second reply from the interface itself")
    assert {each.target_mac for each in replies()} == {MAC[6]}
    assert all(each.flags & 0x40000000 for each in replies()), "it is not solicited"


@BOTH
def test_D5_backup_is_silent(network, devices, dut_kind, peer_kind, family):
    capture = network.capture()
    instance = OF[family]
    ours = Side(devices(dut_kind, network.host("ours")), instance)
    pair = Pair(capture, Side(devices(peer_kind, network.host("theirs")), instance.but(priority=150)), ours)
    pair.settle()
    peer = network.host("peer")
    since = capture.last_time()
    if family == 4:
        peer.send(arp_request("192.0.2.3", peer.mac(), GROUND4))
        wait_for(lambda: capture.arps("theirs", since, opcode=2), 5, "the Active's reply")
    else:
        peer.send(neighbour_solicitation("fe80::3", peer.mac(), GLOBAL6))
        wait_for(lambda: capture.neighbour_adverts("theirs", since, target=GLOBAL6), 5, "the Active's reply")
    observe(0.3, "a reply of the Backup's")
    assert not [seen for seen in capture.frames(since) if seen.host == "ours" and seen.mac_source == MAC[family]]
    assert not capture.arps("ours", since, opcode=2)


def test_D6_backup_drops_what_goes_to_the_virtual_mac(network, devices, dut_kind, peer_kind):
    """To the host's own address, so that only the MAC can be the reason; the Active answers the same frame."""
    capture = network.capture()
    ours = Side(devices(dut_kind, network.host("ours")), FOUR)
    theirs = Side(devices(peer_kind, network.host("theirs")), FOUR.but(priority=150))
    Pair(capture, theirs, ours).settle()
    peer = network.host("peer")
    frame = echo_request("192.0.2.3", peer.mac(), "192.0.2.1", MAC[4])
    peer.run(["ping", "-c1", "-W2", "192.0.2.1"])

    def answers(since):
        return [seen for seen in capture.frames(since) if seen.host == "ours" and seen.raw[12:14] == b"\x08\x00"
                and seen.raw[23] == 1 and seen.raw[34] == 0 and seen.raw[38:40] == b"\0\x07"]

    since = capture.last_time()
    peer.send(frame)
    observe(0.5, "an answer to the virtual MAC", lambda: answers(since))
    theirs.device.stop()
    wait_for(ours.holds_addresses, 10, "a takeover")
    since = capture.last_time()
    peer.send(frame)
    wait_for(lambda: answers(since), 5, "the same frame answered by the Active")


def test_D9_forwards_through_the_virtual_mac(network, devices, dut_kind):
    host = network.host("ours")
    device = devices(dut_kind, host)
    far = network.host("far", [])
    network.wire(host, far, "eth1")
    host.ip("addr", "add", "203.0.113.1/24", "dev", "eth1")
    far.ip("addr", "add", "203.0.113.2/24", "dev", "eth1")
    host.sysctl({"net/ipv4/ip_forward": 1})
    far.ip("route", "add", "default", "via", "203.0.113.1")
    peer = network.host("peer")
    capture = network.capture()
    start_active(device, capture, FOUR)
    peer.ip("route", "add", "203.0.113.0/24", "via", GROUND4)
    wait_for(lambda: "1 received" in peer.run(["ping", "-c1", "-W1", "203.0.113.2"], check=False).stdout, 10,
             "an answer from behind the virtual router")
    wait_for(lambda: [seen for seen in capture.frames()
                      if seen.host == "peer" and seen.raw[:6] == mac_octets(MAC[4])],
             5, "what the peer sent to the virtual MAC")


@BOTH
def test_D11_nothing_is_announced_before_all_is_in_place(network, alone, family):
    """Every frame with the virtual MAC but the advertisements comes after the first announcement, and an address
    that was announced is answered for at once."""
    capture = network.capture()
    alone.start(configuration([OF[family].but(priority=255, state="MASTER")]))
    capture.wait_advert(10, host="ours")
    kind = capture.arps if family == 4 else capture.neighbour_adverts
    target = GROUND4 if family == 4 else GLOBAL6
    wait_for(lambda: kind("ours", target=target), 5, "an announcement")
    assert kind("ours", target=target)[0].time > capture.adverts("ours")[0].time
    assert holder(alone.host, target) == "vrrp.51"
    assert is_up(alone.host, "vrrp.51")


def test_D14_link_local_not_made_of_the_virtual_mac(network, alone, peer):
    """Neither by itself nor from a router advertisement."""
    capture = network.capture()
    alone.host.sysctl({"net/ipv6/conf/default/accept_ra": 1, "net/ipv6/conf/default/addr_gen_mode": 0})
    start_active(alone, capture, SIX)
    prefix = struct.pack("!BBBBIII", 3, 4, 64, 0xC0, 3600, 3600, 0) + ipaddress.ip_address("2001:db8:aaaa::").packed
    body = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0) + prefix
    source, group = ipaddress.ip_address("fe80::2").packed, ipaddress.ip_address("ff02::1").packed
    value = checksum(source + group + struct.pack("!II", len(body), 58) + body)
    body = body[:2] + struct.pack("!H", value) + body[4:]
    peer.send(mac_octets("33:33:00:00:00:01") + mac_octets(peer.mac()) + b"\x86\xdd"
              + struct.pack("!IHBB", 0x60000000, len(body), 58, 255) + source + group + body)
    observe(0.5, "an address made of the virtual MAC",
            lambda: [each for each in alone.host.addresses(family=6)
                     if "5eff:fe00:233" in each["local"]])


def test_D16_owner_restarts_without_a_dad_failure(network, devices, dut_kind, peer_kind):
    capture = network.capture()
    host = network.host("ours", dad=True)
    owner = Side(devices(dut_kind, host), SIX.but(priority=255, state="MASTER"))
    # fe80::1 stays tentative for a moment on a host with DAD.
    pair = Pair(capture, owner, Side(devices(peer_kind, network.host("theirs")), SIX))
    pair.settle()
    owner.device.kill()
    pair.wait_active(pair.backup, owner)
    owner.start()
    pair.wait_active(owner, pair.backup)
    for address in (LOCAL6, GLOBAL6):
        entry = next(each for each in host.addresses() if each["local"] == address)
        assert "tentative" not in entry and "dadfailed" not in entry


# ---- The device ----


def test_device_as_named(network, alone):
    alone.host.ip("link", "add", "eth1", "type", "bridge")
    alone.host.ip("addr", "add", "203.0.113.1/24", "dev", "eth1")
    alone.host.ip("link", "set", "eth1", "up")
    instances = [
        FOUR,
        SIX,
        FOUR.but(name="second", interface="eth1", addresses=("203.0.113.7/24",)),
        FOUR.but(name="named", interface="eth1", vrid=52, addresses=("203.0.113.8/24",),
                 extra=("use_vmac outside 02:00:00:11:22",)),
        FOUR.but(name="mac", interface="eth1", vrid=53, addresses=("203.0.113.9/24",),
                 extra=("use_vmac 02:00:00:11:22:33",)),
    ]
    capture = network.capture()
    start_active(alone, capture, *instances)
    found = {name: (each["link"], each["address"]) for name, each in macvlans(alone.host).items()}
    assert found == {
        "vrrp.51": ("eth0", MAC[4]),
        "vrrp6.51": ("eth0", MAC[6]),
        "vrrp1.51": ("eth1", MAC[4]),
        "outside": ("eth1", "02:00:00:11:22:34"),
        "vrrp.53": ("eth1", "02:00:00:11:22:33"),
    }
    assert holder(alone.host, GROUND4) == "vrrp.51"
    assert holder(alone.host, GLOBAL6) == "vrrp6.51"
    assert holder(alone.host, "203.0.113.7") == "vrrp1.51"
    alone.stop()
    assert not macvlans(alone.host)


@pytest.mark.agent_only
def test_device_is_off_while_backup(network, devices, dut_kind, peer_kind):
    """keepalived leaves its own on."""
    capture = network.capture()
    ours = Side(devices(dut_kind, network.host("ours")), FOUR)
    theirs = Side(devices(peer_kind, network.host("theirs")), FOUR.but(priority=150))
    pair = Pair(capture, theirs, ours)
    pair.settle()
    assert link(ours.host, "vrrp.51") and not is_up(ours.host, "vrrp.51")
    theirs.device.stop()
    wait_for(ours.holds_addresses, 10, "a takeover")
    assert is_up(ours.host, "vrrp.51")
    theirs.start()
    wait_for(lambda: not is_up(ours.host, "vrrp.51") and ours.holds_none(), 10, "the release")


@pytest.mark.agent_only
def test_device_that_was_removed_comes_back(network, alone):
    capture = network.capture()
    start_active(alone, capture, FOUR, SIX)
    for action in (("del", "vrrp.51"), ("set", "vrrp.51", "down"), ("set", "vrrp6.51", "down"),
                   ("set", "vrrp.51", "address", "02:00:00:00:00:77")):
        before = link(alone.host, action[1])["ifindex"]
        alone.host.ip("link", *action)
        wait_for(lambda: is_up(alone.host, action[1]) and all(map(alone.host.has, (GROUND4, OFF4, LOCAL6, GLOBAL6))),
                 5, f"everything back after {action}; it was {before}")
        wait_for(lambda: link(alone.host, "vrrp.51")["address"] == MAC[4], 5, "the virtual MAC")
    assert {router["state"] for router in alone.show()["routers"]} == {"active"}


def test_reload_makes_and_removes(network, alone):
    capture = network.capture()
    start_active(alone, capture, FOUR.but(extra=()))
    assert not macvlans(alone.host)
    for extra, device in ((("use_vmac",), "vrrp.51"), (("use_vmac other",), "other"), ((), "eth0")):
        alone.configure(configuration([FOUR.but(extra=extra)]))
        alone.reload()
        wait_for(lambda: holder(alone.host, GROUND4) == device, 10, f"the address on {device}")
        wait_for(lambda: set(macvlans(alone.host)) == {device} - {"eth0"}, 10, f"{device} alone")


def settings(host, name="eth0"):
    """Every IPv4 setting of eth0, which may have another name by now, and of all interfaces."""
    names = "\n".join(host.run(["sh", "-c", f"cd /proc/sys/net/ipv4/conf && grep -H . {name}/* all/* default/*"],
                               check=False).stdout.splitlines())
    assert f"{name}/rp_filter" in names
    return names.replace(f"{name}/", "eth0/")


@pytest.mark.parametrize("end", ["stop", "reload", "kill"])
@pytest.mark.parametrize("strict", [0, 1])
def test_settings_are_put_back(network, alone, end, strict):
    """keepalived may not after a kill."""
    if end == "kill" and alone.kind == "keepalived":
        pytest.skip("keepalived keeps no record")
    capture = network.capture()
    alone.host.sysctl({"net/ipv4/conf/eth0/rp_filter": strict})
    before = settings(alone.host)
    start_active(alone, capture, FOUR)
    during = settings(alone.host)
    assert "eth0/arp_ignore:1" in during
    if end == "stop":
        alone.stop()
    elif end == "reload":
        alone.configure(configuration([SIX.but(extra=())]))
        alone.reload()
        wait_for(lambda: not macvlans(alone.host), 10, "the end of the device")
    else:
        alone.kill()
        assert macvlans(alone.host)
        alone.start(configuration([SIX.but(extra=())]))
    wait_for(lambda: settings(alone.host) == before, 10, lambda: f"the settings as before:\n{settings(alone.host)}")
    assert not macvlans(alone.host)


@pytest.mark.agent_only
@pytest.mark.parametrize("strict", [0, 1])
def test_settings_are_put_back_under_another_name(network, alone, strict):
    """After a crash the interface is the same one, whatever it is called by then."""
    capture = network.capture()
    alone.host.sysctl({"net/ipv4/conf/eth0/rp_filter": strict})
    before = settings(alone.host)
    start_active(alone, capture, FOUR)
    alone.kill()
    alone.host.ip("link", "set", "eth0", "name", "lan0")
    assert "eth0/arp_ignore:1" in settings(alone.host, "lan0")
    alone.start(configuration([SIX.but(extra=())]))
    wait_for(lambda: settings(alone.host, "lan0") == before, 10,
             lambda: f"the settings as before:\n{settings(alone.host, 'lan0')}")
    assert not macvlans(alone.host)


@BOTH
@pytest.mark.parametrize("strict", [0, 1])
def test_returning_owner_with_our_mac_and_address(network, alone, family, strict):
    """The owner comes back with the virtual MAC and the virtual address: we are Active, hear it, and yield."""
    capture = network.capture()
    alone.host.sysctl({"net/ipv4/conf/eth0/rp_filter": strict})
    owner = network.host("owner")
    start_active(alone, capture, OF[family])
    source = GROUND4 if family == 4 else LOCAL6
    addresses = tuple(each.split("/")[0] for each in OF[family].addresses)
    frame = Advert(51, source, addresses, priority=255, interval=20).frames()[0]
    assert frame[6:12] == mac_octets(MAC[family])
    owner.send(frame)
    sent = capture.wait_sent("owner", frame)
    wait_for(lambda: not alone.host.has(source), 5, "the release of the address")
    assert not capture.adverts("ours", since=sent + 0.2, until=sent + 0.5)


# ---- Interop ----


@BOTH
def test_failover_with_keepalived(network, devices, dut_kind, peer_kind, family):
    """Both with use_vmac: the address is reachable from both, and has the virtual MAC when it is ours."""
    capture = network.capture()
    peer = network.host("peer")
    ours = Side(devices(dut_kind, network.host("ours")), OF[family].but(priority=150))
    theirs = Side(devices(peer_kind, network.host("theirs")), OF[family])
    pair = Pair(capture, ours, theirs)
    pair.settle()
    target = GROUND4 if family == 4 else GLOBAL6

    def reachable():
        return "1 received" in peer.run(["ping", "-c1", "-W1", target], check=False).stdout

    for active, backup in ((ours, theirs), (theirs, ours), (ours, theirs)):
        if active is theirs:
            ours.device.stop()
            wait_for(theirs.holds_addresses, 15, "a takeover by keepalived")
        elif active.device.process is not None and not active.device.process.alive():
            active.start()
            pair.wait_active(active, backup)
        wait_for(reachable, 10, f"{target} answered by {active.host.name}")
        # keepalived's own ARP requests may tell another.
        if active is ours:
            neighbour = json.loads(peer.ip("-j", "neigh", "show", "to", target).stdout)
            assert {each.get("lladdr") for each in neighbour} == {MAC[family]}
