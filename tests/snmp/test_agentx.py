# SPDX-License-Identifier: ISC
"""The agentx process behind a real snmpd: VRRPV3-MIB read and written, notifications, and what happens to it
when snmpd stops, dies or says nothing."""

import os
import re
import signal
import threading
import time

import pytest

from harness.wait import observe, wait_for
from world import (CAPABILITIES, HOSTILE, KEEPALIVED, KEEPALIVED_VRRP, NEW_MASTER, OPERATIONS, PRIORITY, RFCV2, RFCV3,
                   ROOT, STATISTICS, SYS_UP_TIME, TRAP_OID, TRAPS, VRRP, HostileMaster, MuteMaster, SetError)

SECOND = 1_000_000_000
WALKS = int(os.environ.get("FAULT_ROUNDS", "5"))


# ---- reading ----

ROUTERS = [  # every state, both families, with and without addresses
    {"interface": "eth1", "interface_index": 7, "vrid": 51, "family": 1, "address_octets": 4, "state": 1,
     "priority": 150, "address_count": 2, "interval": SECOND, "preempt": 1, "accept": 0, "active_known": 1,
     "active_address": "0a090001", "primary_known": 1, "primary_address": "0a090002", "virtual_mac": "00005e000133",
     "new_master": 0},
    {"interface": "eth1", "interface_index": 7, "vrid": 51, "family": 2, "address_octets": 16, "state": 2,
     "priority": 255, "address_count": 1, "interval": SECOND // 100, "preempt": 0, "accept": 1, "active_known": 1,
     "active_address": "fe800000000000000000000000000001", "primary_known": 1,
     "primary_address": "fe800000000000000000000000000001", "virtual_mac": "00005e000233", "new_master": 1},
    {"interface": "eth0", "interface_index": 6, "vrid": 255, "family": 1, "address_octets": 4, "state": 3,
     "priority": 1, "address_count": 255, "interval": 4095 * SECOND // 100, "preempt": 1, "accept": 1,
     "active_known": 0, "primary_known": 0, "virtual_mac": "00005e0001ff", "new_master": 3},
    {"interface": "eth1", "interface_index": 7, "vrid": 1, "family": 1, "address_octets": 4, "state": 0,
     "priority": 100, "address_count": 1, "interval": SECOND, "preempt": 1, "accept": 0, "active_known": 0,
     "primary_known": 1, "primary_address": "c0000201", "virtual_mac": "00005e000101", "new_master": 2},
]
STATUS = {0: 1, 1: 2, 2: 3, 3: 1}  # of RFC 6527, by the state's number


def instance(router):
    return f"{router['interface_index']}.{router['vrid']}.{router['family']}"


