# SPDX-License-Identifier: ISC
"""vrrp_sync_group: the members move together, as keepalived's do, and no half of a group is on the wire."""

import os
import signal

import pytest

from harness.config import Instance, configuration
from harness.device import Keepalived, VrrpAgent
from harness.namespace import Network
from harness.sequence import Sequences
from harness.snmp import KEEPALIVED, OPERATIONS, Manager, RowStatus, Snmpd, Snmptrapd, row
from harness.wait import observe, wait_for

INTERVAL = 0.5
# On one interface each. Alone they would take over 0.35 s apart: their skews differ by so much.
ONE = Instance("one", 31, ("198.51.100.31/32",), interval=INTERVAL, priority=240)
TWO = Instance("two", 32, ("198.51.100.32/32",), interval=INTERVAL, priority=60, interface="eth1")
SIX = Instance("six", 33, ("fe80::5e:33/64",), interval=INTERVAL, priority=150, interface="eth1")
MEMBERS = (ONE, TWO, SIX)
# Sent by one call they are microseconds apart; this is for a machine that is busy.
TOGETHER = 0.150


def group(name, members, *lines):
    inside = "".join(f"        {member}\n" for member in members)
    return (f"vrrp_sync_group {name} {{\n    group {{\n{inside}    }}\n"
            + "".join(f"    {line}\n" for line in lines) + "}\n")


def script(name, command):
    return f'vrrp_script {name} {{\n    script "{command}"\n    interval 1\n    user root\n}}\n'


G = group("G", [each.name for each in MEMBERS])


def lower(instances, by=40):
    return [each.but(priority=each.priority - by) for each in instances]


def two_links(network, names=("ours", "theirs")):
    """Hosts with an interface on each of three segments; the third is only tracked."""
    hosts = [network.host(name) for name in names]
    for number in (1, 2):
        network.add_segment(f"br{number}")
        for host in hosts:
            host.add_interface(f"eth{number}", [f"10.{number}.0.{host.number}/24", f"fe80::{host.number}/64"],
                               segment=f"br{number}")
    return hosts


class Half:
    """The device and a lower keepalived beside it, both with the group G of `members`."""

    def __init__(self, kind, folder, members, lines=()):
        self.network = Network()
        self.host, peer = two_links(self.network)
        self.capture = self.network.capture()
        self.device = kind(self.host, folder, f"ours-{kind.kind}")
        self.peer = Keepalived(peer, folder, f"theirs-{kind.kind}")
        self.told = Sequences(self.device, folder)
        self.members, self.lines = members, lines
        self.flag = os.path.join(folder, f"flag-{kind.kind}")
        self.set_flag(True)
        self.text = (script("flag", f"/usr/bin/test -e {self.flag}") + script("heavy", "/usr/bin/true")
                     + group("G", [each.name for each in members], *lines))

    def start(self):
        self.device.start(configuration(self.members, self.told.global_lines(), self.text))

    def start_peer(self):
        self.peer.start(configuration(lower(self.members), (), self.text))

    def set_flag(self, there):
        """What the script `flag` looks at."""
        if there:
            with open(self.flag, "w", encoding="utf-8"):
                pass
        else:
            os.unlink(self.flag)

    def link(self, number, state):
        self.host.ip("link", "set", f"eth{number}", state)

    def wait(self, state, who=("G",), timeout=20):
        """Until the group is in that state, and whatever has happened since the last step is told."""
        wait_for(lambda: all(self.told.now(name) == state for name in who), timeout,
                 lambda: f"{who} to be {state}: {self.told.told()}\n{self.device.log()[-1500:]}", 0.05)

    def wait_active(self, host, since=0.0):
        for each in self.members:
            self.capture.wait_advert(20, host=host, vrid=each.vrid, since=since)

    def kill(self):
        for device in (self.device, self.peer):
            device.kill()
        self.network.close()


