# SPDX-License-Identifier: ISC
"""What is accepted and what is discarded (R1-R33).

Probe: the router is Active at 100 and one advertisement at 200 arrives. If the router falls silent, the frame
was accepted. Every discarded frame has a twin, the same frame repaired, which must be accepted afterwards by the
same router: so a router that hears nothing does not pass.
"""

from dataclasses import dataclass

import pytest

from harness.bench import BROADCAST, DUT, LOWER, TESTER, Bench
from harness.config import Instance, password
from harness.device import Keepalived
from harness.frame import carp

ONE_WORKER = "conformance-receive"

DISCARD, ACCEPT, EITHER = "discard", "accept", "either"
FLAPPED = "flapped: Active was left and taken again"
V4 = ("v2", "v3")
V3 = ("v3", "v6")
ALL = ("v2", "v3", "v6")


@dataclass(frozen=True)
class Case:
    """frame(router, bench) makes what is sent: an Advert or frames. config: changes of the instance, or what makes
    them for a flavour."""

    id: str
    flavours: tuple
    expected: str
    frame: object
    config: dict = None
    twin: object = None
    interface: str = "eth0"


def but(**changes):
    return lambda router, bench: router.probe.but(**changes)


def _unicast(router, bench):
    return router.probe.but(destination=DUT[router.family], mac_destination=bench.dut.mac())


def _other_list(router, bench):
    other = ("198.51.100.250",) if router.family == 4 else ("fe80::5e:fa", "2001:db8:1::fa")
    return router.probe.but(addresses=other)


def _reversed_list(router, bench):
    return router.probe.but(addresses=tuple(reversed(router.addresses)))


def _wrong_version(version):
    def make(router, bench):
        interval = 1 if version == 2 else round(router.interval * 100)
        return router.probe.but(version=version, interval=interval)

    return make


def _from_virtual_address(router, bench):
    return router.probe.but(source=router.addresses[0], priority=255)


def _other_interval(router, bench):
    return router.probe.but(interval=router.probe.interval * 2)


RIGHT = {"extra": password("right")}
AH = {"extra": password("right", "AH")}
STRANGER = {4: "10.9.2.77", 6: "fe80::77"}


def _with_peers(*lines):
    """The tester is a peer with any TTL, the lower address one with 250 to 252."""
    def make(flavour):
        family = 6 if flavour == "v6" else 4
        return {"extra": (
            "check_unicast_src", f"unicast_src_ip {DUT[family]}",
            "unicast_peer {", f"    {LOWER[family]} min_ttl 250 max_ttl 252", f"    {TESTER[family]}", "}", *lines)}

    return make


def _from_peer(**changes):
    return lambda router, bench: _unicast(router, bench).but(**changes)


def _from_lower(ttl):
    return lambda router, bench: _unicast(router, bench).but(source=LOWER[router.family], ttl=ttl)


def _from_stranger(router, bench):
    return _unicast(router, bench).but(source=STRANGER[router.family])


def _with_ah(word="right", sequence=7, make=but(), **changes):
    return lambda router, bench: make(router, bench).but(auth_type=2, ah=(word, sequence), **changes)



def _with_password(word, auth_type=1):
    return but(auth=word.encode(), auth_type=auth_type)


