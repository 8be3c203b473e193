# SPDX-License-Identifier: ISC
"""The addresses: as configured, put back, never taken from their owner, never left behind."""

import os
import time

import pytest

from harness.config import Instance, configuration
from harness.monitor import AddressMonitor
from harness.pair import Pair, Side
from harness.wait import observe, wait_for

VIRTUAL = "198.51.100.1"
PLAIN = Instance("one", 61, (f"{VIRTUAL}/24",), interval=0.2)
FAST = Instance("one", 62, (f"{VIRTUAL}/24",), interval=0.1)
KILLS = int(os.environ.get("FAULT_KILLS", "20"))


def entry(host, address):
    return next((each for each in host.addresses() if each["local"] == address), None)


def start_active(device, capture, *instances, timeout=15):
    """Starts it and waits until the last instance's addresses are there."""
    since = capture.last_time()
    device.start(configuration(instances))
    for instance in instances:
        capture.wait_advert(timeout, host=device.host.name, vrid=instance.vrid, since=since)
        for address in instance.addresses:
            wanted = address.split()[0].split("/")[0]
            wait_for(lambda: device.host.has(wanted), 5, f"{wanted} on {device.host.name}")


def longest_gap(adverts):
    times = [seen.time for seen in adverts]
    return max((later - earlier for earlier, later in zip(times, times[1:])), default=0)


@pytest.fixture
def alone(network, devices, dut_kind):
    """A device with nobody else on the link."""
    return devices(dut_kind, network.host("ours"))


def test_attributes_as_configured(network, alone):
    instance = PLAIN.but(addresses=(
        "198.51.100.1/25 brd 198.51.100.127 dev eth0 scope link label eth0:vip",
        "198.51.100.200/32",
        "198.51.100.201/28 scope host",
    ))
    start_active(alone, network.capture(), instance)
    full = entry(alone.host, "198.51.100.1")
    assert (full["prefixlen"], full["broadcast"], full["scope"], full["label"]) == (
        25, "198.51.100.127", "link", "eth0:vip")
    plain = entry(alone.host, "198.51.100.200")
    assert (plain["prefixlen"], plain["scope"]) == (32, "global")
    assert "broadcast" not in plain
    host_scope = entry(alone.host, "198.51.100.201")
    assert (host_scope["prefixlen"], host_scope["scope"]) == (28, "host")


def test_address_on_another_interface(network, alone):
    alone.host.add_interface("eth1")
    start_active(alone, network.capture(), PLAIN.but(addresses=("198.51.100.7/24 dev eth1",)))
    assert entry(alone.host, "198.51.100.7")["dev"] == "eth1"


def test_ipv6_without_duplicate_address_detection(network, devices, dut_kind):
    """With DAD on, an address would be tentative for a second after each takeover."""
    host = network.host("ours", dad=True)
    device = devices(dut_kind, host)
    addresses = ("fe80::5e:1/64", "2001:db8::5e:1/64")
    start_active(device, network.capture(), PLAIN.but(addresses=addresses))
    for address in addresses:
        seen = entry(host, address.split("/")[0])
        assert seen["nodad"] is True
        assert "tentative" not in seen and "dadfailed" not in seen


def test_deleted_address_comes_back(network, devices, dut_kind, peer_kind):
    """Back within 100 ms; neither router changes its state."""
    capture = network.capture()
    pair = Pair(capture, Side(devices(dut_kind, network.host("ours")), PLAIN.but(priority=150)),
                Side(devices(peer_kind, network.host("theirs")), PLAIN))
    pair.settle()
    since = capture.last_time()
    with AddressMonitor(pair.active.host) as monitor:
        for number in range(1, 4):
            pair.active.host.ip("addr", "del", f"{VIRTUAL}/24", "dev", "eth0")
            gone = monitor.wait("del", VIRTUAL, number)
            back = monitor.wait("new", VIRTUAL, number)
            assert back - gone < 0.1, f"back after {(back - gone) * 1000:.0f} ms"
    observe(4 * PLAIN.interval, "a transition that the deletion might have caused")
    assert not pair.adverts(pair.backup, since)
    assert longest_gap(pair.adverts(pair.active, since)) < 2 * PLAIN.interval
    assert not [seen for seen in pair.adverts(pair.active, since) if seen.priority == 0]


