# SPDX-License-Identifier: ISC
"""Virtual routers and addresses made, changed and destroyed by snmpset alone, over a real snmpd."""

import pytest

from harness.config import Instance, configuration
from harness.pair import Pair, Side
from harness.snmp import ADDRESSES, OPERATIONS, Manager, RowStatus, Snmpd, address_row, row
from harness.wait import wait_for

pytestmark = pytest.mark.agent_only

VRID = 77
EMPTY = "global_defs {\n    router_id test\n}\n"
NEW = {4: Instance("snmp-eth0-77-4", VRID, ("198.51.100.77/32",), priority=150, interval=0.2),
       6: Instance("snmp-eth0-77-6", VRID, ("fe80::77/128",), priority=150, interval=0.2)}


@pytest.fixture
def host(network):
    return network.host("ours")


@pytest.fixture
def snmpd(host, folder, ended, need):
    need("snmpd", "snmpset", "snmpwalk")
    return ended(Snmpd(host, folder)).start()


@pytest.fixture
def manager(host, snmpd):
    return Manager(host)


@pytest.fixture
def device(host, snmpd, devices, dut_kind):
    return devices(dut_kind, host, agentx=snmpd.socket)


class Row:
    """The varbinds of one virtual router."""

    def __init__(self, host, vrid=VRID, family=4, interface="eth0"):
        self.host, self.vrid, self.family, self.interface = host, vrid, family, interface
        self.index = row(host, vrid, family, interface)

    def oid(self, column):
        return f"{OPERATIONS}.{column}.{self.index}"

    def status(self, value):
        return (self.oid(13), "i", str(value))

    def priority(self, value):
        return (self.oid(7), "u", str(value))

    def interval(self, centiseconds):
        return (self.oid(9), "i", str(centiseconds))

    def preempt(self, truth):
        return (self.oid(10), "i", str(truth))

    def accept(self, truth):
        return (self.oid(11), "i", str(truth))

    def address_oid(self, address):
        return f"{ADDRESSES}.2.{address_row(self.host, self.vrid, address, self.family, self.interface)}"

    def address(self, address, value):
        return (self.address_oid(address), "i", str(value))


def start(device, manager, text=EMPTY):
    """Runs, and its MIB is served: a scalar is there without any router."""
    device.start(text)
    manager.wait_served(f"{OPERATIONS[:-len('.1.1.1')]}.2.1.0")


def create(manager, target, instance, stepwise):
    address = instance.addresses[0].split("/")[0]
    values = (target.priority(instance.priority), target.interval(round(instance.interval * 100)))
    if stepwise:
        assert manager.set(*target.status(RowStatus.CREATE_AND_WAIT)) == ""
        assert manager.get(target.oid(13))[0].number == RowStatus.NOT_READY
        for varbind in values:
            assert manager.set(*varbind) == ""
        assert manager.set(*target.status(RowStatus.ACTIVE)) == "inconsistentValue"
        assert manager.set(*target.address(address, RowStatus.CREATE_AND_GO)) == ""
        assert manager.get(target.oid(13))[0].number == RowStatus.NOT_IN_SERVICE
        assert manager.set(*target.status(RowStatus.ACTIVE)) == ""
    else:
        assert manager.set(*target.address(address, RowStatus.CREATE_AND_GO), *values[0], *values[1],
                           *target.status(RowStatus.CREATE_AND_GO)) == ""
    assert manager.get(target.oid(13))[0].number == RowStatus.ACTIVE
    assert manager.get(target.address_oid(address))[0].number == RowStatus.ACTIVE


