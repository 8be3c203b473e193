# SPDX-License-Identifier: ISC
"""Memberships on carrier sockets: hundreds of interfaces, users counted, interfaces that vanish and
return, and devices with a virtual MAC."""

import pytest

from receiver_lab import (
    GROUP4, GROUP6, HOST6, HOST_MAC, PEER6, PEER_MAC, VIRTUAL4, VIRTUAL6, advert, ipv4, ipv6,
    run,
)

ENODEV, ENOENT = -19, -2
ALLNODES = "ff02::1"
FAMILIES = pytest.mark.parametrize(
    "group, frame", [(GROUP4, ipv4()), (GROUP6, ipv6())], ids=["v4", "v6"]
)
MANY = 300


def descriptors(receiver):
    """How many the program has open: carriers among them."""
    return len(run(f"ls /proc/{receiver.program_pid()}/fd").split())


@FAMILIES
def test_users_are_counted(receiver, group, frame):
    assert receiver.hear([frame]) == []
    assert receiver.do(f"join eth0 {group}") == 1
    assert receiver.do(f"join eth0 {group}") == 2
    assert receiver.do(f"leave eth0 {group}") == 1
    assert len(receiver.hear([frame])) == 1
    assert receiver.do(f"leave eth0 {group}") == 0
    assert receiver.hear([frame]) == []
    assert receiver.do(f"leave eth0 {group}") == ENOENT


@FAMILIES
def test_missing_interface(receiver, group, frame):
    assert receiver.do(f"join missing {group}") == ENODEV
    assert receiver.do(f"leave missing {group}") == ENOENT


def test_hundreds_of_interfaces_on_one_socket(receiver, lab):
    """15 times the kernel's limit of groups per socket; no setting is changed for it."""
    limit = int(lab.get_sysctl(lab.host, "net.ipv4.igmp_max_memberships"))
    settings = lab.settings(lab.host, "net.ipv4")
    assert limit < MANY / 10
    before = descriptors(receiver)
    lab.many_pairs(MANY)
    for number in range(MANY):
        assert receiver.do(f"join m{number} {GROUP4}") == 1
        assert receiver.do(f"join m{number} {GROUP6}") == 1
    open_now = descriptors(receiver)
    ipv4_carriers, ipv6_carriers = MANY // limit, 4
    assert ipv4_carriers < open_now - before <= ipv4_carriers + ipv6_carriers
    for number in range(MANY):
        wire = lab.injector(f"m{number}")
        for frame in (ipv4(), ipv6()):
            heard = receiver.hear([frame], wire=wire)
            assert [one["interface"] for one in heard] == [lab.indices[f"m{number}"]]
    for number in range(MANY):
        assert receiver.do(f"forget {lab.indices[f'm{number}']}") == 2
    assert descriptors(receiver) == before, "carriers stay open without a group"
    changed = set(settings.splitlines()) - set(lab.settings(lab.host, "net.ipv4").splitlines())
    assert not [line for line in changed if "max_memberships" in line or "accept_local" in line]


@FAMILIES
def test_interface_returns_with_another_index(joined, lab, group, frame):
    old = lab.index(lab.host, "eth0")
    lab.recreate("eth0")
    assert lab.index(lab.host, "eth0") != old
    assert joined.hear([frame]) == [], "the kernel is thought to forget the group"
    assert joined.do(f"forget {old}") == 2
    assert joined.do(f"join eth0 {group}") == 1
    (heard,) = joined.hear([frame])
    assert heard["interface"] == lab.index(lab.host, "eth0")


@FAMILIES
def test_interface_returns_with_its_old_index(joined, lab, group, frame):
    """The carrier still holds an entry for that index, which only a leave removes."""
    old = lab.index(lab.host, "eth0")
    lab.recreate("eth0", index=old)
    assert lab.index(lab.host, "eth0") == old
    assert joined.hear([frame]) == []
    assert joined.do(f"renew {old}") == 0
    assert len(joined.hear([frame])) == 1
    assert joined.do(f"join eth0 {group}") == 2, "renewing keeps the users"


@FAMILIES
def test_index_is_reused_after_forget(joined, lab, group, frame):
    old = lab.index(lab.host, "eth0")
    lab.recreate("eth0", index=old)
    assert joined.do(f"forget {old}") == 2
    assert joined.do(f"join eth0 {group}") == 1
    assert len(joined.hear([frame])) == 1


def test_mtu_below_ipv6_minimum(joined, lab):
    """The kernel drops IPv6 memberships, without a word, and does not bring them back.  (Ethernet
    devices do not let their MTU fall below IPv4's minimum.)"""
    frame = ipv6()
    index = lab.index(lab.host, "eth0")
    run(f"ip -n {lab.host} link set eth0 mtu 1279")
    run(f"ip -n {lab.host} link set eth0 mtu 1500")
    lab.restore_addresses()
    assert joined.hear([frame]) == []
    assert joined.do(f"renew {index}") == 0
    assert len(joined.hear([frame])) == 1