@pytest.fixture
def halves(folder, ended):
    def make(members, lines=()):
        return [ended(Half(kind, folder, members, lines)) for kind in (VrrpAgent, Keepalived)]

    return make


def play(halves, steps):
    """Each step is done by both devices, then they wait for the same state."""
    for what, state in steps:
        for half in halves:
            what(half)
        for half in halves:
            half.wait(state)


FAILURES = (
    (lambda half: half.start(), "MASTER"),
    (lambda half: half.start_peer() or half.capture.wait_advert(20, host="ours", vrid=31), "MASTER"),
    (lambda half: half.link(1, "down"), "FAULT"),
    (lambda half: half.link(1, "up"), "MASTER"),
    (lambda half: half.link(0, "down"), "FAULT"),
    (lambda half: half.link(1, "down"), "FAULT"),
    (lambda half: half.link(0, "up"), "FAULT"),
    (lambda half: half.link(1, "up"), "MASTER"),
    (lambda half: half.link(2, "down"), "FAULT"),
    (lambda half: half.link(2, "up"), "MASTER"),
    (lambda half: half.set_flag(False), "FAULT"),
    (lambda half: half.set_flag(True), "MASTER"),
    (lambda half: half.device.stop(), "STOP"),
)


@pytest.mark.agent_only
def test_states_are_keepalived_s(halves):
    """Every order of failures, and what the group tracks: the same states in the same order, of each member and of
    the group. What a member tracks by itself with a weight is left out."""
    own = ONE.but(extra=("track_script {", "    heavy weight 10", "}"))
    both = halves((own, TWO), ("track_interface {", "    eth2", "}", "track_script {", "    flag", "}"))
    play(both, FAILURES)
    ours, theirs = (half.told.of_each() for half in both)
    assert set(ours) == {"one", "two", "G"}
    assert ours == theirs
    for half in both:
        assert {seen.priority for seen in half.capture.adverts("ours", ONE.vrid)} == {ONE.priority, 0}


@pytest.mark.agent_only
def test_nopreempt_of_one_member_holds_all(halves):
    """The group is back with higher priorities, of which one does not preempt: it stays Backup, as keepalived's,
    until the peer's fails."""
    both = halves((ONE.but(extra=("nopreempt",)), TWO))
    for half in both:
        half.start_peer()
        half.wait_active("theirs")
        half.start()
    for half in both:
        half.wait("BACKUP")
    observe(4 * INTERVAL + 1, "a takeover against nopreempt",
            lambda: [half.told.told() for half in both if "MASTER" in str(half.told.told())])
    for half in both:
        half.peer.kill()
    for half in both:
        half.wait("MASTER", ("one", "two", "G"))
    ours, theirs = (half.told.of_each() for half in both)
    assert ours == theirs


@pytest.fixture
def wire(network, devices, dut_kind, peer_kind):
    """(capture, device, peer, network): both with the three members in one group."""
    ours, theirs = two_links(network)
    return network.capture(), devices(dut_kind, ours), devices(peer_kind, theirs), network


def firsts(capture, host, since):
    """The stamp of each member's first advert of its priority, waited for."""
    def all_heard():
        seen = [[each for each in capture.adverts(host, member.vrid, since=since) if each.priority > 0]
                for member in MEMBERS]
        return all(seen) and [each[0].time for each in seen]

    return wait_for(all_heard, 20, f"adverts of all members by {host}")


def check_together(stamps):
    assert max(stamps) - min(stamps) < TOGETHER, f"a half-moved group: {sorted(stamps)}"