@pytest.mark.parametrize("stepwise", [False, True], ids=["one-pdu", "step-by-step"])
@pytest.mark.parametrize("family", [4, 6], ids=["ipv4", "ipv6"])
def test_a_router_made_by_snmp_alone(network, devices, peer_kind, device, manager, family, stepwise):
    """Made on an agent without any router, it takes over from keepalived, and does so again after SIGKILL."""
    capture = network.capture()
    instance = NEW[family]
    theirs = Side(devices(peer_kind, network.host("theirs")), instance.but(name="theirs", priority=100))
    ours = Side(device, instance)
    theirs.start()
    capture.wait_advert(10, host="theirs")
    start(device, manager)
    create(manager, Row(device.host, family=family), instance, stepwise)
    pair = Pair(capture, ours, theirs)
    pair.wait_active(ours, theirs)
    device.kill()
    pair.wait_active(theirs, ours)
    device.start()
    pair.wait_active(ours, theirs)
    manager.wait_served(Row(device.host, family=family).oid(7))
    assert manager.get(Row(device.host, family=family).oid(7))[0].number == 150


def test_out_of_service_and_back(network, device, manager):
    """notInService sends priority 0 and gives the address up; active brings both back; destroy ends it."""
    capture = network.capture()
    target, instance = Row(device.host), NEW[4]
    start(device, manager)
    create(manager, target, instance, False)
    capture.wait_advert(10, host="ours")
    wait_for(lambda: device.host.has("198.51.100.77"), 5, "the address")
    assert manager.set(*target.status(RowStatus.NOT_IN_SERVICE)) == ""
    capture.wait_advert(5, host="ours", priority=0)
    wait_for(lambda: not device.host.has("198.51.100.77"), 5, "the address given up")
    assert manager.get(target.oid(6))[0].number == 1
    since = capture.last_time()
    assert manager.set(*target.status(RowStatus.ACTIVE)) == ""
    capture.wait_advert(5, host="ours", priority=150, since=since)
    assert manager.set(*target.status(RowStatus.DESTROY)) == ""
    capture.wait_advert(5, host="ours", priority=0, since=since)
    wait_for(lambda: not device.host.has("198.51.100.77"), 5, "the address of what was destroyed given up")
    assert not manager.serves(target.oid(13))
    assert manager.walk(ADDRESSES) == []
    wait_for(lambda: "snmp-eth0-77-4: active -> initialize: " in device.log(), 5, "its end in the log, by its name")
    assert "eth0: " not in device.log()


def test_addresses_of_a_running_router(network, device, manager):
    """They come and go on the wire and on the interface; the last one stays."""
    capture = network.capture()
    target = Row(device.host)
    start(device, manager)
    create(manager, target, NEW[4], False)
    capture.wait_advert(10, host="ours")
    for change, listed in (
            ((target.address("198.51.100.78", RowStatus.CREATE_AND_GO),), ["198.51.100.77", "198.51.100.78"]),
            ((target.address("198.51.100.79", RowStatus.CREATE_AND_WAIT),), ["198.51.100.77", "198.51.100.78"]),
            ((target.address("198.51.100.77", RowStatus.NOT_IN_SERVICE),), ["198.51.100.78"]),
            ((target.address("198.51.100.78", RowStatus.DESTROY),
              target.address("198.51.100.79", RowStatus.ACTIVE)), ["198.51.100.79"])):
        assert manager.set(*sum(change, ())) == ""
        wait_for(lambda: capture.adverts("ours", VRID)[-1].addresses == tuple(listed), 5, f"{listed} on the wire")
        wait_for(lambda: all(device.host.has(f"198.51.100.{n}") == (f"198.51.100.{n}" in listed)
                             for n in (77, 78, 79)), 5, f"{listed} on the interface")
    assert manager.set(*target.address("198.51.100.79", RowStatus.DESTROY)) == "inconsistentValue"
    assert manager.get(target.oid(8))[0].number == 1


