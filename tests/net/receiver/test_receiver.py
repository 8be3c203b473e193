# SPDX-License-Identifier: ISC
"""What the receiver hears of single frames, by the ids of the conformance checklist.  The receiver
decides nothing: what user space must judge has to arrive with the facts to judge it by, and what
the kernel throws away is named here, each with the same frame repaired, which must arrive."""

import pytest
from scapy.layers.inet import IP, IPOption_NOP, IPOption_Router_Alert, fragment
from scapy.layers.inet6 import IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop
from scapy.layers.inet6 import fragment6
from scapy.layers.l2 import Ether
from scapy.packet import Padding, Raw

from receiver_lab import (
    GROUP4, GROUP6, HOST4, HOST6, HOST_LINK_LOCAL, HOST_MAC, PEER4, PEER_LINK_LOCAL, PEER_MAC,
    SUBNET_BROADCAST, advert, ipv4, ipv6,
)

BROADCAST_MAC = "ff:ff:ff:ff:ff:ff"


def padded(frame, octets):
    return frame / Padding(bytes([0xA5]) * octets)


# id, frame, what must be told of it beyond payload and source as sent.
HEARD = [
    ("R29-advert-from-virtual-mac-v4", ipv4(), {"ttl": 255, "header": 20, "destination": GROUP4}),
    ("R29-advert-from-virtual-mac-v6", ipv6(), {"ttl": 255, "header": 0, "destination": GROUP6}),
    ("R29-other-source-mac-v4", ipv4(ethernet={"src": PEER_MAC}), {}),
    ("R29-other-source-mac-v6", ipv6(ethernet={"src": PEER_MAC}), {}),
    ("R1-ttl-254", ipv4(ttl=254), {"ttl": 254}),
    ("R1-ttl-1", ipv4(ttl=1), {"ttl": 1}),
    ("R1-ttl-0", ipv4(ttl=0), {"ttl": 0}),
    ("R2-hop-limit-254", ipv6(hlim=254), {"ttl": 254}),
    ("R2-hop-limit-1", ipv6(hlim=1), {"ttl": 1}),
    ("R2-hop-limit-0", ipv6(hlim=0), {"ttl": 0}),
    ("R3-version-0", ipv4(b"\x01" + advert()[1:]), {}),
    ("R4-type-2", ipv6(b"\x32" + advert(octets=16)[1:]), {}),
    ("R5-0-octets-v4", ipv4(b""), {"length": 0}),
    ("R5-7-octets-v4", ipv4(advert()[:7]), {"length": 7}),
    ("R5-0-octets-v6", ipv6(b""), {"length": 0}),
    ("R5-7-octets-v6", ipv6(advert()[:7]), {"length": 7}),
    ("R6-count-beyond-packet", ipv4(advert(count=1)[:3] + b"\xff" + advert()[4:]), {"length": 12}),
    ("R7-trailing-1-v4", ipv4(advert() + b"x" * 1), {"length": 13}),
    ("R7-trailing-8-v4", ipv4(advert() + b"x" * 8), {"length": 20}),
    ("R7-trailing-40-v4", ipv4(advert() + b"x" * 40), {"length": 52}),
    ("R7-trailing-1-v6", ipv6(advert(octets=16) + b"x" * 1), {"length": 25}),
    ("R7-trailing-8-v6", ipv6(advert(octets=16) + b"x" * 8), {"length": 32}),
    ("R7-trailing-40-v6", ipv6(advert(octets=16) + b"x" * 40), {"length": 64}),
    ("R8-bad-vrrp-checksum-v4", ipv4(advert()[:6] + b"\x00\x01" + advert()[8:]), {}),
    ("R8-bad-vrrp-checksum-v6", ipv6(advert()[:6] + b"\x00\x01" + advert()[8:]), {}),
    ("R21-ipv4-options", ipv4(options=[IPOption_NOP()] * 8), {"header": 28}),
    ("R21-ipv4-router-alert", ipv4(options=[IPOption_Router_Alert()]), {"header": 24}),
    ("R21-ipv6-hop-by-hop", ipv6(extension=IPv6ExtHdrHopByHop()), {"length": 24}),
    ("R21-ipv6-destination-options", ipv6(extension=IPv6ExtHdrDestOpt()), {"length": 24}),
    ("R25-unicast-v4", ipv4(dst=HOST4, ethernet={"dst": HOST_MAC}), {"destination": HOST4}),
    ("R25-unicast-in-group-mac-v4", ipv4(dst=HOST4), {"destination": HOST4}),
    ("R25-unicast-global-v6", ipv6(dst=HOST6, ethernet={"dst": HOST_MAC}), {"destination": HOST6}),
    (
        "R25-unicast-link-local-v6", ipv6(dst=HOST_LINK_LOCAL, ethernet={"dst": HOST_MAC}),
        {"destination": HOST_LINK_LOCAL},
    ),
    (
        "R26-all-hosts", ipv4(dst="224.0.0.1", ethernet={"dst": "01:00:5e:00:00:01"}),
        {"destination": "224.0.0.1"},
    ),
    (
        "R26-limited-broadcast", ipv4(dst="255.255.255.255", ethernet={"dst": BROADCAST_MAC}),
        {"destination": "255.255.255.255"},
    ),
    (
        "R26-subnet-broadcast", ipv4(dst=SUBNET_BROADCAST, ethernet={"dst": BROADCAST_MAC}),
        {"destination": SUBNET_BROADCAST},
    ),
    (
        "R26-all-nodes", ipv6(dst="ff02::1", ethernet={"dst": "33:33:00:00:00:01"}),
        {"destination": "ff02::1"},
    ),
    ("R27-source-off-subnet-v4", ipv4(src="172.16.5.5"), {"source": "172.16.5.5"}),
    ("R28-source-unspecified-v4", ipv4(src="0.0.0.0"), {"source": "0.0.0.0"}),
    ("R28-source-unspecified-v6", ipv6(src="::"), {"source": "::"}),
    ("R28-own-link-local-v6", ipv6(src=HOST_LINK_LOCAL), {"source": HOST_LINK_LOCAL}),
    ("R28-own-global-v6", ipv6(src=HOST6), {"source": HOST6}),
    ("R31-carp", ipv4(b"\x21" + bytes(35)), {"length": 36}),
    ("R32-255-addresses-v4", ipv4(advert(count=255)), {"length": 1028}),
]


