# SPDX-License-Identifier: ISC
"""A SET of the priority over a real snmpd moves the Active within the protocol's time, and is durable."""

import pytest

from harness.config import Instance, configuration
from harness.pair import Pair, Side
from harness.snmp import OPERATIONS, Manager, Snmpd, row
from harness.wait import observe, wait_for

pytestmark = pytest.mark.agent_only

INSTANCE = Instance("one", 85, ("198.51.100.1/24",), interval=0.2)
SIX = Instance("six", 85, ("fe80::5e:85/64",), interval=0.2)
LATE = 0.25


@pytest.fixture
def snmpd(network, folder, ended, need):
    need("snmpd", "snmpset")
    return ended(Snmpd(network.host("ours"), folder)).start()


@pytest.fixture
def manager(snmpd):
    return Manager(snmpd.host)


@pytest.fixture
def device(snmpd, devices, dut_kind):
    return devices(dut_kind, snmpd.host, agentx=snmpd.socket)


def priority_oid(host, family=4):
    return f"{OPERATIONS}.7.{row(host, INSTANCE.vrid, family)}"


@pytest.mark.parametrize("peer", ["vrrp-agent", "keepalived"])
@pytest.mark.parametrize("instance, family", [(INSTANCE, 4), (SIX, 6)], ids=["ipv4", "ipv6"])
def test_F18_set_fails_over(network, devices, dut_kind, peer_kind, device, manager, peer, instance, family):
    """Raised above the other's: Active within Active_Down. Lowered again: the other is, as fast."""
    theirs = devices(dut_kind if peer == "vrrp-agent" else peer_kind, network.host("theirs"))
    capture = network.capture()
    ours, other = Side(device, instance), Side(theirs, instance.but(priority=120))
    pair = Pair(capture, other, ours)
    pair.settle()
    oid = priority_oid(device.host, family)
    manager.wait_served(oid)
    for value, winner, loser in ((150, ours, other), (50, other, ours)):
        since = capture.last_time()
        assert manager.set(oid, "u", str(value)) == ""
        assert manager.get(oid)[0].number == value
        pair.wait_active(winner, loser)
        taken = pair.adverts(winner, since)[0].time - since
        assert taken <= winner.active_down + LATE, f"failed over after {taken:.3f} s"


def test_priority_on_the_wire_at_once(network, device, manager):
    """The Active advertises the new priority no later than its next advertisement, without a transition."""
    capture = network.capture()
    device.start(configuration([INSTANCE]))
    capture.wait_advert(10, host="ours")
    oid = priority_oid(device.host)
    manager.wait_served(oid)
    observe(3 * INSTANCE.interval, "gratuitous ARPs that still belong to the start")
    since = capture.last_time()
    assert manager.set(oid, "u", "77") == ""
    capture.wait_advert(2, host="ours", priority=77, since=since)
    wait_for(lambda: "one: priority 100 -> 77" in device.log(), 2, "the change in the log")
    assert not [each for each in capture.arps("ours", since) if each.gratuitous]


@pytest.mark.parametrize("kind, value, error", [
    ("u", "0", "wrongValue"), ("u", "255", "wrongValue"), ("u", "256", "wrongValue"), ("u", "300", "wrongValue"),
    ("i", "150", "wrongType"), ("s", "150", "wrongType"),
])
def test_bad_values_are_refused(network, device, manager, kind, value, error):
    capture = network.capture()
    device.start(configuration([INSTANCE]))
    capture.wait_advert(10, host="ours")
    oid = priority_oid(device.host)
    manager.wait_served(oid)
    assert manager.set(oid, kind, value) == error
    assert manager.get(oid)[0].number == 100


def test_survives_the_death_of_everything(network, device, manager, snmpd):
    capture = network.capture()
    device.start(configuration([INSTANCE]))
    capture.wait_advert(10, host="ours")
    oid = priority_oid(device.host)
    manager.wait_served(oid)
    assert manager.set(oid, "u", "150") == ""
    device.kill()
    snmpd.kill()
    since = capture.last_time()
    snmpd.start()
    device.start()
    first = capture.wait_advert(10, host="ours", since=since)
    assert first.priority == 150
    manager.wait_served(oid)
    assert manager.get(oid)[0].number == 150
    reread = "150 after a reload too: the file is the baseline, what was set is kept over it"
    device.reload()
    observe(5 * INSTANCE.interval, reread,
            lambda: [seen for seen in capture.adverts("ours", since=since) if seen.priority != 150])


def test_F18_set_preempt(network, devices, dut_kind, device, manager):
    """A Backup of the higher priority that does not preempt takes over once it is told to."""
    theirs = devices(dut_kind, network.host("theirs"))
    ours = Side(device, INSTANCE.but(priority=150, extra=("nopreempt",)))
    pair = Pair(network.capture(), Side(theirs, INSTANCE), ours)
    pair.active.start()
    wait_for(lambda: pair.adverts(pair.active), 10, "an Active")
    pair.settle()
    oid = f"{OPERATIONS}.10.{row(device.host, INSTANCE.vrid, 4)}"
    manager.wait_served(oid)
    since = pair.capture.last_time()
    assert manager.set(oid, "i", "1") == ""
    pair.wait_active(ours, pair.active)
    taken = pair.adverts(ours, since)[0].time - since
    assert taken <= ours.active_down + LATE, f"preempted after {taken:.3f} s"