def test_an_address_of_two_routers(device, manager):
    """Nothing forbids it: the SET succeeds, and the log has once what the file's reader would say."""
    first, second = Row(device.host), Row(device.host, 78)
    made = [NEW[4], NEW[4].but(name="snmp-eth0-78-4", vrid=78, addresses=("198.51.100.78/32", *NEW[4].addresses))]
    start(device, manager)
    create(manager, first, made[0], False)
    create(manager, second, made[1], False)
    assert "is an address of" not in device.log()
    assert manager.set(*second.address("198.51.100.77", RowStatus.CREATE_AND_GO)) == ""
    device.configure(configuration(made))
    said = "snmp-eth0-78-4: 198.51.100.77 on eth0 is an address of snmp-eth0-77-4 as well"
    assert said in device.control("config", "check", check=False).stderr
    wait_for(lambda: f"warning core: {said}" in device.log(), 5, device.log)
    assert manager.set(*second.priority(90)) == ""
    assert manager.set(*second.address("198.51.100.79", RowStatus.CREATE_AND_GO)) == ""
    wait_for(lambda: "198.51.100.79" in device.log(), 5, device.log)
    assert device.log().count("is an address of") == 1, device.log()


def test_a_router_of_the_file_is_destroyed(network, device, manager):
    """It stays away through a reload and a restart, since the overlay says so; creating it again is possible."""
    capture = network.capture()
    text = configuration([NEW[4].but(name="one")])
    target = Row(device.host)
    start(device, manager, text)
    capture.wait_advert(10, host="ours")
    manager.wait_served(target.oid(13))
    assert manager.set(*target.status(RowStatus.DESTROY)) == ""
    capture.wait_advert(5, host="ours", priority=0)
    device.reload()
    wait_for(lambda: "reloaded: 0 virtual router(s)" in device.log(), 10, lambda: f"the reload: {device.log()}")
    assert not manager.serves(target.oid(13))
    device.stop()
    since = capture.last_time()
    start(device, manager)
    device.configure(text)
    device.reload()
    wait_for(lambda: "reloaded: 0 virtual router(s)" in device.log(), 10, lambda: f"the reload: {device.log()}")
    assert capture.adverts("ours", since=since + 0.001) == []
    create(manager, target, NEW[4], False)
    capture.wait_advert(10, host="ours", priority=150, since=since)


def test_the_file_wins_a_router(network, device, manager):
    """Where the file defines a router that SNMP made, the file's runs; the other is kept, named in the log and shown."""
    capture = network.capture()
    start(device, manager)
    create(manager, Row(device.host), NEW[4], False)
    capture.wait_advert(10, host="ours", priority=150)
    since = capture.last_time()
    device.configure(configuration([NEW[4].but(name="written", priority=90)]))
    device.reload()
    capture.wait_advert(10, host="ours", priority=90, since=since)
    wait_for(lambda: "changes to snmp-eth0-77-4" in device.log() and "set aside" in device.log(), 5,
             "what was set aside in the log")
    for what in ("diff", "show"):
        inside, _, aside = device.control("config", what).stdout.partition("# Set aside")
        assert "snmp-eth0-77-4" not in inside and "vrrp_instance snmp-eth0-77-4 {" in aside, what
    wait_for(lambda: manager.get(Row(device.host).oid(7))[0].number == 90, 10, "the file's in the MIB")
    device.configure(EMPTY)
    since = capture.last_time()
    device.reload()
    capture.wait_advert(10, host="ours", priority=150, since=since)
    assert "Set aside" not in device.control("config", "diff").stdout


def test_the_primary_address(network, device, manager):
    """The source of the advertisements, on the wire at once; an address of another length is refused."""
    capture = network.capture()
    target = Row(device.host)
    device.host.ip("addr", "add", "192.0.2.200/24", "dev", "eth0")
    start(device, manager)
    create(manager, target, NEW[4], False)
    assert capture.wait_advert(10, host="ours").source != "192.0.2.200"
    assert manager.set(target.oid(4), "x", "c00002c8") == ""
    wait_for(lambda: capture.adverts("ours", VRID)[-1].source == "192.0.2.200", 5, "the new source")
    assert {advert.checksum_form for advert in capture.adverts("ours", VRID)} == {"pseudo"}  # it covers the source
    assert manager.get(target.oid(4))[0].octets == bytes([192, 0, 2, 200])
    assert manager.set(target.oid(4), "x", "c00002") == "wrongLength"
    assert manager.set(target.oid(4), "x", "00000000") == "wrongValue"
    assert manager.set(target.oid(4), "s", "1.2.3.4") == "wrongLength"


