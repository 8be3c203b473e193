# SPDX-License-Identifier: ISC
"""Notifications of the real agent, by way of a real snmpd, in a real snmptrapd: version 2c traps and version 3
informs, of every MIB that is on."""

import ipaddress
import time

import pytest

from harness.config import Instance, configuration, password
from harness.frame import Advert
from harness.snmp import (KEEPALIVED, NEW_MASTER, OPERATIONS, PROTO_ERROR, SINK, SNMP_TRAP_OID, STATISTICS, SYS_UP_TIME, VRRP,
                          VRRPV3, Manager, Snmpd, Snmptrapd, row)
from harness.wait import observe, wait_for

pytestmark = pytest.mark.agent_only

ALL = ("enable_snmp_rfcv3", "enable_snmp_rfcv2", "enable_snmp_vrrp", "enable_traps")
THREE = Instance("three", 61, ("198.51.100.61/24",), priority=120, interval=0.2)
TWO = Instance("two", 62, ("198.51.100.62/24",), version=2, extra=password("secret"))
AUTH_FAILURE, V2_NEW_MASTER = f"{VRRP}.0.2", f"{VRRP}.0.1"
STATE_CHANGE = f"{KEEPALIVED}.2.10.0.2"
TRAP = f"trap2sink {SINK} public"
INFORM = f"trapsess -Ci -v3 -u informer -l authPriv -a SHA -A authenticate -x AES -X encipher -r 10 -t 1 {SINK}"


@pytest.fixture(params=["v2c-trap", "v3-inform"])
def trapd(request, network, folder, ended, need):
    need("snmpd", "snmptrapd")
    return ended(Snmptrapd(network.host("ours"), folder, informs=request.param == "v3-inform"))


@pytest.fixture
def master(network, folder, ended, trapd):
    return ended(Snmpd(network.hosts["ours"], folder, sink=INFORM if trapd.informs else TRAP)).start()


@pytest.fixture
def device(master, devices, dut_kind):
    return devices(dut_kind, master.host, agentx=master.socket)


def values(notification):
    return {each.oid: each for each in notification}


def wait_kinds(trapd, kind, count, timeout=20):
    return wait_for(lambda: (found := trapd.received(kind)) and len(found) >= count and found, timeout,
                    lambda: f"{count} of {kind}; snmptrapd's log:\n{trapd.process.log()[-3000:]}")


def test_every_kind(network, device, master, trapd):
    """Each with its objects, their instances and values; and all in the order in which they happened."""
    capture = network.capture()
    tester = network.host("tester", addresses=())
    device.start(configuration([THREE, TWO], ALL))
    for instance in (THREE, TWO):
        capture.wait_advert(15, host="ours", vrid=instance.vrid)
    one, two = (row(master.host, instance.vrid) for instance in (THREE, TWO))
    own = ipaddress.ip_address("192.0.2.1").packed
    became = {each[2].oid: values(each) for each in wait_kinds(trapd, NEW_MASTER, 2)}
    for index in (one, two):
        told = became[f"{OPERATIONS}.3.{index}"]
        assert told[f"{OPERATIONS}.3.{index}"].octets == own
        assert told[f"{STATISTICS}.2.{index}"].number == 3, "masterNoResponse"
        assert len(told) == 4
    (old,) = wait_kinds(trapd, V2_NEW_MASTER, 1)
    index = two.rpartition(".")[0]
    assert [(each.oid, each.type, each.text) for each in old[2:]] == [
        (f"{VRRP}.1.3.1.7.{index}", "IpAddress", "192.0.2.1")]
    changes = wait_kinds(trapd, STATE_CHANGE, 4)
    assert {(name.octets, state.number, initial.number, node.octets) for _, _, name, state, initial, node in changes} == {
        (name, state, 1, b"test") for name in (b"three", b"two") for state in (1, 2)}, "backup, then master"
    slots = {change[2].text: change[2].oid.rpartition(".")[2] for change in changes}
    for change in changes:
        slot = slots[change[2].text]
        assert [each.oid for each in change[2:]] == [
            *(f"{KEEPALIVED}.2.3.1.{column}.{slot}" for column in (2, 4, 5)), f"{KEEPALIVED}.1.2.0"]
    frame = Advert(vrid=TWO.vrid, source="192.0.2.99", addresses=("198.51.100.62",), version=2, interval=1, priority=50)
    for word, kind in (("wrong", 3), (None, 2)):
        tester.send(frame.but(auth_type=1 if word else 0, auth=(word or "").encode()).frames())
        wait_for(lambda kind=kind: [each for each in trapd.received(AUTH_FAILURE) if each[3].number == kind], 10,
                 f"the authentication failure {kind}")
    for failure in trapd.received(AUTH_FAILURE):
        assert [(each.oid, each.type) for each in failure[2:]] == [
            (f"{VRRP}.1.5.0", "IpAddress"), (f"{VRRP}.1.6.0", "INTEGER")]
        assert failure[2].text == "192.0.2.99"
    tester.send(Advert(vrid=THREE.vrid, source="192.0.2.99", addresses=("198.51.100.61",), ttl=254, interval=20).frames())
    (error,) = wait_kinds(trapd, PROTO_ERROR, 1)
    assert [(each.oid, each.number) for each in error[2:]] == [(f"{STATISTICS}.6.{one}", 1)]
    for notification in trapd.received():
        assert [each.oid for each in notification[:2]] == [SYS_UP_TIME, SNMP_TRAP_OID]
    stamps = [each[0].number for each in trapd.received() if each[1].text.startswith((VRRP, KEEPALIVED, VRRPV3))]
    assert stamps == sorted(stamps)