@pytest.mark.parametrize("frame, facts", [case[1:] for case in HEARD], ids=[c[0] for c in HEARD])
def test_heard(joined, lab, frame, facts):
    """The frame arrives once, whole, and with its facts."""
    (heard,) = joined.hear([frame])
    network = frame[IPv6] if IPv6 in frame else frame[IP]
    payload = bytes(frame[Raw]) if Raw in frame else b""
    expected = {
        "interface": lab.index(lab.host, "eth0"), "source": network.src,
        "destination": network.dst, "payload": payload.hex(), "length": len(payload),
        "received": len(payload), **facts,
    }
    assert {name: heard[name] for name in expected} == expected
    assert heard["realtime"] > 0


def spoilt_header_checksum(frame):
    spoilt = Ether(bytes(frame))
    spoilt[IP].chksum ^= 1
    return spoilt


# id, the frame the kernel throws away, the same repaired.
DEAF = [
    ("R23-ip-length-beyond-frame-v4", ipv4(len=60), ipv4(len=32)),
    ("R23-ip-length-beyond-frame-v6", ipv6(plen=60), ipv6(plen=24)),
    ("R23-bad-ip-header-checksum", spoilt_header_checksum(ipv4()), ipv4()),
    ("R28-source-loopback-v4", ipv4(src="127.0.0.1"), ipv4()),
    ("R28-source-multicast-v4", ipv4(src="224.0.0.5"), ipv4()),
    ("R28-source-broadcast-v4", ipv4(src="255.255.255.255"), ipv4()),
    ("R28-source-loopback-v6", ipv6(src="::1"), ipv6()),
    ("R28-source-multicast-v6", ipv6(src="ff02::5"), ipv6()),
    ("R28-own-address-without-accept-local-v4", ipv4(src=HOST4), ipv4()),
    ("R26-group-nobody-joined-v4", ipv4(dst="224.0.0.99"), ipv4()),
    ("R26-group-nobody-joined-v6", ipv6(dst="ff02::99"), ipv6()),
    ("R25-unicast-to-another-host", ipv4(dst=PEER4), ipv4()),
]


@pytest.mark.parametrize("spoilt, sound", [case[1:] for case in DEAF], ids=[c[0] for c in DEAF])
def test_thrown_away_by_the_kernel(joined, spoilt, sound):
    assert joined.hear([spoilt]) == []
    assert len(joined.hear([sound])) == 1


@pytest.mark.parametrize("octets", [1, 14, 500], ids=lambda octets: f"R24-padding-{octets}")
@pytest.mark.parametrize("frame", [ipv4(), ipv6()], ids=["v4", "v6"])
def test_ethernet_padding_is_cut_off(joined, frame, octets):
    (heard,) = joined.hear([padded(frame, octets)])
    assert heard["payload"] == bytes(frame[Raw]).hex()
    assert heard["length"] == heard["received"] == len(frame[Raw])


def v6_fragments(payload, size):
    return fragment6(ipv6(payload, extension=IPv6ExtHdrFragment(id=7)), size)


FRAGMENTED = [
    ("R22-R32-255-addresses-v6", v6_fragments(advert(count=255, octets=16), 1500)),
    ("R22-small-fragments-v6", v6_fragments(advert(count=255, octets=16), 600)),
    ("R22-v4", fragment(ipv4(advert(count=255)), 400)),
]


@pytest.mark.parametrize("frames", [case[1] for case in FRAGMENTED], ids=[c[0] for c in FRAGMENTED])
def test_fragments_arrive_reassembled(joined, frames):
    six = IPv6 in frames[0]
    assert len(frames) > 2
    (heard,) = joined.hear(frames)
    assert heard["payload"] == advert(count=255, octets=16 if six else 4).hex()
    assert heard["ttl"] == 255
    assert heard["destination"] == (GROUP6 if six else GROUP4)
    assert joined.hear(frames[1:]) == [], "an incomplete packet was delivered"