@pytest.mark.parametrize("family", [4, 6], ids=["ipv4", "ipv6"])
def test_activation_needs_a_primary_address(device, manager, family):
    """The interface's own, in IPv6 its link-local one, or what is written; a row that waits can do without."""
    target, instance = Row(device.host, family=family), NEW[family]
    address = target.address(instance.addresses[0].split("/")[0], RowStatus.CREATE_AND_GO)
    lost = {4: "192.0.2.50/24", 6: "fe80::50/64"}[family]
    start(device, manager)
    device.host.ip(f"-{family}", "addr", "flush", "dev", "eth0", *(("scope", "link") if family == 6 else ()))
    assert manager.set(*target.status(RowStatus.CREATE_AND_GO), *address) == "inconsistentValue"
    assert manager.set(*target.status(RowStatus.CREATE_AND_WAIT), *address) == ""
    assert manager.set_blamed(*target.status(RowStatus.ACTIVE)) == ("inconsistentValue", target.oid(13))
    device.host.ip("addr", "add", lost, "dev", "eth0")
    assert manager.set(*target.status(RowStatus.ACTIVE)) == ""
    wait_for(lambda: manager.get(target.oid(6))[0].number == 3, 10, "its state, master")
    device.host.ip("addr", "del", lost, "dev", "eth0")
    wait_for(lambda: manager.get(target.oid(6))[0].number == 1, 10, "its state, initialize")
    assert manager.set(*target.status(RowStatus.ACTIVE)) == "", "it is active already"
    assert manager.set(*target.status(RowStatus.DESTROY)) == ""
    written = {4: "c000020a", 6: "fe80" + "00" * 13 + "0a"}[family]
    assert manager.set(*target.status(RowStatus.CREATE_AND_GO), *address, target.oid(4), "x", written) == ""


FILE = configuration([Instance("one", 11, ("198.51.100.11/24",)), Instance("owner", 12, ("198.51.100.12/24",), priority=255),
                      Instance("two", 13, ("198.51.100.13/24",), version=2)])


def bad_sets(host):
    """What is asked, the error, and which varbind is to blame (from 0)."""
    one, owner, two, none = Row(host, 11), Row(host, 12), Row(host, 13), Row(host, 99)
    number = host.index("eth0")
    fine = one.priority(120)
    far = f"{OPERATIONS}.7.9999.11.1"
    yield "priority 0", (fine, one.priority(0)), "wrongValue", 1
    yield "priority 255", (one.priority(255),), "wrongValue", 0
    yield "priority 256", (one.priority(256),), "wrongValue", 0
    yield "priority 300", (fine, one.priority(300)), "wrongValue", 1
    yield "priority as INTEGER", ((one.oid(7), "i", "150"),), "wrongType", 0
    yield "priority -1 as INTEGER", ((one.oid(7), "i", "-1"),), "wrongType", 0
    yield "an owner's priority", (fine, owner.priority(100)), "notWritable", 1
    yield "interval 0", (one.interval(0),), "wrongValue", 0
    yield "interval 4096", (one.interval(4096),), "wrongValue", 0
    yield "interval -1", (one.interval(-1),), "wrongValue", 0
    yield "interval of version 2", (fine, two.interval(150)), "inconsistentValue", 1
    yield "preempt 0", (one.preempt(0),), "wrongValue", 0
    yield "preempt 3", (one.preempt(3),), "wrongValue", 0
    yield "accept 3", (one.accept(3),), "wrongValue", 0
    yield "status 0", (one.status(0),), "wrongValue", 0
    yield "status notReady", (one.status(3),), "wrongValue", 0
    yield "status 7", (one.status(7),), "wrongValue", 0
    yield "createAndGo of what is there", (one.status(4),), "inconsistentValue", 0
    yield "createAndWait of what is there", (fine, one.status(5)), "inconsistentValue", 1
    yield "createAndGo without an address", (none.status(4),), "inconsistentValue", 0
    yield "active of what is not there", (none.status(1),), "inconsistentValue", 0
    yield "notInService of what is not there", (none.status(2),), "inconsistentValue", 0
    yield "priority of what is not there", (fine, none.priority(100)), "inconsistentName", 1
    yield "unknown interface", (fine, (far, "u", "100")), "noCreation", 1
    yield "VRID 0", ((f"{OPERATIONS}.7.{number}.0.1", "u", "100"),), "noCreation", 0
    yield "VRID 300", ((f"{OPERATIONS}.7.{number}.300.1", "u", "100"),), "noCreation", 0
    yield "address type 3", ((f"{OPERATIONS}.7.{number}.11.3", "u", "100"),), "noCreation", 0
    yield "a column to read", (fine, (one.oid(6), "i", "3")), "notWritable", 1
    yield "a column that is none", ((one.oid(14), "i", "3"),), "notWritable", 0
    yield "the last address", (fine, one.address("198.51.100.11", 6)), "inconsistentValue", 1
    yield "the last address out of service", (one.address("198.51.100.11", 2),), "inconsistentValue", 0
    yield "an address of no router", (none.address("198.51.100.99", 4),), "inconsistentName", 0
    yield "an address that is there", (one.address("198.51.100.11", 4),), "inconsistentValue", 0
    yield "a group as address", (fine, one.address("224.0.0.9", 4)), "inconsistentValue", 1
    yield "IPv6 among IPv4", ((f"{ADDRESSES}.2.{number}.11.1.16." + ".".join(["0"] * 15 + ["9"]), "i", "4"),), \
        "noCreation", 0
    yield "two values for one", (one.priority(120), one.priority(121)), "inconsistentValue", 1
    yield "destroyed and changed", (one.status(6), one.priority(120)), "inconsistentValue", 1
    yield "bad among sixty", (*(Row(host, 11).priority(130) for _ in range(58)), two.priority(300), fine), \
        "wrongValue", 58