def test_protocol_errors_are_limited_and_counted(network, device, master, trapd):
    """One of each router and reason in ten seconds; a reason has one limit, whatever was wrong exactly."""
    tester = network.host("tester", addresses=())
    capture = network.capture()
    device.start(configuration([THREE, THREE.but(name="other", vrid=63, addresses=("198.51.100.63/24",))], ALL))
    capture.wait_advert(15, host="ours", vrid=63)
    wait_kinds(trapd, NEW_MASTER, 2)

    def bad(vrid, **how):
        return Advert(vrid=vrid, source="192.0.2.99", addresses=(f"198.51.100.{vrid}",), interval=20, **how).frames()

    for _ in range(20):
        tester.send(bad(61, ttl=254))
        tester.send(bad(61, version=2))
        tester.send(bad(61, version=4))
        tester.send(bad(63, ttl=1))
    rows = {61: row(master.host, 61), 63: row(master.host, 63)}
    expected = {(rows[61], 1), (rows[61], 2), (rows[63], 1)}

    def told():
        return [(each[2].oid[len(STATISTICS) + 3:], each[2].number) for each in trapd.received(PROTO_ERROR)]

    wait_for(lambda: set(told()) == expected, 10, lambda: f"{expected}, there are {told()}")

    def held_back():
        return {each["vrid"]: each["counters"]["errors_not_told"] for each in device.show()["routers"]}

    wait_for(lambda: held_back() == {61: 58, 63: 19}, 5, lambda: f"the counts of what was held back: {held_back()}")
    observe(1, "another notification within the ten seconds", lambda: len(told()) > 3)


def test_queued_while_snmpd_is_away(network, device, master, trapd):
    """They come when it is back: in order, none missing, with the time of the event and not of sending."""
    tester = network.host("tester", addresses=())
    capture = network.capture()
    device.start(configuration([THREE], ALL))
    capture.wait_advert(15, host="ours", vrid=THREE.vrid)
    wait_kinds(trapd, STATE_CHANGE, 2)
    manager = Manager(master.host)
    uptime = manager.get(SYS_UP_TIME)[0].number
    master.pause()
    paused = time.monotonic()
    stamps = []
    for _ in range(3):
        tester.send(Advert(vrid=THREE.vrid, source="192.0.2.99", addresses=("198.51.100.61",), interval=20).frames())
        since = capture.last_time()
        stamps.append(uptime + (time.monotonic() - paused) * 100)
        capture.wait_advert(10, host="ours", vrid=THREE.vrid, since=since + 0.3)
    wait_for(lambda: device.show()["notifications"]["events_waiting"] >= 6, 5, "six events that wait")
    observe(1, "time that passes until they are sent")
    master.resume()
    changes = wait_kinds(trapd, STATE_CHANGE, 8)[2:]
    assert [each[3].number for each in changes] == [1, 2] * 3, "backup, master, three times over"
    for change, stamp in zip(changes[::2], stamps):
        assert abs(change[0].number - stamp) < 60, "of the event, not of its sending"
    wait_for(lambda: device.show()["notifications"]["events_waiting"] == 0, 5, "nothing left to be sent")
    counted = device.show()["notifications"]
    assert counted["sent"] >= 8 and counted["events_lost"] == 0 and counted["refused"] == 0