def test_no_half_moved_group_on_the_wire(wire):
    """Takeovers of silence, of priority 0, by preemption, and after a fault: the members' first adverts leave
    together, and a member in fault takes the others' adverts with it."""
    capture, device, peer, _ = wire
    device.start(configuration(MEMBERS, (), G))
    check_together(firsts(capture, "ours", 0.0))
    peer.start(configuration(lower(MEMBERS), (), G))
    observe(1, "keepalived's start")
    since = capture.last_time()
    device.host.ip("link", "set", "eth0", "down")
    check_together(firsts(capture, "theirs", since))
    for vrid in (TWO.vrid, SIX.vrid):
        assert capture.adverts("ours", vrid, since=since)[-1].priority == 0, "the healthy members say that they leave"
    fault = capture.last_time()
    observe(2 * INTERVAL, "adverts while a member is in fault", lambda: capture.adverts("ours", since=fault))
    since = capture.last_time()
    device.host.ip("link", "set", "eth0", "up")
    check_together(firsts(capture, "ours", since))
    since = capture.last_time()
    peer.kill()
    device.stop()
    for member in MEMBERS:
        assert capture.adverts("ours", member.vrid, since=since)[-1].priority == 0


@pytest.mark.agent_only
def test_silence_on_one_link_moves_nobody(wire):
    """As Backup: an Active that falls silent on one link of two is still followed. When it is silent on both, all
    members take over at once."""
    capture, device, peer, network = wire
    peer.start(configuration(MEMBERS, (), G))
    firsts(capture, "theirs", 0.0)
    device.start(configuration(lower(MEMBERS), (), G))
    port = network.port_of("theirs", "eth1")
    wait_states(device, "backup", [each.name for each in MEMBERS], "backup")
    wait_for(lambda: all(row["active_priority"] for row in device.show()["routers"]), 20, "all as followers")
    network.isolate(port, True)
    observe(5 * INTERVAL, "a takeover of half a group", lambda: capture.adverts("ours"))
    since = capture.last_time()
    peer.kill()
    check_together(firsts(capture, "ours", since))
    shown = device.show()["groups"]
    assert [(each["name"], each["state"], each["members"]) for each in shown] == [
        ("G", "active", ["one", "two", "six"])]


def states(device):
    shown = device.show()
    return ({each["name"]: each["state"] for each in shown["routers"]},
            {each["name"]: (each["state"], each["moved_by"]) for each in shown["groups"]})


def wait_states(device, state, members, group_state, cause=None):
    def reached():
        if not os.path.exists(f"{device.run_dir}/control.sock"):
            return False
        routers, groups = states(device)
        return (all(routers.get(name) == state for name in members) and groups["G"][0] == group_state
                and cause in (None, groups["G"][1]))

    wait_for(reached, 20, lambda: f"{members} {state}, G {group_state} by {cause}:\n{device.log()[-2000:]}", 0.1)


@pytest.mark.agent_only
def test_management_and_groups(network, devices, dut_kind):
    """A member that is taken out of service takes the others along; one that is destroyed leaves the group; a
    changed priority moves nobody by itself. A reload that adds and removes members keeps everybody's state."""
    ours, _ = two_links(network)
    capture = network.capture()
    device = devices(dut_kind, ours)
    fourth = Instance("four", 34, ("198.51.100.34/32",), interval=INTERVAL, interface="eth2")
    device.start(configuration(MEMBERS, (), G))
    names = [each.name for each in MEMBERS]
    wait_states(device, "active", names, "active")
    device.control("drain", "two")
    wait_states(device, "fault", ["one", "six"], "fault", "two")
    assert "one: active -> fault: sync group G: two is administratively down" in device.log()
    shown = next(each for each in device.show()["routers"] if each["name"] == "one")
    assert (shown["faults"], shown["sync_group"]) == (["sync-group"], "G")
    assert "sync group G: fault" in device.control("show").stdout
    device.control("undrain", "two")
    wait_states(device, "active", names, "active")
    since = len(device.log())
    device.control("drain", "all")
    wait_states(device, "initialize", names, "initialize")
    device.control("undrain", "all")
    wait_states(device, "active", names, "active")
    assert "fault" not in device.log()[since:], device.log()[since:]
    device.control("set", "one", "priority", "10")
    since = capture.last_time()
    capture.wait_advert(10, host="ours", vrid=ONE.vrid, priority=10, since=since)
    changes = device.log().count(" -> ")
    for members, instances in (([*names, "four"], [*MEMBERS, fourth]), (names[:2], [*MEMBERS, fourth]), (names, MEMBERS)):
        device.configure(configuration(instances, (), group("G", members)))
        generation = device.show()["generation"]
        device.reload()
        wait_for(lambda: device.show()["generation"] > generation, 20, "the reload")
        wait_for(lambda: states(device)[0].get("four", "active") == "active", 20, "the new member as Active")
        wait_states(device, "active", names, "active")
    told = [line for line in device.log().splitlines() if " -> " in line][changes:]
    assert not [line for line in told if "four:" not in line and "priority" not in line], told
    device.configure(configuration(MEMBERS[:1], (), group("G", names)))
    code, said = device.check()
    assert code == 2 and "G: there is no vrrp_instance 'two'" in said