def test_bad_sets_change_nothing(device, manager):
    """Each is refused with its error and the varbind to blame; every value stays as it was."""
    start(device, manager, FILE)
    manager.wait_served(Row(device.host, 13).oid(13))
    before = [value for table in (OPERATIONS, ADDRESSES) for value in manager.walk(table)
              if not value.oid.startswith((f"{OPERATIONS}.3.", f"{OPERATIONS}.6.", f"{OPERATIONS}.12."))]
    failed = []
    for name, varbinds, error, index in bad_sets(device.host):
        got = manager.set_blamed(*sum(varbinds, ()))
        if got != (error, varbinds[index][0]):
            failed.append(f"{name}: {got}, not {error} of varbind {index}")
    assert not failed, "\n".join(failed)
    after = [value for table in (OPERATIONS, ADDRESSES) for value in manager.walk(table)
             if not value.oid.startswith((f"{OPERATIONS}.3.", f"{OPERATIONS}.6.", f"{OPERATIONS}.12."))]
    assert after == before
    assert len(before) == 3 * 8 + 3


def test_a_failing_varbind_at_every_place(device, manager):
    """Whichever of the varbinds fails, none of the others takes effect; without it, all do."""
    start(device, manager, FILE)
    target = Row(device.host, 11)
    manager.wait_served(target.oid(13))
    good = [target.priority(140), target.interval(300), target.preempt(2), target.address("198.51.100.21", 4)]
    bad = Row(device.host, 13).interval(150)
    for place in range(len(good) + 1):
        varbinds = [*good[:place], bad, *good[place:]]
        assert manager.set_blamed(*sum(varbinds, ())) == ("inconsistentValue", bad[0])
        assert [manager.get(target.oid(column))[0].number for column in (7, 8, 9, 10)] == [100, 1, 100, 1]
    assert manager.set(*sum(good, ())) == ""
    assert [manager.get(target.oid(column))[0].number for column in (7, 8, 9, 10)] == [140, 2, 300, 2]
    assert manager.set(*sum(good[:3], ()), *target.address("198.51.100.21", 6)) == ""
    assert manager.get(target.oid(8))[0].number == 1
