# SPDX-License-Identifier: ISC
"""The same configuration under vrrp-agent and under keepalived, each behind an snmpd of its own: all three MIBs are
compared object by object. Each difference is named here, with what is wrong in keepalived."""

import re

import pytest

from harness.config import Instance, configuration, password
from harness.device import Keepalived, VrrpAgent
from harness.namespace import Network
from harness.snmp import Manager, Snmpd
from harness.wait import wait_for

pytestmark = [pytest.mark.agent_only, pytest.mark.usefixtures("snmp_tools")]

VRRPV3, VRRPV2, KEEPALIVED = ".1.3.6.1.2.1.207", ".1.3.6.1.2.1.68", ".1.3.6.1.4.1.9586.100.5"
ROOTS = (VRRPV3, VRRPV2, f"{KEEPALIVED}.1", f"{KEEPALIVED}.2")
STATE = f"{KEEPALIVED}.2.3.1.4"
OPERATIONS, STATISTICS, ROUTERS = f"{VRRPV3}.1.1.1.1", f"{VRRPV3}.1.2.5.1", f"{VRRPV2}.1.3.1"

GLOBAL = ("enable_traps", "enable_snmp_vrrp", "enable_snmp_rfc", "script_user root", "enable_script_security",
          "vrrp_garp_master_delay 5")
BEATEN = Instance("beaten", 200, ("198.51.100.200/24",), priority=80, interval=0.2)
INSTANCES = (
    Instance("four", 7, ("192.0.2.101/24 brd 192.0.2.255 scope global label eth0:x", "198.51.100.1/32 dev eth1",
                         "198.51.100.77"), priority=120, interval=0.2),
    Instance("six", 7, ("fe80::5e:7/64", "2001:db8::7/64"), priority=90, interval=0.5, extra=("nopreempt",)),
    Instance("old", 9, ("198.51.100.9/24 scope link",), priority=254, version=2, state="MASTER", extra=(
        *password("secret"), "garp_master_delay 7", 'notify_master "/usr/bin/true a b"', 'notify "/usr/bin/true"',
        "notify_stop /usr/bin/false", "preempt_delay 0")),
    BEATEN.but(extra=("preempt_delay 3",)),
    Instance("spoken", 20, ("198.18.0.20/24", "198.18.0.21/24"), extra=(
        "unicast_src_ip 192.0.2.1", "unicast_peer {", "    192.0.2.99", "}", "virtual_ipaddress_excluded {",
        "    2001:db8::99/64", "    198.18.0.22/24", "}")),
    Instance("authenticated", 21, ("198.18.0.31/24",), version=2, extra=(
        "authentication {", "    auth_type AH", "    auth_pass secret", "}")),
    Instance("down", 11, ("198.51.100.11/24",), interface="eth2"),
    Instance("loose", 12, ("198.18.2.12/24",), interface="eth1", extra=("dont_track_primary", "promote_secondaries")),
    Instance("mac", 13, ("198.51.100.13/24",), extra=("use_vmac",)),
    Instance("named", 14, ("198.51.100.14/24",), extra=("use_vmac named0 02:00:00:11:22:33", "vmac_xmit_base")),
)
STATIC = "static_ipaddress {\n    198.18.1.1/24 dev eth1 scope link\n    2001:db8:9::1/64 dev eth0\n}\n"
GROUPS = """vrrp_sync_group pair {
    group {
        six
        four
    }
    notify_master "/usr/bin/true a b"
    notify_stop /usr/bin/false
    sync_group_tracking_weight
}
vrrp_sync_group lone { group { loose } notify /usr/bin/true }
vrrp_sync_group failed {
    group {
        down
        authenticated
    }
    notify_fault /usr/bin/true
}
"""
STATES = (2, 2, 2, 1, 2, 3, 3, 2, 2, 2)  # of KEEPALIVED-MIB, in that order

BOTH, OURS, THEIRS = "both", "ours alone", "theirs alone"

# (objects, who has them, what is wrong in keepalived)
DIFFERENCES = (
    (f"{OPERATIONS}.5|{ROUTERS}.2", BOTH, "shows the card's MAC for the virtual router's"),
    (f"{OPERATIONS}.[34]", BOTH, "an address that is not known is 0.0.0.0; InetAddress has a zero length for that"),
    (f"{VRRPV3}.1.1.2", THEIRS, "the address in an index lacks its length (RFC 2578, 7.7)"),
    (f"{VRRPV3}.1.1.2", OURS, "the address in an index lacks its length"),
    (f"{VRRPV3}.1.2.4.0|{STATISTICS}.12", BOTH, "counters that began after the SNMP agent have discontinuity 0"),
    (f"{VRRPV3}.1.2.3.0|{VRRPV2}.2.3.0", BOTH, "packets of an unknown VRID are not counted (eth1 hears eth0's)"),
    (f"{STATISTICS}.13", BOTH, "RefreshRate is the advertisement interval, though counters are never older than read"),
    (f"{ROUTERS}.7", BOTH, "a master does not know that it is the master"),
    (f"{ROUTERS}.10", OURS, "AuthKey is missing; RFC 2787 wants it to read as empty"),
    (f"{VRRPV2}.(1.3.1|2.4.1).[0-9]+.[0-9]+.21", OURS, "walks only to its first version 2 router (and GET finds none)"),
    (f"{KEEPALIVED}.1.1.0", BOTH, "names itself, and so do we"),
    (f"{KEEPALIVED}.1.([35-9]|1[01])", THEIRS, "mail, LVS, DBus, namespaces: settings that are not VRRP's"),
    (f"{KEEPALIVED}.2.3.1.11", BOTH, "says notTracked unless *another* interface is tracked"),
    (f"{KEEPALIVED}.2.3.1.27", BOTH, "accept mode of version 2 is 0, which the enumeration has not"),
    (f"{KEEPALIVED}.2.6.1.11", BOTH, "only the first instance's addresses are advertised"),
)
# Columns that count or measure: only whether they are 0 is the same.
MEASURED = (f"{OPERATIONS}.12", f"{ROUTERS}.13", f"{STATISTICS}.3", f"{VRRPV2}.2.4.1.2")