def test_R7_larger_than_the_buffer_tells_its_length(joined):
    """Nothing that long is a VRRP message; its length shows that it was cut off."""
    (heard,) = joined.hear(v6_fragments(bytes(6000), 1500))
    assert (heard["length"], heard["received"]) == (6000, 4352)
    (heard,) = joined.hear(fragment(ipv4(bytes(6000)), 1400))
    assert (heard["length"], heard["received"]) == (6000, 4352 - 20)


@pytest.mark.parametrize("family", [4, 6])
def test_R30_wrong_interface_is_told(joined, lab, family):
    """A second interface: unheard without a membership of its own, told apart with one."""
    lab.wire(lab.host, "eth1", "02:00:00:00:09:11")
    frame, group = (ipv4(), GROUP4) if family == 4 else (ipv6(), GROUP6)
    (heard,) = joined.hear([frame])
    assert heard["interface"] == lab.index(lab.host, "eth0")
    assert joined.do(f"join eth1 {group}") == 1
    both = joined.hear([frame])
    assert {heard["interface"] for heard in both} == {
        lab.index(lab.host, "eth0"), lab.index(lab.host, "eth1"),
    }
    assert joined.do(f"leave eth1 {group}") == 0
    assert len(joined.hear([frame])) == 1


def test_R28_returning_owner_with_accept_local(joined, lab):
    """Heard with accept_local, which is set and restored by netlink; deaf before and after."""
    frame = ipv4(src=HOST4)
    assert joined.hear([frame]) == []
    assert joined.do("get_accept_local eth0") == 0
    assert joined.do("accept_local eth0 1") == 0
    assert lab.get_sysctl(lab.host, "net.ipv4.conf.eth0.accept_local") == "1"
    assert joined.do("get_accept_local eth0") == 1
    (heard,) = joined.hear([frame])
    assert heard["source"] == HOST4
    assert joined.do("accept_local eth0 0") == 0
    assert lab.get_sysctl(lab.host, "net.ipv4.conf.eth0.accept_local") == "0"
    assert joined.hear([frame]) == []


def test_accept_local_touches_nothing_else(joined, lab):
    names = run_settings(lab)
    assert joined.do("accept_local eth0 1") == 0
    changed = {name for name, value in run_settings(lab).items() if names[name] != value}
    assert changed == {"net.ipv4.conf.eth0.accept_local"}


def run_settings(lab):
    text = lab.settings(lab.host, "net.ipv4.conf")
    return dict(line.split(" = ", 1) for line in text.splitlines() if " = " in line)


@pytest.mark.parametrize("interface", ["missing", "lo"])
def test_accept_local_of_other_interfaces(receiver, interface):
    expected = {"missing": -19, "lo": 0}[interface]
    assert receiver.do(f"get_accept_local {interface}") == expected
    assert receiver.do(f"accept_local {interface} 1") == expected


# rp_filter, whether the source is an own address on the same interface, on another interface, or
# a stranger's off the subnet; whether it is heard with accept_local set.
REVERSE_PATH = [
    (0, "same", True), (0, "other", True), (0, "stranger", True),
    (1, "same", True), (1, "other", False), (1, "stranger", False),
    (2, "same", True), (2, "other", True), (2, "stranger", False),
]


@pytest.mark.parametrize(
    "rp_filter, place, heard", REVERSE_PATH,
    ids=[f"R28-R27-rp_filter-{c[0]}-source-{c[1]}" for c in REVERSE_PATH],
)
def test_reverse_path_filter(joined, lab, rp_filter, place, heard):
    lab.wire(lab.host, "eth1", "02:00:00:00:09:11")
    lab.add_address(lab.host, "eth1", "10.8.0.1/24")
    lab.sysctl(lab.host, f"net.ipv4.conf.eth0.rp_filter={rp_filter}")
    assert joined.do("get_rp_filter eth0") == rp_filter
    assert joined.do("accept_local eth0 1") == 0
    source = {"same": HOST4, "other": "10.8.0.1", "stranger": "172.16.5.5"}[place]
    assert len(joined.hear([ipv4(src=source)])) == heard
    assert len(joined.hear([ipv4()])) == 1


@pytest.mark.parametrize("everywhere, here, heard", [(1, 0, 0), (0, 1, 0), (2, 1, 1), (1, 2, 1)])
def test_R28_the_higher_reverse_path_filter_rules(joined, lab, everywhere, here, heard):
    """Of the setting for all interfaces and that of the one; an own address on another one."""
    lab.wire(lab.host, "eth1", "02:00:00:00:09:11")
    lab.add_address(lab.host, "eth1", "10.8.0.1/24")
    lab.sysctl(lab.host, f"net.ipv4.conf.all.rp_filter={everywhere}")
    lab.sysctl(lab.host, f"net.ipv4.conf.eth0.rp_filter={here}")
    assert joined.do("accept_local eth0 1") == 0
    assert len(joined.hear([ipv4(src="10.8.0.1")])) == heard