def operations(router):
    """The columns of a router's row, but UpTime, as the net-snmp tools give them."""
    def address(known, key):
        return "STRING", bytes.fromhex(router[key]) if router[known] else b""

    return {
        3: address("active_known", "active_address"),
        4: address("primary_known", "primary_address"),
        5: ("STRING", bytes.fromhex(router["virtual_mac"])),
        6: ("INTEGER", STATUS[router["state"]]),
        7: ("Gauge32", router["priority"]),
        8: ("INTEGER", router["address_count"]),
        9: ("INTEGER", router["interval"] * 100 // SECOND),
        10: ("INTEGER", 1 if router["preempt"] else 2),
        11: ("INTEGER", 1 if router["accept"] else 2),
        13: ("INTEGER", 1),
    }


def key(name):
    return [int(part) for part in name.split(".")[1:]]


def test_walk_gives_every_row_in_order(world, served):
    for slot, router in enumerate(ROUTERS):
        served.row(slot, **router)
    served.row(len(ROUTERS), interface="away0", interface_index=0, vrid=9, family=1, address_octets=4)
    served.tell("bump")
    walked = world.walk()
    expected = {f"{OPERATIONS}.{column}.{instance(router)}": value
                for router in ROUTERS for column, value in operations(router).items()}
    found = {name: value for name, value in walked
             if name.startswith(OPERATIONS) and not name.startswith(f"{OPERATIONS}.12.")}
    assert found == expected
    names = [name for name, _ in walked]
    assert names == sorted(names, key=key), "out of order"
    assert len(names) == len(set(names))
    assert not [name for name in names if ".0.9.1" in name], "a row without an ifIndex is shown"
    columns = {(13 - 2) * len(ROUTERS), 4, 13 * len(ROUTERS)}
    assert len(walked) == sum(columns), "operations, scalars, statistics"


def test_up_time_counts_from_leaving_initialize(world, served):
    now = int(served.tell("now"))
    served.row(0, **{**ROUTERS[0], "up_since": now - 100 * SECOND})
    served.row(1, **{**ROUTERS[3], "up_since": 0})
    served.tell("bump")
    up, down = world.get(f"{OPERATIONS}.12.{instance(ROUTERS[0])}", f"{OPERATIONS}.12.{instance(ROUTERS[3])}").values()
    later = int(served.tell("now"))
    assert up[0] == "Timeticks" and 10000 <= up[1] <= 10000 + (later - now) * 100 // SECOND + 1
    assert down == ("Timeticks", 0)


STATISTICS_FIELDS = {  # column: (field, value, what is read)
    1: ("counters[STATUS_TRANSITIONS]", 5, ("Counter32", 5)),
    2: ("new_master", 3, ("INTEGER", 3)),
    3: ("counters[STATUS_RECEIVED]", 2**33 + 7, ("Counter64", 2**33 + 7)),
    4: ("errors[VRRP_COUNTER_INTERVAL]", 11, ("Counter64", 11)),
    5: ("errors[VRRP_COUNTER_TTL]", 12, ("Counter64", 12)),
    6: ("last_error", 3, ("INTEGER", 3)),
    7: ("counters[STATUS_STOP_RECEIVED]", 13, ("Counter64", 13)),
    8: ("counters[STATUS_STOP_SENT]", 14, ("Counter64", 14)),
    9: ("errors[VRRP_COUNTER_TYPE]", 15, ("Counter64", 15)),
    10: ("errors[VRRP_COUNTER_ADDRESS_LIST]", 16, ("Counter64", 16)),
    11: ("errors[VRRP_COUNTER_LENGTH]", 17, ("Counter64", 17)),
}


def test_statistics_are_the_boards(world, served):
    router = {**ROUTERS[0], **{field: value for field, value, _ in STATISTICS_FIELDS.values()}}
    now = int(served.tell("now"))
    served.row(0, **{**router, "counting_since": now})
    served.row(1, **{**ROUTERS[1], "counting_since": 1})
    served.tell(f"engine checksum_errors=21 version_errors=22 vrid_errors={2**40} started={now}")
    served.tell("bump")
    found = dict(world.walk(f"{ROOT}.1.2"))
    row = instance(router)
    assert {column: found[f"{STATISTICS}.{column}.{row}"] for column in STATISTICS_FIELDS} == {
        column: read for column, (_, _, read) in STATISTICS_FIELDS.items()}
    assert [found[f"{ROOT}.1.2.{number}.0"] for number in (1, 2, 3)] == [
        ("Counter64", 21), ("Counter64", 22), ("Counter64", 2**40)]
    uptime = world.get(SYS_UP_TIME)[SYS_UP_TIME][1]
    for name in (f"{ROOT}.1.2.4.0", f"{STATISTICS}.12.{row}"):
        assert 0 < found[name][1] <= uptime + 2, "the counters began after the master"
    assert found[f"{STATISTICS}.12.{instance(ROUTERS[1])}"] == ("Timeticks", 0), "older than the master"


@pytest.mark.parametrize("name, answer", [
    (f"{OPERATIONS}.7.7.51.1", "100"),
    (f"{OPERATIONS}.7.7.51.2", "No Such Instance"),
    (f"{OPERATIONS}.7.7.51", "No Such Instance"),
    (f"{OPERATIONS}.7.7.51.1.1", "No Such Instance"),
    (f"{OPERATIONS}.7.7.307.1", "No Such Instance"),
    (f"{OPERATIONS}.1.7.51.1", "No Such Object"),
    (f"{OPERATIONS}.14.7.51.1", "No Such Object"),
    (f"{ROOT}.1.2.1.0", "Counter64: 0"),
    (f"{ROOT}.1.2.1.1", "No Such Instance"),
])
def test_get(world, served, name, answer):
    served.row(0, **{**ROUTERS[0], "priority": 100})
    served.tell("bump")
    assert answer in world.tool("snmpget", name).stdout


@pytest.mark.parametrize("after, following", [
    (ROOT, f"{OPERATIONS}.3.7.51.1"),
    (f"{OPERATIONS}.7", f"{PRIORITY}.7.51.1"),
    (f"{PRIORITY}.7", f"{PRIORITY}.7.51.1"),
    (f"{PRIORITY}.7.51.0", f"{PRIORITY}.7.51.1"),
    (f"{PRIORITY}.7.50.4294967295", f"{PRIORITY}.7.51.1"),
    (f"{PRIORITY}.6.4294967295.1", f"{PRIORITY}.7.51.1"),
    (f"{PRIORITY}.7.51.1.0", f"{PRIORITY}.9.1.1"),
    (f"{PRIORITY}.7.256", f"{PRIORITY}.9.1.1"),
    (f"{PRIORITY}.4294967295.1.1", f"{OPERATIONS}.8.7.51.1"),
    (f"{OPERATIONS}.13.9.1.1", f"{ROOT}.1.2.1.0"),
    (f"{ROOT}.1.2.1.0", f"{ROOT}.1.2.2.0"),
    (f"{ROOT}.1.2.4.0", f"{STATISTICS}.1.7.51.1"),
])
def test_next(world, served, after, following):
    served.row(0, **ROUTERS[0])
    served.row(1, **{**ROUTERS[3], "interface_index": 9})
    served.tell("bump")
    assert world.tool("snmpgetnext", after).stdout.split(" = ")[0] == following


def test_the_mib_ends(world, served):
    served.row(0, **ROUTERS[0])
    served.tell("bump")
    answer = world.tool("snmpgetnext", f"{STATISTICS}.13.7.51.1").stdout
    assert not answer.startswith(ROOT), answer


def test_a_row_moves_with_its_interface(world, served):
    """Without a word from the engine that rows came or went."""
    served.row(0, **ROUTERS[0])
    served.tell("bump")
    assert f"{PRIORITY}.7.51.1" in dict(world.walk(PRIORITY))
    served.row(0, **{**ROUTERS[0], "interface_index": 19})
    wait_for(lambda: list(dict(world.walk(PRIORITY))) == [f"{PRIORITY}.19.51.1"], 3, "the row under its new ifIndex")


def test_sys_or_table_names_the_mib(world, served):
    entries = world.walk(".1.3.6.1.2.1.1.9.1.2")
    assert ("OID", f"{CAPABILITIES}.3") in [value for _, value in entries]


def test_not_served_when_switched_off(world, served):
    served.tell(f"image {TRAPS}")
    wait_for(lambda: not world.answers(), 5, "the MIB to go")
    assert "No Such Object" in world.tool("snmpget", f"{ROOT}.1.2.1.0").stdout
    served.tell(f"image {TRAPS | RFCV3}")
    world.wait_served()


# ---- writing ----

@pytest.fixture
def two(world, served):
    """Two routers, 7.51.1 (priority 150) and 7.1.1 (priority 100)."""
    served.row(0, **ROUTERS[0])
    served.row(1, **ROUTERS[3])
    served.tell("bump")
    served.tell("messages")
    return served


def priorities(world):
    return {name[len(PRIORITY) + 1:]: value[1] for name, value in world.walk(PRIORITY)}


BEFORE = {"7.51.1": 150, "7.1.1": 100}


@pytest.mark.parametrize("value", [1, 100, 254])
def test_set_priority(world, two, value):
    world.set((f"{PRIORITY}.7.51.1", "u", str(value)))
    assert priorities(world) == {**BEFORE, "7.51.1": value}
    assert two.tell("messages") == f"SET_PREPARE eth1/51/1={value};SET_APPLY;SET_FORGET;"


@pytest.mark.parametrize("name, kind, value, status", [
    (f"{PRIORITY}.7.51.1", "u", "0", "wrongValue"),
    (f"{PRIORITY}.7.51.1", "u", "255", "wrongValue"),
    (f"{PRIORITY}.7.51.1", "u", "256", "wrongValue"),
    (f"{PRIORITY}.7.51.1", "u", "300", "wrongValue"),
    (f"{PRIORITY}.7.51.1", "u", "-1", "wrongValue"),
    (f"{PRIORITY}.7.51.1", "u", "4294967295", "wrongValue"),
    (f"{PRIORITY}.7.51.1", "i", "100", "wrongType"),
    (f"{PRIORITY}.7.51.1", "i", "-1", "wrongType"),
    (f"{PRIORITY}.7.51.1", "s", "100", "wrongType"),
    (f"{PRIORITY}.7.51.2", "i", "100", "wrongType"),
    (f"{PRIORITY}.7.300.1", "i", "100", "wrongType"),
    (f"{PRIORITY}.7.51.2", "u", "0", "wrongValue"),
    (f"{PRIORITY}.7.51.2", "u", "100", "noCreation"),
    (f"{PRIORITY}.8.51.1", "u", "100", "noCreation"),
    (f"{PRIORITY}.7.0.1", "u", "100", "noCreation"),
    (f"{PRIORITY}.7.300.1", "u", "100", "noCreation"),
    (f"{PRIORITY}.7.51.3", "u", "100", "noCreation"),
    (f"{PRIORITY}.7.51", "u", "100", "noCreation"),
    (f"{OPERATIONS}.3.7.51.1", "x", "0a000001", "notWritable"),
    (f"{OPERATIONS}.4.7.51.1", "x", "0a0000", "wrongLength"),
    (f"{OPERATIONS}.4.7.51.1", "x", "00000000", "wrongValue"),
    (f"{OPERATIONS}.6.7.51.1", "i", "3", "notWritable"),
    (f"{OPERATIONS}.9.7.51.1", "i", "0", "wrongValue"),
    (f"{OPERATIONS}.10.7.51.1", "i", "3", "wrongValue"),
    (f"{OPERATIONS}.13.7.51.1", "i", "3", "wrongValue"),
    (f"{OPERATIONS}.14.7.51.1", "i", "1", "notWritable"),
    (f"{ROOT}.1.2.1.0", "i", "0", "notWritable"),
    (f"{STATISTICS}.1.7.51.1", "u", "0", "notWritable"),
])
def test_set_refused(world, two, name, kind, value, status):
    with pytest.raises(SetError) as refusal:
        world.set((name, kind, value))
    assert (refusal.value.status, refusal.value.name) == (status, name)
    assert priorities(world) == BEFORE
    assert "SET_APPLY" not in two.tell("messages")


def test_set_two_at_once(world, two):
    world.set((f"{PRIORITY}.7.51.1", "u", "20"), (f"{PRIORITY}.7.1.1", "u", "30"))
    assert priorities(world) == {"7.51.1": 20, "7.1.1": 30}
    assert two.tell("messages") == "SET_PREPARE eth1/51/1=20 eth1/1/1=30;SET_APPLY;SET_FORGET;"


@pytest.mark.parametrize("value, status", [("0", "wrongValue"), ("100", "noCreation")])
def test_set_is_all_or_nothing(world, two, value, status):
    bad = f"{PRIORITY}.7.1.1" if value == "0" else f"{PRIORITY}.7.2.1"
    with pytest.raises(SetError) as refusal:
        world.set((f"{PRIORITY}.7.51.1", "u", "20"), (bad, "u", value))
    assert (refusal.value.status, refusal.value.name) == (status, bad)
    assert priorities(world) == BEFORE


def test_set_twice_the_same_variable(world, two):
    name = f"{PRIORITY}.7.51.1"
    world.set((name, "u", "20"), (name, "u", "20"))
    assert priorities(world)["7.51.1"] == 20
    with pytest.raises(SetError) as refusal:
        world.set((name, "u", "30"), (name, "u", "40"))
    assert refusal.value.status == "inconsistentValue"
    assert priorities(world)["7.51.1"] == 20


(NO_ROUTER, NO_CREATION, NO_ROOM, WRONG_VALUE, INCONSISTENT, READ_ONLY, BUSY, STORE_FAILED, REFUSED,
 UNKNOWN) = range(1, 11)


@pytest.mark.parametrize("error, status", [
    (NO_ROUTER, "inconsistentName"), (NO_CREATION, "noCreation"), (NO_ROOM, "resourceUnavailable"),
    (WRONG_VALUE, "wrongValue"), (INCONSISTENT, "inconsistentValue"),
    (READ_ONLY, "notWritable"), (BUSY, "resourceUnavailable"), (STORE_FAILED, "resourceUnavailable"),
    (REFUSED, "inconsistentValue"), (UNKNOWN, "genError"),
])
def test_what_the_core_refuses(world, two, error, status):
    two.tell(f"answer prepare error={error} index=1")
    with pytest.raises(SetError) as refusal:
        world.set((f"{PRIORITY}.7.51.1", "u", "20"), (f"{PRIORITY}.7.1.1", "u", "30"))
    assert (refusal.value.status, refusal.value.name) == (status, f"{PRIORITY}.7.1.1")
    assert priorities(world) == BEFORE


def test_what_can_not_be_stored_is_not_changed(world, two):
    two.tell(f"answer apply error={STORE_FAILED}")
    with pytest.raises(SetError) as refusal:
        world.set((f"{PRIORITY}.7.51.1", "u", "20"))
    assert refusal.value.status == "commitFailed"
    assert priorities(world) == BEFORE
    assert two.tell("messages").startswith("SET_PREPARE eth1/51/1=20;SET_APPLY;SET_FORGET;")
    two.tell("answer apply error=0")
    world.set((f"{PRIORITY}.7.51.1", "u", "20"))
    assert priorities(world)["7.51.1"] == 20


def test_a_silent_core_is_not_waited_for(world, two):
    two.tell("answer prepare error=silent")
    began = time.monotonic()
    with pytest.raises(SetError) as refusal:
        world.set((f"{PRIORITY}.7.51.1", "u", "20"))
    assert refusal.value.status == "resourceUnavailable"
    assert time.monotonic() - began < 1
    two.tell("answer prepare error=0")
    world.set((f"{PRIORITY}.7.51.1", "u", "20"))
    assert priorities(world)["7.51.1"] == 20


def test_a_slow_disk_is_waited_for(world, two):
    two.tell("answer apply error=0 delay=3000")
    world.set((f"{PRIORITY}.7.51.1", "u", "20"))
    assert priorities(world)["7.51.1"] == 20
    assert two.broken_promises() == 0


def test_what_was_not_confirmed_is_undone(world, two):
    two.tell("answer apply error=silent")
    with pytest.raises(SetError) as refusal:
        world.set((f"{PRIORITY}.7.51.1", "u", "20"))
    assert refusal.value.status == "commitFailed"
    assert two.tell("messages").startswith("SET_PREPARE eth1/51/1=20;SET_APPLY;SET_UNDO;SET_FORGET;")
    assert world.answers(), "the registration was lost over it"


def test_without_a_core_sets_fail_and_reading_goes_on(world, two):
    two.tell("core gone")
    with pytest.raises(SetError) as refusal:
        world.set((f"{PRIORITY}.7.51.1", "u", "20"))
    assert refusal.value.status == "resourceUnavailable"
    assert priorities(world) == BEFORE
    two.tell("core new")
    world.set((f"{PRIORITY}.7.51.1", "u", "20"))
    assert priorities(world)["7.51.1"] == 20


def test_a_core_that_dies_over_a_set_is_asked_again(world, two):
    two.tell("answer apply error=gone")
    world.set((f"{PRIORITY}.7.51.1", "u", "20"))
    assert priorities(world)["7.51.1"] == 20
    assert two.tell("messages") == "SET_PREPARE eth1/51/1=20;SET_APPLY;SET_APPLY;SET_FORGET;"


def test_what_a_core_that_died_never_did_has_failed(world, two):
    """The new core knows of no such transaction, neither to apply nor to undo."""
    two.tell(f"answer undo error={UNKNOWN}")
    two.tell(f"answer apply error={UNKNOWN}")
    with pytest.raises(SetError) as refusal:
        world.set((f"{PRIORITY}.7.51.1", "u", "20"))
    assert refusal.value.status == "commitFailed"
    assert priorities(world) == BEFORE
    assert two.tell("messages").startswith("SET_PREPARE eth1/51/1=20;SET_APPLY;SET_UNDO;SET_FORGET;")


# ---- notifications ----

EVENT = {"interface_index": 7, "vrid": 51, "family": 1, "new_state": 2, "new_master_reason": 3, "source": "0a090002"}


def test_new_master(world, served):
    uptime = world.get(SYS_UP_TIME)[SYS_UP_TIME][1]
    served.event(**EVENT)
    (trap,) = world.wait_traps(1)
    assert [name for name, _ in trap] == [
        SYS_UP_TIME, TRAP_OID, f"{OPERATIONS}.3.7.51.1", f"{STATISTICS}.2.7.51.1"]
    values = [value for _, value in trap]
    assert uptime - 5 <= values[0][1] <= uptime + 300
    assert values[1:] == [("OID", NEW_MASTER), ("STRING", bytes([10, 9, 0, 2])), ("INTEGER", 3)]


def test_new_master_over_ipv6(world, served):
    address = "fe800000000000000000000000000009"
    served.event(**{**EVENT, "family": 2, "new_master_reason": 1, "source": address})
    (trap,) = world.wait_traps(1)
    assert trap[2:] == [(f"{OPERATIONS}.3.7.51.2", ("STRING", bytes.fromhex(address))),
                        (f"{STATISTICS}.2.7.51.2", ("INTEGER", 1))]


def test_a_notification_bears_the_time_of_its_event(world, served):
    before = world.get(SYS_UP_TIME)[SYS_UP_TIME][1]
    now = int(served.tell("now"))
    uptime = world.get(SYS_UP_TIME)[SYS_UP_TIME][1]
    wait_for(lambda: world.get(SYS_UP_TIME)[SYS_UP_TIME][1] > uptime + 100, 5, "a second of sysUpTime", poll=0.2)
    served.event(**{**EVENT, "at": now})
    served.event(**{**EVENT, "at": 1})
    first, second = world.wait_traps(2)
    assert before - 10 <= first[0][1][1] <= uptime + 1
    assert second[0][1][1] == 0, "an event from before the master's start"


def test_only_what_rfc_6527_notifies_and_only_when_wanted(world, served):
    served.event(**{**EVENT, "new_state": 1, "vrid": 1})
    served.event(**{**EVENT, "kind": 3, "vrid": 2})
    served.event(**{**EVENT, "interface_index": 0, "vrid": 3})
    served.tell(f"image {RFCV3}")
    wait_for(lambda: served.tell("bookmark") == "0", 5, "the events to be passed over")
    served.event(**{**EVENT, "vrid": 4})
    wait_for(lambda: served.tell("bookmark") == "0", 5, "the event to be passed over")
    served.tell(f"image {TRAPS | RFCV3}")
    served.event(**{**EVENT, "vrid": 5})
    traps = world.wait_traps(1)
    assert [trap[2][0] for trap in traps] == [f"{OPERATIONS}.3.7.5.1"]


STATEMENTS = {RFCV3: {3}, RFCV2: {2}, KEEPALIVED_VRRP: {4, 5}}  # of our capabilities, by the MIB's flag


def serve(world, served, flags):
    """Notifications of these MIBs, and not before agentx knows: sysORTable shows when it does."""
    served.tell(f"image {TRAPS | flags}")
    expected = {f"{CAPABILITIES}.{number}" for flag, numbers in STATEMENTS.items() if flags & flag for number in numbers}
    wait_for(lambda: {value[1] for _, value in world.walk(".1.3.6.1.2.1.1.9.1.2")
                      if value[1].startswith(CAPABILITIES)} == expected, 5, "sysORTable to follow", poll=0.02)


def test_each_mib_has_its_own_notifications(world, served):
    """One transition of a version 2 router: those of the MIBs that are on, in their order, of one time."""
    tells = {
        RFCV3: [(NEW_MASTER, {f"{OPERATIONS}.3.7.51.1": ("STRING", bytes([10, 9, 0, 2])),
                              f"{STATISTICS}.2.7.51.1": ("INTEGER", 3)})],
        RFCV2: [(f"{VRRP}.0.1", {f"{VRRP}.1.3.1.7.7.51": ("IpAddress", "10.9.0.2")})],
        KEEPALIVED_VRRP: [(f"{KEEPALIVED}.2.10.0.2", {
            f"{KEEPALIVED}.2.3.1.2.4": ("STRING", b""), f"{KEEPALIVED}.2.3.1.4.4": ("INTEGER", 2),
            f"{KEEPALIVED}.2.3.1.5.4": ("INTEGER", 1), f"{KEEPALIVED}.1.2.0": ("STRING", b"")})],
    }
    expected = []
    for flags in (RFCV2, KEEPALIVED_VRRP, RFCV2 | KEEPALIVED_VRRP, RFCV3 | RFCV2 | KEEPALIVED_VRRP):
        serve(world, served, flags)
        served.event(**{**EVENT, "slot": 3, "version": 2})
        expected += [each for flag, told in tells.items() if flags & flag for each in told]
        traps = world.wait_traps(len(expected))
    assert [(trap[1][1][1], dict(trap[2:])) for trap in traps] == expected
    assert len({trap[0] for trap in traps[-3:]}) == 1, "they tell of the same moment"


def test_version_2_and_ipv4_only_in_its_mib(world, served):
    serve(world, served, RFCV2)
    served.event(**{**EVENT, "version": 3})
    served.event(**{**EVENT, "version": 2, "family": 2})
    served.event(**{**EVENT, "version": 2, "new_state": 1})
    served.event(**{**EVENT, "version": 2, "vrid": 52})
    (trap,) = world.wait_traps(1)
    assert trap[2][0] == f"{VRRP}.1.3.1.7.7.52"


@pytest.mark.parametrize("state, number", [(0, 0), (1, 1), (2, 2), (3, 3)])
def test_every_change_of_an_instance(world, served, state, number):
    """Also the loss of mastership, of which RFC 6527 has nothing to say; also without an interface."""
    serve(world, served, KEEPALIVED_VRRP)
    served.event(**{**EVENT, "slot": 0, "new_state": state, "interface_index": 0})
    (trap,) = world.wait_traps(1)
    assert dict(trap)[f"{KEEPALIVED}.2.3.1.4.1"] == ("INTEGER", number)


NOTE, PROTOCOL_ERROR = 3, 2


@pytest.fixture(scope="session")
def drops():
    """enum vrrp_drop: {name: number}."""
    path = os.path.join(os.path.dirname(__file__), "..", "..", "vrrp", "protocol", "reason.h")
    with open(path, encoding="utf-8") as stream:
        text = stream.read().partition("VRRP_DROP_LIST(X)")[2].partition("enum vrrp_drop")[0]
    return {name: number for number, name in enumerate(re.findall(r"X\((\w+), \"", text))}


@pytest.mark.parametrize("drop, kind", [("AUTH_UNKNOWN", 1), ("AUTH_TYPE", 2), ("AUTH_FAILED", 3)])
def test_authentication_failure(world, served, drops, drop, kind):
    serve(world, served, RFCV2)
    event = {**EVENT, "kind": NOTE, "new_state": 0, "version": 2, "peer": "0a090063"}
    served.event(**{**event, "drop": drops["SOURCE_OWN"]})
    served.event(**{**event, "drop": drops[drop], "version": 3})
    served.event(**{**event, "drop": drops[drop]})
    (trap,) = world.wait_traps(1)
    assert trap[1:] == [(TRAP_OID, ("OID", f"{VRRP}.0.2")), (f"{VRRP}.1.5.0", ("IpAddress", "10.9.0.99")),
                        (f"{VRRP}.1.6.0", ("INTEGER", kind))]


@pytest.mark.parametrize("drop, reason", [("TTL", 1), ("VERSION", 2), ("VERSION_DIFFERS", 2), ("CHECKSUM", 3)])
def test_protocol_error(world, served, drops, drop, reason):
    event = {**EVENT, "kind": PROTOCOL_ERROR, "new_state": 0}
    served.event(**{**event, "drop": drops["VRID_UNKNOWN"]})
    served.event(**{**event, "drop": drops[drop], "vrid": 0})
    served.event(**{**event, "drop": drops[drop], "interface_index": 0})
    served.event(**{**event, "drop": drops[drop]})
    (trap,) = world.wait_traps(1)
    assert trap[1:] == [(TRAP_OID, ("OID", f"{ROOT}.0.2")), (f"{STATISTICS}.6.7.51.1", ("INTEGER", reason))]


def test_several_of_one_event_in_a_burst(world, served):
    """A window ends between the notifications of one event, snmpd is killed, and none is left out."""
    serve(world, served, RFCV3 | RFCV2 | KEEPALIVED_VRRP)
    served.event(**{**EVENT, "interface_index": 1000, "version": 2, "count": 300})
    wait_for(lambda: len(world.traps()) > 100, 20, "the burst to begin", poll=0.005)
    world.snmpd.kill()
    world.start_snmpd()
    expected = {(name, index) for index in range(1000, 1300) for name in (NEW_MASTER, f"{VRRP}.0.1")}

    def told():
        traps = [(trap[1][1][1], trap[2][0].split(".")) for trap in world.traps()]
        return {(name, int(oid[-3] if name == NEW_MASTER else oid[-2])) for name, oid in traps
                if name in (NEW_MASTER, f"{VRRP}.0.1")}

    wait_for(lambda: told() == expected, 30, lambda: f"the missing {sorted(expected - told())[:5]}", poll=0.2)
    assert len(world.traps()) <= 900 + 66


def indexes(traps):
    return [int(trap[2][0].split(".")[-3]) for trap in traps]


def test_a_burst_arrives_whole_and_in_order(world, served):
    began = time.monotonic()
    served.event(**{**EVENT, "interface_index": 1000, "count": 3000})
    traps = world.wait_traps(3000, 60)
    print(f"3000 notifications in {time.monotonic() - began:.2f} s")
    assert indexes(traps) == list(range(1000, 4000))
    assert served.broken_promises() == 0
    assert world.answers()


def test_more_than_the_ring_holds(world, served):
    """The oldest are overwritten; how many, is said; the others come in order."""
    world.snmpd.signal(signal.SIGSTOP)
    served.event(**{**EVENT, "interface_index": 1, "count": 10000})
    served.tell("now")
    world.snmpd.signal(signal.SIGCONT)
    wait_for(lambda: 10000 in indexes(world.traps()), 60, "the newest event", poll=0.2)
    told = indexes(world.traps())
    lost = sum(int(number) for number in re.findall(r"(\d+) events were overwritten", served.log()))
    assert told == sorted(told) and len(told) + lost == 10000 and lost >= 10000 - 8192 - 64
    assert served.broken_promises() == 0


# ---- snmpd goes wrong ----

def test_snmpd_restarts(world, served):
    served.row(0, **ROUTERS[0])
    served.tell("bump")
    for turn in range(3):
        world.snmpd.kill()
        served.wait_log("is gone")
        served.event(**{**EVENT, "interface_index": 100 * (turn + 1), "count": 10})
        world.start_snmpd()
        world.wait_snmpd()
        took = world.wait_served()
        print(f"turn {turn}: VRRPV3-MIB was back {took * 1000:.0f} ms after snmpd's own objects")
        assert took < 1
        assert priorities(world) == {"7.51.1": 150}
    expected = [100 * (turn + 1) + i for turn in range(3) for i in range(10)]
    assert indexes(world.wait_traps(30)) == expected
    world.set((f"{PRIORITY}.7.51.1", "u", "20"))
    assert served.broken_promises() == 0


def test_a_burst_survives_snmpd_being_killed_in_it(world, served):
    served.event(**{**EVENT, "interface_index": 1000, "count": 2000})
    wait_for(lambda: len(world.traps()) > 100, 20, "the burst to begin", poll=0.005)
    world.snmpd.kill()
    world.start_snmpd()
    wait_for(lambda: 2999 in indexes(world.traps()), 30, lambda: f"the last of {len(world.traps())} events", poll=0.1)
    found = indexes(world.traps())
    assert set(found) == set(range(1000, 3000)), "an event was lost"
    assert len(found) <= 2000 + 64, "more than those under way were told twice"


def test_snmpd_stopped(world, served):
    served.row(0, **ROUTERS[0])
    served.tell("bump")
    world.snmpd.signal(signal.SIGSTOP)
    served.event(**{**EVENT, "interface_index": 1000, "count": 500})
    observe(8, "the lifeline while snmpd is stopped",
            lambda: served.broken_promises() and f"{served.broken_promises()} promises were broken")
    world.snmpd.signal(signal.SIGCONT)
    took = world.wait_served()
    print(f"served {took * 1000:.0f} ms after snmpd went on")
    assert took < 1
    assert indexes(world.wait_traps(500)) == list(range(1000, 1500))
    assert served.broken_promises() == 0


def test_attaching_to_a_stopped_snmpd(world):
    """Its backlog fills with attempts; connect() would block from then on."""
    world.start_snmpd()
    world.wait_snmpd()
    world.snmpd.signal(signal.SIGSTOP)
    driver = world.start_driver()
    driver.tell(f"image {RFCV3}")
    observe(15, "the lifeline while attaching fails",
            lambda: driver.broken_promises() and f"{driver.broken_promises()} promises were broken")
    world.snmpd.signal(signal.SIGCONT)
    took = world.wait_served()
    print(f"served {took * 1000:.0f} ms after snmpd went on")
    assert driver.broken_promises() == 0


@pytest.mark.parametrize("accepts", [True, False], ids=["mute", "never accepting"])
def test_a_mute_master(world, accepts):
    mute = MuteMaster(world.agentx_socket, accepts)
    driver = world.start_driver()
    driver.tell(f"image {RFCV3}")
    mute.serve(6)
    assert driver.broken_promises() == 0
    if accepts:
        assert mute.connections, "nothing tried to attach"
    mute.close()
    world.start_snmpd()
    world.wait_snmpd()
    took = world.wait_served()
    print(f"served {took * 1000:.0f} ms after a real master came")
    assert took < 3
    assert driver.broken_promises() == 0


@pytest.mark.parametrize("manner", HOSTILE)
def test_a_hostile_master(world, manner):
    """It keeps its socket and its connections open, and still the snmpd that takes its place is found at once."""
    hostile = HostileMaster(world.agentx_socket, HOSTILE[manner])
    driver = world.start_driver()
    driver.tell(f"image {RFCV3}")
    wait_for(lambda: hostile.met, 10, "an attempt to attach")
    observe(2, "the lifeline while the master is hostile",
            lambda: driver.broken_promises() and f"{driver.broken_promises()} promises were broken")
    pid = driver.tell("agentx pid")
    os.unlink(world.agentx_socket)
    world.start_snmpd()
    world.wait_snmpd()
    took = world.wait_served()
    print(f"a master that {manner}: served {took * 1000:.0f} ms after a real one came")
    assert took < 1
    assert driver.tell("agentx pid") == pid
    assert driver.broken_promises() == 0
    hostile.close()


def test_a_second_snmpd_takes_over(world, served):
    """The first is stopped in the middle of something and never goes on; we move to the second."""
    first = world.snmpd
    first.signal(signal.SIGSTOP)
    served.event(**{**EVENT, "interface_index": 1000, "count": 100})
    world.start_snmpd(port=1163)
    assert indexes(world.wait_traps(100)) == list(range(1000, 1100))
    assert "another one has taken its place" in served.log()
    assert served.broken_promises() == 0
    first.kill()


def test_agentx_is_stopped_in_the_middle_of_a_question(world, served):
    """snmpd takes the registration of a subagent that is too slow; we get it back."""
    served.row(0, **ROUTERS[0])
    served.tell("bump")
    pid = int(served.tell("agentx pid"))
    os.kill(pid, signal.SIGSTOP)
    assert not world.answers()
    world.tool("snmpget", f"{ROOT}.1.2.1.0", check=False, patience=9)
    os.kill(pid, signal.SIGCONT)
    took = world.wait_served()
    print(f"served {took * 1000:.0f} ms after agentx went on")
    assert took < 1


def test_a_second_registration_is_explained(world, served):
    second = world.start_driver()
    second.tell(f"image {RFCV3}")
    second.wait_log("keepalived")
    assert "1.3.6.1.2.1.207" in second.log()
    assert world.answers(), "the first one goes on"
    world.drivers.remove(served)
    served.finish()
    wait_for(world.answers, 10, "the second one to take over", poll=0.1)


def test_agentx_killed(world, served):
    """What was not told is told by the next one; snmpd's answers come back."""
    served.row(0, **ROUTERS[0])
    served.tell("bump")
    served.tell("agentx kill")
    served.event(**{**EVENT, "interface_index": 1000, "count": 100})
    served.tell(f"image {TRAPS | RFCV3}")
    world.wait_served()
    assert indexes(world.wait_traps(100)) == list(range(1000, 1100))
    assert priorities(world) == {"7.51.1": 150}


def test_what_was_under_way_survives_the_death_of_both(world, served):
    """Sent, but read by nobody: a stopped snmpd is killed, and agentx with it."""
    world.snmpd.signal(signal.SIGSTOP)
    served.event(**{**EVENT, "interface_index": 1000, "count": 100})
    observe(0.5, "the first of them to be sent")
    served.tell("agentx kill")
    world.snmpd.kill()
    world.start_snmpd()
    served.tell(f"image {TRAPS | RFCV3}")
    assert indexes(world.wait_traps(100)) == list(range(1000, 1100))


# ---- many rows ----

def test_walking_while_rows_come_and_go(world, served):
    """What stays is seen in every walk, once and in order, whatever happens around it."""
    served.tell("fill 400")
    stop = threading.Event()

    def churn():
        turn = 0
        while not stop.is_set():
            for slot in range(turn % 2, 400, 2 * (1 + turn % 3)):
                if slot % 4 == 0:
                    continue
                served.tell(f"drop {slot}")
            served.tell("bump")
            served.tell("fill 400")
            turn += 1

    thread = threading.Thread(target=churn)
    thread.start()
    try:
        for _ in range(WALKS):
            names = [name for name, _ in world.walk(PRIORITY)]
            assert names == sorted(set(names), key=key), "a walk went back"
            for slot in range(0, 400, 4):
                name = f"{PRIORITY}.{10 + slot // 200}.{slot % 200 + 1}.1"
                assert name in names, f"{name} was skipped"
    finally:
        stop.set()
        thread.join()


def test_walk_cost(world, served):
    """A varbind costs the same however many rows there are; the numbers are printed."""
    pid = int(served.tell("agentx pid"))

    def processor_time():
        with open(f"/proc/{pid}/stat", encoding="ascii") as stream:
            fields = stream.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    costs = {}
    for rows in (100, 1000, 4000):
        served.tell(f"fill {rows}")
        world.walk(f"{OPERATIONS}.3")
        before, began = processor_time(), time.monotonic()
        walked = world.walk(OPERATIONS)
        took = time.monotonic() - began
        assert len(walked) == 11 * rows
        costs[rows] = (processor_time() - before) / len(walked)
        print(f"{rows} rows: {took / len(walked) * 1e6:.0f} us a varbind, "
              f"{costs[rows] * 1e6:.0f} us of them in agentx")
    assert costs[4000] < 3 * max(costs[100], 50e-6), costs


def test_the_log_is_quiet_when_nothing_happens(world, served):
    served.row(0, **ROUTERS[0])
    served.tell("bump")
    world.walk()
    before = served.log()
    observe(2, "nothing new in the log")
    assert served.log() == before
    assert not re.search(r" (error|crit) ", before), before