CASES = [
    Case("R1-ttl-254", V4, DISCARD, but(ttl=254)),
    Case("R1-ttl-1", V4, DISCARD, but(ttl=1)),
    Case("R2-hop-limit-254", ("v6",), DISCARD, but(ttl=254)),
    Case("R2-hop-limit-1", ("v6",), DISCARD, but(ttl=1)),
    Case("R3-version-0", ALL, DISCARD, _wrong_version(0)),
    Case("R3-version-1", V4, DISCARD, _wrong_version(1)),
    Case("R3-version-4", ALL, DISCARD, _wrong_version(4)),
    Case("R3-version-2", V3, DISCARD, _wrong_version(2)),
    Case("R3-version-3", ("v2",), DISCARD, _wrong_version(3)),
    Case("R4-type-0", ALL, DISCARD, but(type=0)),
    Case("R4-type-2", ALL, DISCARD, but(type=2)),
    Case("R4-type-15", V4, DISCARD, but(type=15)),
    Case("R5-octets-0", ALL, DISCARD, but(cut=0)),
    Case("R5-octets-7", ALL, DISCARD, but(cut=7)),
    Case("R6-count-beyond", ALL, DISCARD, but(count=9)),
    Case("R6-count-255", ALL, DISCARD, but(count=255)),
    Case("R7-trailing-1", ALL, DISCARD, but(trailing=bytes(1))),
    Case("R7-trailing-8", ALL, DISCARD, but(trailing=bytes(8))),
    Case("R7-trailing-40", ALL, DISCARD, but(trailing=bytes(40))),
    Case("R8-checksum", ALL, DISCARD, but(checksum="bad")),
    Case("R8b-message-checksum", ("v3",), ACCEPT, but(checksum="message")),
    Case("R9-vrid-0", ALL, DISCARD, but(wire_vrid=0)),
    Case("R9-vrid-unknown", ALL, DISCARD, but(wire_vrid=254)),
    Case("R10-count-0", ALL, DISCARD, but(addresses=())),
    Case("R11-interval-0", ALL, DISCARD, but(interval=0)),
    Case("R12-reserved-bits", V3, ACCEPT, but(reserved=15)),
    Case("R13-first-not-link-local", ("v6",), ACCEPT, _reversed_list),
    Case("R14-other-interval", V3, ACCEPT, _other_interval),
    Case("R15-other-interval", ("v2",), DISCARD, _other_interval),
    Case("R16-other-list", V3, ACCEPT, _other_list),
    Case("R17-other-list", ("v2",), DISCARD, _other_list),
    Case("R18-owner-hears-255", V3, ACCEPT, but(priority=255), {"priority": 255, "state": "MASTER"}),
    Case("R19-auth-type-1", ("v2",), DISCARD, but(auth_type=1)),
    Case("R19-auth-type-2", ("v2",), DISCARD, but(auth_type=2)),
    Case("R19-auth-type-3", ("v2",), DISCARD, but(auth_type=3)),
    Case("R20-auth-octets", ("v2",), ACCEPT, but(auth=b"anything")),
    Case("R21-ip-options", V4, ACCEPT, but(options=b"\1\1\1\1")),
    Case("R22-fragments", ("v6",), ACCEPT, but(fragment=24)),
    Case("R22-fragments", V4, EITHER, but(fragment=8)),
    Case("R23-ip-length", ALL, DISCARD, but(length_excess=16)),
    Case("R24-padding", V4, ACCEPT, but(padding=60)),
    Case("R25-unicast", ALL, DISCARD, _unicast),
    Case("R26-all-hosts", V4, DISCARD, but(destination="224.0.0.1")),
    Case("R26-all-nodes", ("v6",), DISCARD, but(destination="ff02::1")),
    Case("R26-broadcast", V4, DISCARD, but(destination="255.255.255.255")),
    Case("R26-subnet-broadcast", V4, DISCARD,
         but(destination=BROADCAST, mac_destination="ff:ff:ff:ff:ff:ff")),
    Case("R28-source-loopback", V4, DISCARD, but(source="127.0.0.1")),
    Case("R28-source-multicast", V4, DISCARD, but(source="224.0.0.5")),
    Case("R28-source-unspecified", V4, DISCARD, but(source="0.0.0.0")),
    Case("R28-source-own", ALL, DISCARD, lambda router, bench: router.probe.but(source=DUT[router.family])),
    Case("R28-source-virtual", ALL, ACCEPT, _from_virtual_address),
    Case("R29-own-mac", ALL, ACCEPT, but(mac_source="02:00:00:00:99:99")),
    Case("R30-other-interface", ALL, DISCARD, but(), interface="eth1"),
    Case("R31-carp", ("v2",), DISCARD, lambda router, bench: carp(router.vrid, TESTER[4])),
    Case("R33-wrong-password", ("v2",), DISCARD, _with_password("wrong"), RIGHT, _with_password("right")),
    Case("R33-no-password", ("v2",), DISCARD, but(), RIGHT, _with_password("right")),
    Case("R33-password-without-type", ("v2",), DISCARD, _with_password("right", 0), RIGHT,
         _with_password("right")),
    Case("R25-from-peer", ALL, ACCEPT, _unicast, _with_peers()),
    Case("R25-group-with-peers", ALL, DISCARD, but(), _with_peers(), _unicast),
    Case("R27-stranger-with-peers", ALL, DISCARD, _from_stranger, _with_peers(), _unicast),
    Case("R1-peer-with-any-ttl", V4, ACCEPT, _from_peer(ttl=1), _with_peers()),
    Case("R2-peer-with-any-hop-limit", ("v6",), ACCEPT, _from_peer(ttl=1), _with_peers()),
    Case("R1-below-the-peers-ttl", V4, DISCARD, _from_lower(249), _with_peers(), _from_lower(250)),
    Case("R1-above-the-peers-ttl", V4, DISCARD, _from_lower(253), _with_peers(), _from_lower(252)),
    Case("R2-below-the-peers-hop-limit", ("v6",), DISCARD, _from_lower(249), _with_peers(), _from_lower(250)),
    Case("R2-above-the-peers-hop-limit", ("v6",), DISCARD, _from_lower(253), _with_peers(), _from_lower(252)),
    Case("R8b-message-checksum-from-peer", ("v3",), ACCEPT, _from_peer(checksum="message"), _with_peers()),
    Case("R8-old-unicast-checksum", ("v3",), ACCEPT, _from_peer(checksum="group"), _with_peers()),
    Case("R8-old-unicast-checksum-never", ("v3",), DISCARD, _from_peer(checksum="group"),
         _with_peers("old_unicast_checksum never"), _unicast),
    Case("R33-ah", ("v2",), ACCEPT, _with_ah(), AH),
    Case("R33-ah-wrong-password", ("v2",), DISCARD, _with_ah("wrong"), AH, _with_ah()),
    Case("R33-ah-type-without-header", ("v2",), DISCARD, but(auth_type=2), AH, _with_ah()),
    Case("R33-ah-header-of-another-type", ("v2",), DISCARD,
         lambda router, bench: _with_ah()(router, bench).but(auth_type=0), AH, _with_ah()),
    Case("R33-pass-where-ah-is-configured", ("v2",), DISCARD, _with_password("right"), AH, _with_ah()),
    Case("R33-ah-truncated", ("v2",), DISCARD, _with_ah(cut=7), AH, _with_ah(sequence=8)),
    Case("R19-ah-unasked", ("v2",), DISCARD, _with_ah()),
    Case("R33-ah-from-peer", ("v2",), ACCEPT, _with_ah(make=_from_peer(ttl=61)), _with_peers(*AH["extra"])),
    Case("R33-ah-from-peer-wrong-password", ("v2",), DISCARD, _with_ah("wrong", make=_unicast),
         _with_peers(*AH["extra"]), _with_ah(make=_unicast)),
]

