# SPDX-License-Identifier: ISC
"""The whole program stands still for seconds while it is Active: one takeover, and nothing is said over it."""

import os
import re
import signal
import time

import pytest

from harness.config import Instance, configuration
from harness.monitor import AddressMonitor
from harness.pair import Pair, Side
from harness.process import children
from harness.stalls import Stalls
from harness.wait import observe, wait_for

pytestmark = pytest.mark.agent_only

SECONDS = 5
INTERVAL = 0.2
VIRTUAL = "198.51.100.1"
VIRTUAL6 = "2001:db8:5::1"
INSTANCE = Instance("one", 88, (f"{VIRTUAL}/24",), interval=INTERVAL)
INSTANCE6 = INSTANCE.but(addresses=("fe80::5:1/64", f"{VIRTUAL6}/64"))
RELEASED = 0.050


def _state(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as stream:
        return stream.read().rpartition(")")[2].split()[0]


def gratuitous(capture, since):
    """Without what the kernel of the frozen host answers to others."""
    return [seen for seen in capture.arps("ours", since, target=VIRTUAL) if seen.raw[20:22] == b"\0\1"]


class Frozen:
    """All processes of a device are stopped while this is open. since, resumed: of the capture's clock."""

    def __init__(self, device):
        self._pids = [device.pid, *children(device.pid)]
        self.since = self.resumed = None

    def __enter__(self):
        for pid in self._pids:
            os.kill(pid, signal.SIGSTOP)
        wait_for(lambda: all(_state(pid) == "T" for pid in self._pids), 5, "all processes stopped")
        self.since = time.time()
        return self

    def __exit__(self, *error):
        self.resumed = time.time()
        for pid in self._pids:
            os.kill(pid, signal.SIGCONT)  # a process that is gone meanwhile is a failure too


@pytest.fixture
def make_pair(network, devices, dut_kind, peer_kind):
    """make_pair(ours, theirs): ours is Active, its peer starts when it is."""
    def make(ours, theirs):
        pair = Pair(network.capture(), Side(devices(dut_kind, network.host("ours")), ours),
                    Side(devices(peer_kind, network.host("theirs")), theirs))
        pair.active.start()
        pair.capture.wait_advert(10, host="ours", vrid=ours.vrid)
        pair.settle()
        return pair

    return make


def _wait_longer(frozen, forbidden=None):
    observe(SECONDS - (time.time() - frozen.since), "the rest of the freeze", forbidden)


def _freeze_beneath(pair):
    """The peer, which may stay, takes over. Returns (Frozen, when the address was released)."""
    with AddressMonitor(pair.active.host) as monitor:
        with Frozen(pair.active.device) as frozen:
            wait_for(lambda: pair.adverts(pair.backup, frozen.since), 10, "the takeover")
            _wait_longer(frozen)
        released = monitor.wait("del", VIRTUAL, timeout=10)
    return frozen, released + time.time() - time.monotonic()


@pytest.fixture
def stays(make_pair):
    """The peer has the higher priority and does not preempt: what it has taken it keeps."""
    return make_pair(INSTANCE, INSTANCE.but(priority=150, extra=("nopreempt",)))


def test_one_failover(stays):
    """What waits in the sockets is read before a deadline is believed: not one word over the new Active."""
    entered = stays.backup.device.log().count("Entering MASTER STATE")
    frozen, _ = _freeze_beneath(stays)
    observe(5 * INTERVAL, "a word from who was frozen", lambda: stays.adverts(stays.active, frozen.since))
    assert not gratuitous(stays.capture, frozen.since)
    assert stays.active.holds_none()
    assert stays.backup.holds_addresses()
    assert stays.backup.device.log().count("Entering MASTER STATE") == entered + 1


@pytest.mark.timing
def test_released_in_time(stays, folder, ended):
    stalls = ended(Stalls(folder))
    frozen, released = _freeze_beneath(stays)
    took = released - stalls.ready(frozen.resumed)
    assert took <= RELEASED, f"{took * 1000:.1f} ms"


def test_backup_does_not_take_over(network, devices, dut_kind, peer_kind):
    """For longer than its deadline it stands still beneath an Active that goes on: it has heard that one all along."""
    pair = Pair(network.capture(), Side(devices(peer_kind, network.host("theirs")), INSTANCE.but(priority=150)),
                Side(devices(dut_kind, network.host("ours")), INSTANCE))
    pair.settle()
    with Frozen(pair.backup.device) as frozen:
        observe(4 * pair.backup.active_down, "an Active that advertises")
    assert len(pair.adverts(pair.active, frozen.since)) > 8
    observe(5 * INTERVAL, "a word from who was frozen", lambda: pair.adverts(pair.backup, frozen.since))
    assert pair.backup.device.show()["routers"][0]["counters"]["transitions"] == 0
    assert pair.backup.holds_none()


def test_preempting_router_takes_back(make_pair):
    """Who has the higher priority is Active again, and says so to the switches and hosts that followed the other."""
    pair = make_pair(INSTANCE.but(priority=150), INSTANCE)
    with Frozen(pair.active.device) as frozen:
        wait_for(lambda: pair.adverts(pair.backup, frozen.since), 10, "the takeover")
        _wait_longer(frozen)
    wait_for(lambda: gratuitous(pair.capture, frozen.resumed), 5, "its announcement")
    pair.wait_active(pair.active, pair.backup)
    wait_for(pair.backup.holds_none, 5, "the peer without the addresses")


@pytest.fixture
def alone(network, devices, dut_kind):
    """alone(*instances) -> (device, capture): Active, and what was to be announced at first has been."""
    def make(*instances):
        capture = network.capture()
        device = devices(dut_kind, network.host("ours"))
        device.start(configuration(instances))
        for instance in instances:
            wait_for(lambda vrid=instance.vrid: len(capture.adverts("ours", vrid)) >= 3, 15, f"VRID {instance.vrid}")
        return device, capture

    return make


def test_announces_again_where_nobody_took_over(alone):
    """A switch may have forgotten it; it stays Active, and none of its processes is taken for one that hangs."""
    device, capture = alone(INSTANCE, INSTANCE6.but(name="six", vrid=89))
    roles = children(device.pid)
    before = {each["name"]: each["counters"]["transitions"] for each in device.show()["routers"]}
    with Frozen(device) as frozen:
        _wait_longer(frozen)
    wait_for(lambda: gratuitous(capture, frozen.resumed), 5, "a gratuitous ARP")
    wait_for(lambda: capture.neighbour_adverts("ours", frozen.resumed, target=VIRTUAL6), 5,
             "a neighbour advertisement")
    assert {each["name"]: each["counters"]["transitions"] for each in device.show()["routers"]} == before
    observe(3, "another process in the place of one that was frozen", lambda: children(device.pid) != roles)
    assert "no sign of life" not in device.log()


def test_does_not_announce_after_a_short_pause(alone):
    """Less than what would let another take over: nobody has anything to learn."""
    slow = INSTANCE.but(interval=2)
    device, capture = alone(slow)
    with Frozen(device) as frozen:
        observe(1, "less than one interval")
    wait_for(lambda: len(capture.adverts("ours", slow.vrid, since=frozen.resumed)) >= 2, 10, "its next advertisements")
    assert not gratuitous(capture, frozen.since)


def test_lateness_is_shown(alone):
    """The worst of a deadline and how long ago it was, as JSON and under the table."""
    device, _ = alone(INSTANCE)
    with Frozen(device):
        observe(2, "the freeze")
    seen = wait_for(lambda: (found := device.show()["engine"])["worst_lateness"] > 1 and found, 5, "the lateness")
    assert 2 - INTERVAL - 0.1 <= seen["worst_lateness"] <= 4
    assert 0 <= seen["worst_lateness_age"] <= 10
    line = device.control("show").stdout.splitlines()[-1]
    told = re.fullmatch(r"greatest delay of the engine since its start: ([0-9.]+) ms, (\d+)s ago", line)
    assert told and float(told[1]) == pytest.approx(seen["worst_lateness"] * 1000, abs=1)
    wait_for(lambda: device.show()["engine"]["worst_lateness_age"] > seen["worst_lateness_age"] + 1, 10,
             "its growing age")
    assert device.show()["engine"]["worst_lateness"] == seen["worst_lateness"]