@pytest.mark.agent_only
def test_traps_of_the_group(network, devices, dut_kind, folder, ended, need):
    """vrrpSyncGroupStateChange: one for each change of the group, with its name, its state and the router's id.

    A member that a manager destroys leaves its group, also after a restart; the others go on."""
    need("snmpd", "snmptrapd")
    ours, _ = two_links(network)
    snmpd, sink = ended(Snmpd(ours, folder).start()), ended(Snmptrapd(ours, folder))
    device = devices(dut_kind, ours, agentx=snmpd.socket)
    device.start(configuration(MEMBERS, ("enable_snmp_vrrp", "enable_traps"), group("other", ["one"]) + group(
        "G", ["two", "six"])))

    def received():
        of_g = [[value for value in each if value.oid.startswith(KEEPALIVED)]
                for each in sink.received(f"{KEEPALIVED}.2.10.0.1")]
        return [[(value.oid[len(KEEPALIVED):], value.text) for value in each] for each in of_g
                if each[0].oid.endswith(".2")]

    wait_states(device, "active", ["two", "six"], "active")
    ours.ip("link", "set", "eth1", "down")
    wait_for(lambda: len(received()) >= 3, 20, lambda: f"three notifications of G in {received()}")
    assert received() == [[(".2.1.1.2.2", "47"), (".2.1.1.3.2", state), (".1.2.0", "74 65 73 74")]
                          for state in ("1", "2", "3")]
    destroyed = f"{OPERATIONS}.13.{row(ours, TWO.vrid, interface='eth1')}"
    assert Manager(ours).set(destroyed, "i", str(RowStatus.DESTROY)) == ""
    ours.ip("link", "set", "eth1", "up")
    ours.ip("addr", "add", "fe80::1/64", "dev", "eth1", "nodad", check=False)
    wait_states(device, "active", ["six"], "active")
    assert [each["members"] for each in device.show()["groups"]] == [["one"], ["six"]]
    device.stop()
    device.start()
    wait_states(device, "active", ["six"], "active")
    assert [each["members"] for each in device.show()["groups"]] == [["one"], ["six"]]


@pytest.mark.agent_only
def test_a_successor_goes_on_with_the_group(network, devices, dut_kind):
    """vrrp_keep_on_restart: neither the members nor the group move, and the group is as old as before."""
    ours, _ = two_links(network)
    device = devices(dut_kind, ours)
    device.start(configuration(MEMBERS, ("vrrp_keep_on_restart",), G))
    wait_states(device, "active", [each.name for each in MEMBERS], "active")
    changes, before = device.log().count(" -> "), device.show()["groups"][0]
    core = device.role("core")
    device.process.signal(signal.SIGUSR2)
    wait_for(lambda: device.role("core") not in (None, core), 20, "the successor's core")
    wait_states(device, "active", [each.name for each in MEMBERS], "active")
    after = device.show()["groups"][0]
    assert device.log().count(" -> ") == changes, device.log()
    assert after["since"] > before["since"] and after["transitions"] == before["transitions"] == 1
    device.host.ip("link", "set", "eth1", "down")
    wait_states(device, "fault", ["one"], "fault")