# Where keepalived 2.2.7 is known to do something else; docs/migration.md says so in words.
KEEPALIVED = {
    "R8b-message-checksum-v3": DISCARD, "R8b-message-checksum-from-peer-v3": DISCARD,
    "R11-interval-0-v3": FLAPPED, "R11-interval-0-v6": FLAPPED,
    "R16-other-list-v3": DISCARD, "R16-other-list-v6": DISCARD,
    "R28-source-unspecified-v2": ACCEPT, "R28-source-unspecified-v3": ACCEPT, "R28-source-own-v6": ACCEPT,
    "R28-source-virtual-v2": DISCARD, "R28-source-virtual-v3": DISCARD,
}

PARAMETERS = [(case, flavour) for case in CASES for flavour in case.flavours]


def _name(case, flavour):
    return f"{case.id}-{flavour}"


@pytest.fixture(scope="module")
def verdicts(dut_kind, tmp_path_factory):
    """{case: (verdict on the frame, verdict on its twin)}, from one run of everything at once."""
    bench = Bench(dut_kind, tmp_path_factory.mktemp("receive"))
    try:
        yield _judge(bench)
    finally:
        bench.close()


def _send(bench, case, router, make):
    what = make(router, bench)
    if case.interface == "eth0":
        return bench.send(what)
    bench.tester.send(what.frames(), interface=case.interface)
    return bench.send(router.probe.but(vrid=255, wire_vrid=253))


def _changes(case, flavour):
    return case.config(flavour) if callable(case.config) else case.config or {}


def _judge(bench):
    bench.network.wire(bench.dut, bench.tester, "eth1")
    bench.dut.ip("addr", "add", "203.0.113.1/24", "dev", "eth1")
    bench.dut.ip("addr", "add", "fe80::a:1/64", "dev", "eth1", "nodad")
    elsewhere = [
        Instance("elsewhere4", 252, ("203.0.113.252/32",), interface="eth1"),
        Instance("elsewhere2", 251, ("203.0.113.251/32",), interface="eth1", version=2),
        Instance("elsewhere6", 252, ("fe80::a:252/128",), interface="eth1"),
    ]
    routers = {_name(case, flavour): bench.router(_name(case, flavour), flavour, **_changes(case, flavour))
               for case, flavour in PARAMETERS}
    bench.tell_neighbours()
    bench.start(other_instances=elsewhere)
    bench.wait_active()
    stamps = {_name(case, flavour): [_send(bench, case, routers[_name(case, flavour)], case.frame)]
              for case, flavour in PARAMETERS}
    bench.look_on(3.2, "what the probes do to routers that advertise each second")
    for case, flavour in PARAMETERS:
        if case.expected == DISCARD:
            name = _name(case, flavour)
            stamps[name].append(bench.send((case.twin or but())(routers[name], bench)))
    bench.look_on(3.2, "what the repaired probes do")
    return {name: [_verdict(routers[name], sent.time) for sent in sents] for name, sents in stamps.items()}


def _verdict(router, stamp):
    """Silence from shortly after the probe for less than Active_Down: accepted. Two advertisements and no
    announcement of a new takeover: discarded."""
    since, until = stamp + 0.05 * router.interval + 0.02, stamp + 2.9 * router.interval
    adverts = len(router.adverts(since, until))
    if adverts == 0:
        return ACCEPT
    if router.announcements(stamp, until):
        return FLAPPED
    return DISCARD if adverts >= 2 else "unclear: one advertisement"


@pytest.mark.parametrize("case, flavour", PARAMETERS, ids=[_name(*each) for each in PARAMETERS])
def test_receive(verdicts, dut_kind, case, flavour):
    verdict = verdicts[_name(case, flavour)]
    if dut_kind is Keepalived and _name(case, flavour) in KEEPALIVED:
        assert verdict[0] == KEEPALIVED[_name(case, flavour)]
        return
    if case.expected != EITHER:
        assert verdict[0] == case.expected
    else:
        assert verdict[0] in (ACCEPT, DISCARD)
    if case.expected == DISCARD:
        assert verdict[1] == ACCEPT, "the repaired twin was not accepted"