@pytest.mark.parametrize("end", ["stop", "backup", "kill"])
def test_address_that_was_there_before_stays(network, devices, dut_kind, peer_kind, end):
    """Not ours: it was on the interface before the router started, so it outlives the router's being Active."""
    capture = network.capture()
    ours = devices(dut_kind, network.host("ours"))
    ours.host.ip("addr", "add", f"{VIRTUAL}/24", "dev", "eth0")
    with AddressMonitor(ours.host) as monitor:
        instance = PLAIN.but(addresses=(f"{VIRTUAL}/24", "198.51.100.2/24"))
        start_active(ours, capture, instance)
        if end == "stop":
            ours.stop()
        elif end == "backup":
            theirs = devices(peer_kind, network.host("theirs"))
            theirs.start(configuration([instance.but(priority=200)]))
            capture.wait_advert(10, host="theirs")
        else:
            ours.kill()
            ours.start(configuration([PLAIN.but(addresses=("198.51.100.9/24",))]))
        wait_for(lambda: not ours.host.has("198.51.100.2"), 5, "the removal of the router's own address")
        assert ours.host.has(VIRTUAL)
        assert not monitor.times("del", VIRTUAL), "it was away for a moment"


def test_killed_and_configured_otherwise(network, alone):
    """What a killed program owned is removed by the next one, though its configuration no longer names it."""
    capture = network.capture()
    instance = PLAIN
    six = PLAIN.but(name="two", vrid=63, addresses=("fe80::5e:1/64", "2001:db8::5e:1/64"))
    start_active(alone, capture, instance, six)
    alone.kill()
    assert alone.host.has(VIRTUAL) and alone.host.has("2001:db8::5e:1")
    start_active(alone, capture, PLAIN.but(vrid=64, addresses=("198.51.100.64/24",)))
    for address in (VIRTUAL, "fe80::5e:1", "2001:db8::5e:1"):
        wait_for(lambda: not alone.host.has(address), 5, f"the removal of {address}, left by the killed program")


def test_kills(network, devices, dut_kind, peer_kind):
    """SIGKILL and restart: no stale address on a router that is Backup, two Actives for less than an interval."""
    capture = network.capture()
    ours = Side(devices(dut_kind, network.host("ours")), FAST.but(priority=150))
    theirs = Side(devices(peer_kind, network.host("theirs")), FAST)
    pair = Pair(capture, ours, theirs)
    pair.settle()
    for number in range(KILLS):
        since = capture.last_time()
        ours.device.kill()
        pair.takeover_excess(since)
        if number % 2:
            ours.start()
        else:
            ours.device.start(configuration([ours.instance.but(priority=50)]))
            wait_for(ours.holds_none, 3, f"kill {number}: the removal of the stale address")
            assert not pair.adverts(ours, since=pair.adverts(theirs, since)[0].time)
            ours.device.configure(configuration([ours.instance]))
            ours.device.reload()
        back = wait_for(lambda: pair.adverts(ours, pair.adverts(theirs, since)[0].time), 10,
                        f"kill {number}: Active again")[0].time
        pair.wait_active(ours, theirs)
        overlap = pair.adverts(theirs, since)[-1].time - back
        assert overlap < FAST.interval, f"kill {number}: two Actives for {overlap:.3f} s"
        wait_for(theirs.holds_none, 5, f"kill {number}: the release by the other")


def test_stop_leaves_nothing(network, alone):
    capture = network.capture()
    before = sorted(each["local"] for each in alone.host.addresses())
    instances = [PLAIN.but(name=f"four{number}", vrid=number, addresses=(f"198.51.100.{number}/24",))
                 for number in range(1, 21)]
    instances += [PLAIN.but(name=f"six{number}", vrid=number, addresses=(f"fe80::5e:{number:x}/64",))
                  for number in range(1, 21)]
    start_active(alone, capture, *instances)
    since = capture.last_time()
    asked = time.monotonic()
    alone.stop()
    assert time.monotonic() - asked < 5
    assert sorted(each["local"] for each in alone.host.addresses()) == before
    last = {(seen.family, seen.vrid): seen.priority for seen in capture.adverts("ours", since=since)}
    assert last == {(family, number): 0 for family in (4, 6) for number in range(1, 21)}
