# SPDX-License-Identifier: ISC
"""What leaves by the sockets of the receiver, seen from the peer by an AF_PACKET socket."""

import time

import pytest
from scapy.layers.inet import IP
from scapy.layers.inet6 import ICMPv6ND_NA, IPv6, IPv6ExtHdrFragment, defragment6
from scapy.layers.l2 import ARP, Ether

from receiver_lab import (
    GROUP4, GROUP6, HOST4, HOST6, HOST_LINK_LOCAL, HOST_MAC, PATIENCE, PEER4, PEER6, PEER_MAC,
    VIRTUAL4, VIRTUAL6, run,
)

EINVAL, ENODEV, ENXIO = -22, -19, -6
ETH_P_IP, ETH_P_ARP, ETH_P_IPV6 = 0x0800, 0x0806, 0x86DD
MISSING = 9999  # no interface has this index
MAC4, MAC6 = "00:00:5e:00:01:33", "00:00:5e:00:02:33"


def capture(sniffer, wanted, count):
    """The next count frames that are wanted."""
    found = []
    deadline = time.monotonic() + PATIENCE
    while len(found) < count:
        assert time.monotonic() < deadline, f"only {len(found)} of {count} frames"
        frame = Ether(sniffer.recv(2048))
        if wanted(frame):
            found.append(frame)
    return found


def is_vrrp4(frame):
    return IP in frame and frame[IP].proto == 112


def is_vrrp6(frame):
    return IPv6 in frame and frame[IPv6].nh == 112


def is_fragment(frame):
    return IPv6ExtHdrFragment in frame


def payload_of(network):
    """The octets after the IP header, without Ethernet padding."""
    return bytes(network.payload)


SENT = [
    ("T1-T3-T5-T6-multicast-v4", HOST4, GROUP4, "01:00:5e:00:00:12"),
    ("T2-T4-T5-T7-multicast-v6", HOST_LINK_LOCAL, GROUP6, "33:33:00:00:00:12"),
    ("T1-T6-unicast-v4", HOST4, PEER4, PEER_MAC),
    ("T2-unicast-v6", HOST6, PEER6, PEER_MAC),
]


@pytest.mark.parametrize("source, group, mac", [c[1:] for c in SENT], ids=[c[0] for c in SENT])
def test_sent_as_the_protocol_says(joined, lab, source, group, mac):
    six = ":" in source
    sniffer = lab.sniffer(ETH_P_IPV6 if six else ETH_P_IP)
    index = lab.index(lab.host, "eth0")
    assert joined.do(f"queue {index} {source} {group} 60 7") == 0
    assert joined.do("flush") == 0
    (frame,) = capture(sniffer, is_vrrp6 if six else is_vrrp4, 1)
    network = frame[IPv6] if six else frame[IP]
    assert (frame.src, frame.dst, network.src, network.dst) == (HOST_MAC, mac, source, group)
    assert (network.hlim if six else network.ttl) == 255
    assert (network.tc if six else network.tos) == 0xC0
    assert payload_of(network) == b"\x07" * 60


@pytest.mark.parametrize("family", [4, 6])
def test_own_packets_are_not_looped_back(joined, lab, family):
    index = lab.index(lab.host, "eth0")
    source, group = (HOST4, GROUP4) if family == 4 else (HOST_LINK_LOCAL, GROUP6)
    assert joined.do("accept_local eth0 1") == 0
    assert joined.do(f"queue {index} {source} {group} 60 7") == 0
    assert joined.do("flush") == 0
    joined.hear([], mark_family=family)
    assert joined.heard == []


def test_R32_255_addresses_v6_leave_in_fragments(joined, lab):
    sniffer = lab.sniffer(ETH_P_IPV6)
    index = lab.index(lab.host, "eth0")
    assert joined.do(f"queue {index} {HOST_LINK_LOCAL} {GROUP6} 4088 9") == 0
    assert joined.do("flush") == 0
    frames = capture(sniffer, is_fragment, 3)
    whole = defragment6([frame[IPv6] for frame in frames])
    assert whole.nh == 112
    assert payload_of(whole) == b"\x09" * 4088


REFUSED = [
    ("v4-missing-interface", HOST4, GROUP4, MISSING, HOST4, (ENODEV, ENXIO)),
    ("v6-missing-interface", HOST_LINK_LOCAL, GROUP6, MISSING, HOST_LINK_LOCAL, (ENODEV, ENXIO)),
    ("v6-source-not-held", HOST_LINK_LOCAL, GROUP6, None, VIRTUAL6, (EINVAL,)),
]


def test_source_that_is_not_held_is_sent_ipv4(joined, lab):
    """mcast_src_ip may be an address that nobody has."""
    sniffer = lab.sniffer(ETH_P_IP)
    index = lab.index(lab.host, "eth0")
    assert joined.do(f"queue {index} {VIRTUAL4} {GROUP4} 40 9") == 0
    assert joined.do("flush") == 0
    assert capture(sniffer, lambda frame: IP in frame and frame[IP].src == VIRTUAL4, 1)


@pytest.mark.parametrize(
    "source, group, interface, bad, errors", [c[1:] for c in REFUSED], ids=[c[0] for c in REFUSED]
)
@pytest.mark.parametrize("places", [(0,), (3,), (0, 1, 5), (7,)], ids=str)
def test_a_refused_packet_does_not_stop_the_others(
    joined, lab, source, group, interface, bad, errors, places
):
    six = ":" in source
    sniffer = lab.sniffer(ETH_P_IPV6 if six else ETH_P_IP)
    index = lab.index(lab.host, "eth0")
    for number in range(8):
        if number in places:
            command = f"queue {interface or index} {bad} {group} 40 {number}"
        else:
            command = f"queue {index} {source} {group} 40 {number}"
        assert joined.do(command) == number
    assert joined.do("flush") == len(places)
    for number in range(8):
        if number in places:
            assert joined.do(f"error {number}") in errors
        else:
            assert joined.do(f"error {number}") == 0
    good = [number for number in range(8) if number not in places]
    frames = capture(sniffer, is_vrrp6 if six else is_vrrp4, len(good))
    layer = IPv6 if six else IP
    assert [payload_of(frame[layer])[0] for frame in frames] == good