@pytest.mark.parametrize(
    "change", ["down-up", "addresses-flushed", "renamed", "mac-changed", "mtu-1280"]
)
@FAMILIES
def test_membership_outlives(joined, lab, group, frame, change):
    host = lab.host
    name = "eth0"
    if change == "down-up":
        run(f"ip -n {host} link set eth0 down")
        run(f"ip -n {host} link set eth0 up")
    elif change == "addresses-flushed":
        run(f"ip -n {host} address flush dev eth0")
    elif change == "renamed":
        run(f"ip -n {host} link set eth0 down")
        run(f"ip -n {host} link set eth0 name wan0")
        run(f"ip -n {host} link set wan0 up")
        name = "wan0"
    elif change == "mac-changed":
        run(f"ip -n {host} link set eth0 address 02:00:00:00:09:99")
        run(f"ip -n {host} link set eth0 address {HOST_MAC}")
    else:
        run(f"ip -n {host} link set eth0 mtu 1280")
    lab.wait_carrier(host, name)
    lab.restore_addresses(name)
    (heard,) = joined.hear([frame])
    assert heard["interface"] == lab.index(host, name)


# The macvlan's mode; what is heard with the group joined on the parent alone, and on both, of a
# frame that bears the macvlan's own MAC and of one that bears another.  P parent, M macvlan.
MACVLANS = [
    ("private", "own", "", "M"), ("private", "other", "P", "MP"),
    ("bridge", "own", "P", "P"), ("bridge", "other", "P", "MP"),
    ("vepa", "own", "P", "P"), ("vepa", "other", "P", "MP"),
]


@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize(
    "mode, source, parent_alone, both", MACVLANS, ids=[f"R29-{c[0]}-{c[1]}-mac" for c in MACVLANS]
)
def test_virtual_mac_device(joined, lab, family, mode, source, parent_alone, both):
    mac = f"00:00:5e:00:0{'1' if family == 4 else '2'}:33"
    group = GROUP4 if family == 4 else GROUP6
    lab.add_macvlan("vrrp.51", mac, mode)
    index = {lab.index(lab.host, "eth0"): "P", lab.index(lab.host, "vrrp.51"): "M"}
    make = ipv4 if family == 4 else ipv6

    def places(copies):
        heard = joined.hear_by_broadcast(make, copies, mac if source == "own" else PEER_MAC)
        return "".join(sorted(index[one["interface"]] for one in heard))

    assert places(copies=1) == parent_alone
    assert joined.do(f"join vrrp.51 {group}") == 1
    assert places(copies=2) == both
    run(f"ip -n {lab.host} link set vrrp.51 down")
    assert places(copies=1) == "P", "a macvlan that is down hides nothing"


@pytest.mark.parametrize("rp_filter, heard", [(0, True), (1, False), (2, True)])
@pytest.mark.parametrize("mode", ["private", "vepa"])
def test_R28_returning_owner_while_the_virtual_mac_is_ours(joined, lab, mode, rp_filter, heard):
    """Frame with our virtual MAC *and* our virtual address, held on the macvlan."""
    mac = "00:00:5e:00:01:33"
    lab.add_macvlan("vrrp.51", mac, mode)
    lab.add_address(lab.host, "vrrp.51", f"{VIRTUAL4}/32")
    if mode == "private":
        assert joined.do(f"join vrrp.51 {GROUP4}") == 1
        assert joined.do("accept_local vrrp.51 1") == 0
    lab.sysctl(lab.host, f"net.ipv4.conf.eth0.rp_filter={rp_filter}")
    copies = {"vepa": 1, "private": 2}[mode]

    def hear():
        return joined.hear_by_broadcast(ipv4, copies, mac, src=VIRTUAL4)

    if mode == "vepa":
        assert hear() == [], "accept_local is not set yet"
    assert joined.do("accept_local eth0 1") == 0
    # A private macvlan takes the frame itself, and the route to the address leads there.
    expected = 1 if heard or mode == "private" else 0
    assert len(hear()) == expected


def test_R28_returning_owner_v6_needs_no_setting(joined, lab):
    mac = "00:00:5e:00:02:33"
    lab.add_macvlan("vrrp6.51", mac, "vepa")
    run(f"ip -n {lab.host} address add {VIRTUAL6}/128 dev vrrp6.51 nodad")
    for address in (VIRTUAL6, HOST6, "fe80::1"):
        (heard,) = joined.hear([ipv6(src=address, ethernet={"src": mac})])
        assert heard["source"] == address


def test_foreign_membership_is_heard_too(receiver, lab):
    """Another program's group suffices for the kernel to deliver: the destination and the interface
    are what the reader has to judge by."""
    (heard,) = receiver.hear([ipv6(advert(octets=16), dst=ALLNODES, src=PEER6)])
    assert heard["destination"] == ALLNODES
