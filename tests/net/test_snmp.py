# SPDX-License-Identifier: ISC
"""VRRPV3-MIB over a real snmpd: the operations table as configured, NewMaster in a real snmptrapd."""

import ipaddress

import pytest

from harness.config import Instance, configuration
from harness.frame import virtual_mac
from harness.snmp import NEW_MASTER, OPERATIONS, STATISTICS, SYS_UP_TIME, Manager, Snmpd, Snmptrapd, row
from harness.wait import wait_for

pytestmark = pytest.mark.usefixtures("snmp_tools")

# Columns of vrrpv3OperationsTable.
MASTER_ADDRESS, PRIMARY_ADDRESS, VIRTUAL_MAC, STATUS, PRIORITY, COUNT, INTERVAL = 3, 4, 5, 6, 7, 8, 9
PREEMPT, ACCEPT, UP_TIME, ROW_STATUS = 10, 11, 12, 13
INITIALIZE, BACKUP, MASTER = 1, 2, 3
TRUE, FALSE, ACTIVE = 1, 2, 1

GLOBAL = ("enable_snmp_rfcv3", "enable_traps")
FOUR = Instance("four", 7, ("198.51.100.1/24", "198.51.100.2/24"), priority=120, interval=0.2)
SIX = Instance("six", 7, ("fe80::5e:7/64",), priority=90, interval=0.5, extra=("nopreempt",))
OLD = Instance("old", 9, ("198.51.100.9/24",), priority=254, version=2)
BEATEN = Instance("beaten", 200, ("198.51.100.200/24",), priority=80, interval=0.2)


@pytest.fixture
def snmp_tools(need):
    need("snmpd", "snmptrapd", "snmpget", "snmpset", "snmpbulkwalk")


@pytest.fixture
def master(network, folder, ended):
    """A running snmpd on the host `ours`."""
    snmpd = ended(Snmpd(network.host("ours"), folder))
    return snmpd.start()


@pytest.fixture
def device(master, devices, dut_kind):
    return devices(dut_kind, master.host, agentx=master.socket)


def column(number, index):
    return f"{OPERATIONS}.{number}.{index}"


def wait_status(manager, index, status, timeout=15):
    manager.wait_served(column(STATUS, index))
    wait_for(lambda: manager.get(column(STATUS, index))[0].number == status, timeout, f"status {status} of {index}")


def test_operations_table(network, master, device, devices, peer_kind):
    """Every column of every row, compared with the configuration and with what is on the wire."""
    capture = network.capture()
    other = devices(peer_kind, network.host("theirs"))
    other.start(configuration([BEATEN.but(priority=100)]))
    device.start(configuration([FOUR, SIX, OLD, BEATEN], GLOBAL))
    manager = Manager(master.host)
    for instance in (FOUR, SIX, OLD):
        capture.wait_advert(15, host="ours", vrid=instance.vrid, family=6 if instance is SIX else 4)
    capture.wait_advert(15, host="theirs", vrid=BEATEN.vrid)
    expected = {}
    own = {4: "192.0.2.1", 6: "fe80::1"}
    for instance, family, status, heard in (
            (FOUR, 4, MASTER, own[4]), (SIX, 6, MASTER, own[6]), (OLD, 4, MASTER, own[4]),
            (BEATEN, 4, BACKUP, "192.0.2.2")):
        index = row(master.host, instance.vrid, family)
        wait_status(manager, index, status)
        expected[index] = {
            MASTER_ADDRESS: ipaddress.ip_address(heard).packed,
            PRIMARY_ADDRESS: ipaddress.ip_address(own[family]).packed,
            VIRTUAL_MAC: bytes.fromhex(virtual_mac(instance.vrid, family).replace(":", "")),
            STATUS: status,
            PRIORITY: instance.priority,
            COUNT: len(instance.addresses),
            INTERVAL: round(instance.interval * 100),
            PREEMPT: FALSE if "nopreempt" in instance.extra else TRUE,
            ACCEPT: TRUE,
            ROW_STATUS: ACTIVE,
        }
    values = manager.walk(OPERATIONS)
    seen = {}
    for value in values:
        number, _, index = value.oid[len(OPERATIONS) + 1 :].partition(".")
        seen.setdefault(index, {})[int(number)] = value
    assert set(seen) == set(expected)
    for index, columns in expected.items():
        uptime = seen[index].pop(UP_TIME)
        assert uptime.type == "Timeticks" and uptime.number > 0
        read = {number: value.octets if isinstance(columns.get(number), bytes) else value.number
                for number, value in seen[index].items()}
        assert read == columns, f"row {index}"


def test_walk_is_in_order(master, device):
    """GETNEXT from each instance leads to the next one, across rows and columns, to the table's end."""
    instances = [FOUR.but(name=f"i{vrid}", vrid=vrid, addresses=(f"198.51.100.{vrid}/24",)) for vrid in (1, 2, 10, 100)]
    device.start(configuration(instances, GLOBAL))
    manager = Manager(master.host)
    manager.wait_served(column(STATUS, row(master.host, 100)))
    values = [value.oid for value in manager.walk(OPERATIONS, "snmpwalk")]
    numbers = [tuple(map(int, oid.strip(".").split("."))) for oid in values]
    assert len(values) == len(set(values)) == 11 * len(instances)
    assert numbers == sorted(numbers)


def test_new_master_notification(network, master, device, folder, ended):
    trapd = ended(Snmptrapd(master.host, folder))
    capture = network.capture()
    device.start(configuration([FOUR], GLOBAL))
    capture.wait_advert(15, host="ours", vrid=FOUR.vrid)
    found = wait_for(lambda: trapd.received(NEW_MASTER), 15,
                     lambda: f"NewMaster; snmptrapd's log:\n{trapd.process.log()}")
    assert len(found) == 1
    index = row(master.host, FOUR.vrid)
    values = {value.oid: value for value in found[0]}
    assert [value.oid for value in found[0]][0] == SYS_UP_TIME
    assert values[f"{OPERATIONS}.{MASTER_ADDRESS}.{index}"].octets == ipaddress.ip_address("192.0.2.1").packed
    assert values[f"{STATISTICS}.2.{index}"].number == 3, "masterNoResponse"
    assert len(values) == 4


@pytest.mark.agent_only
def test_configured_socket(network, folder, ended, devices, dut_kind):
    """snmp_socket says where the master is, without -x; another one after a reload is taken up."""
    host = network.host("ours")
    old, new = (ended(Snmpd(host, f"{folder}/{name}")) for name in ("old", "new"))
    old.start()
    device = devices(dut_kind, host, agentx="")
    device.start(configuration([FOUR], (f"snmp_socket unix:{old.socket}",)))
    wait_status(Manager(host), row(host, FOUR.vrid), MASTER)
    old.kill()
    new.start()
    device.configure(configuration([FOUR], (f"snmp_socket unix:{new.socket}",)))
    device.reload()
    wait_status(Manager(host), row(host, FOUR.vrid), MASTER)
    assert "info agentx: snmp_socket or snmp_context has changed: beginning anew" in device.log()
    assert "info supervisor: agentx is replaced, as it wants to be" in device.log(), device.log()
    assert "ended with status" not in device.log()