def test_tentative_address_cannot_send(joined, lab):
    """Until duplicate address detection ends the kernel refuses the source (T7 has to wait)."""
    run(f"ip -n {lab.host} address add fe80::77/64 dev eth0")
    index = lab.index(lab.host, "eth0")
    assert "tentative" in run(f"ip -n {lab.host} -6 address show dev eth0 to fe80::77")
    assert joined.do(f"queue {index} fe80::77 {GROUP6} 40 1") == 0
    assert joined.do("flush") == 1
    assert joined.do("error 0") == EINVAL


def test_more_than_one_call_takes(joined, lab):
    """sendmmsg takes 1024 messages a call."""
    index = lab.index(lab.host, "eth0")
    before = lab.sent_packets(lab.host, "eth0")
    for number in range(2100):
        assert joined.do(f"queue {index} {HOST4} {GROUP4} 20 {number % 256}") == number
    assert joined.do("flush") == 0
    assert lab.sent_packets(lab.host, "eth0") - before >= 2100


def test_D1_gratuitous_arp(joined, lab):
    sniffer = lab.sniffer(ETH_P_ARP)
    index = lab.index(lab.host, "eth0")
    assert joined.do(f"queue_announce {index} {MAC4} {VIRTUAL4} ::") == 0
    assert joined.do("flush_announce") == 0
    (frame,) = capture(sniffer, lambda seen: ARP in seen and seen[ARP].psrc == VIRTUAL4, 1)
    assert (frame.src, frame.dst) == (MAC4, "ff:ff:ff:ff:ff:ff")
    arp = frame[ARP]
    assert (arp.hwtype, arp.ptype, arp.hwlen, arp.plen, arp.op) == (1, 0x0800, 6, 4, 1)
    assert (arp.hwsrc, arp.psrc, arp.hwdst, arp.pdst) == (MAC4, VIRTUAL4, MAC4, VIRTUAL4)
    assert len(frame) == 42


def test_D2_unsolicited_neighbour_advertisement(joined, lab):
    sniffer = lab.sniffer(ETH_P_IPV6)
    index = lab.index(lab.host, "eth0")
    assert joined.do(f"queue_announce {index} {MAC6} {VIRTUAL6} {HOST_LINK_LOCAL}") == 0
    assert joined.do("flush_announce") == 0
    (frame,) = capture(
        sniffer, lambda seen: ICMPv6ND_NA in seen and seen[ICMPv6ND_NA].tgt == VIRTUAL6, 1
    )
    assert (frame.src, frame.dst) == (MAC6, "33:33:00:00:00:01")
    network, advert = frame[IPv6], frame[ICMPv6ND_NA]
    assert (network.src, network.dst, network.hlim, network.plen) == (
        HOST_LINK_LOCAL, "ff02::1", 255, 32,
    )
    assert (advert.R, advert.S, advert.O, advert.res) == (1, 0, 1, 0)
    assert bytes(advert.payload) == bytes([2, 1]) + bytes.fromhex(MAC6.replace(":", ""))
    sound = advert.cksum
    again = IPv6(bytes(network))
    del again[ICMPv6ND_NA].cksum
    assert IPv6(bytes(again))[ICMPv6ND_NA].cksum == sound


def test_D2_the_peer_believes_the_announcement(joined, lab):
    """The peer's kernel, an independent reader, takes the new MAC for both families."""
    index = lab.index(lab.host, "eth0")
    for address in (VIRTUAL4, VIRTUAL6):
        run(f"ip -n {lab.peer} neighbour add {address} lladdr {HOST_MAC} dev eth0 nud stale")
    assert joined.do(f"queue_announce {index} {MAC4} {VIRTUAL4} ::") == 0
    assert joined.do(f"queue_announce {index} {MAC6} {VIRTUAL6} {HOST_LINK_LOCAL}") == 1
    assert joined.do("flush_announce") == 0
    for address, mac in ((VIRTUAL4, MAC4), (VIRTUAL6, MAC6)):
        deadline = time.monotonic() + PATIENCE
        while mac not in run(f"ip -n {lab.peer} neighbour show {address} dev eth0"):
            assert time.monotonic() < deadline, f"{address} stays where it was"
            time.sleep(0.01)


def test_announcements_go_past_a_bad_interface(joined, lab):
    sniffer = lab.sniffer(ETH_P_ARP)
    index = lab.index(lab.host, "eth0")
    for number in range(1500):
        interface = MISSING if number in (0, 700, 1499) else index
        address = f"10.9.{1 + number // 250}.{1 + number % 250}"
        assert joined.do(f"queue_announce {interface} {MAC4} {address} ::") == number
    assert joined.do("flush_announce") == 3
    assert [joined.do(f"error_announce {number}") for number in (0, 1, 700, 1498, 1499)] == [
        ENXIO, 0, ENXIO, 0, ENXIO,
    ]
    first = capture(sniffer, lambda seen: ARP in seen, 1)[0]
    assert first[ARP].psrc == "10.9.1.2"


def test_announcement_without_a_source(joined, lab):
    index = lab.index(lab.host, "eth0")
    assert joined.do(f"queue_announce {index} {MAC6} {VIRTUAL6} {HOST4}") == -97