@pytest.fixture
def snmp_tools(need):
    need("snmpd", "snmpget", "snmpbulkwalk", "keepalived")


class Side:
    """A network with the device on one host and a keepalived that beats it on another."""

    def __init__(self, kind, folder):
        self.network = Network()
        self.host = self.network.host("ours")
        self.host.add_interface("eth1", ["203.0.113.1/24"])
        self.host.add_interface("eth2", ["203.0.114.1/24"], up=False)
        self.snmpd = Snmpd(self.host, f"{folder}/{kind.kind}").start()
        self.device = kind(self.host, folder, agentx=self.snmpd.socket)
        self.peer = Keepalived(self.network.host("peer"), folder, f"peer-{kind.kind}")
        self.manager = Manager(self.host)

    def start(self):
        self.peer.start(configuration([BEATEN.but(priority=200)]))
        self.device.start(configuration(INSTANCES, GLOBAL, STATIC + GROUPS))
        self.manager.wait_served(f"{STATE}.{len(STATES)}", 30)

    def states(self):
        return tuple(value.number for value in self.manager.walk(STATE))

    def objects(self):
        return {value.oid: value for root in ROOTS for value in self.manager.walk(root)}

    def kill(self):
        for process in (self.device, self.peer, self.snmpd):
            process.kill()
        self.network.close()


@pytest.fixture
def sides(folder, ended):
    made = [ended(Side(kind, folder)) for kind in (VrrpAgent, Keepalived)]
    for side in made:
        side.start()
    for side in made:
        wait_for(lambda side=side: side.states() == STATES, 30,
                 lambda side=side: f"{side.states()} to become {STATES}; {side.device.log()[-3000:]}", 0.2)
    wait_for(lambda: all(value.number for side in made
                         for value in side.manager.get(f"{STATISTICS}.3.{side.host.index('eth0')}.200.1")), 10,
             "advertisements of the peer")
    return made


def begins_with(pattern, oid):
    return re.match(rf"(?:{pattern.replace('.', '[.]')})(?:[.]|$)", oid)


def comparable(oid, value):
    if any(oid.startswith(column + ".") for column in MEASURED):
        return value.type, value.number > 0
    return value.type, value.text


def test_every_object_is_keepalived_s_where_that_is_right(sides):
    ours, theirs = (side.objects() for side in sides)
    used = set()
    unexplained = []
    for oid in sorted(set(ours) | set(theirs)):
        who = BOTH if oid in ours and oid in theirs else OURS if oid in ours else THEIRS
        if who == BOTH and comparable(oid, ours[oid]) == comparable(oid, theirs[oid]):
            continue
        reason = next((entry for entry in DIFFERENCES if entry[1] == who and begins_with(entry[0], oid)), None)
        used.add(reason)
        if reason is None:
            unexplained.append((oid, who, ours.get(oid), theirs.get(oid)))
    assert not unexplained
    assert used == set(DIFFERENCES), "a difference that is named must exist"
    assert len(set(ours) & set(theirs)) > 250, "most objects are compared"
    assert {f"{KEEPALIVED}.2.1.1.3.3", f"{KEEPALIVED}.2.2.1.2.1.2"} <= set(ours) & set(theirs), "sync groups are"


def test_what_differs_is_right_here(sides):
    """The objects in which keepalived is wrong have the values that the RFCs and the configuration ask for."""
    ours = sides[0].objects()
    eth0 = sides[0].host.index("eth0")
    assert ours[f"{OPERATIONS}.5.{eth0}.7.2"].octets == bytes.fromhex("00005e000207")
    assert ours[f"{OPERATIONS}.5.{eth0}.14.1"].octets == bytes.fromhex("020000112233")
    assert ours[f"{OPERATIONS}.3.{sides[0].host.index('eth2')}.11.1"].octets == b""
    assert ours[f"{VRRPV3}.1.1.2.1.2.{eth0}.7.1.4.198.51.100.77"].number == 1
    assert ours[f"{VRRPV3}.1.1.2.1.2.{eth0}.7.2.16.254.128.{'0.' * 11}94.0.7"].number == 1
    assert ours[f"{ROUTERS}.7.{eth0}.9"].text == "192.0.2.1"
    assert ours[f"{ROUTERS}.10.{eth0}.9"].octets == b""
    assert bytes.fromhex(ours[f"{KEEPALIVED}.1.1.0"].text.replace(" ", "")).startswith(b"vrrp-agent ")
    assert {ours[f"{KEEPALIVED}.2.6.1.11.{place}"].number for place in ("1.1", "1.3", "2.2", "5.1")} == {1}
