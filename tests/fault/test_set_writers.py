# SPDX-License-Identifier: ISC
"""Several who change the configuration at once, or fast, or without room on the disk."""

import os
import re
import threading
import time

import pytest

from harness.config import Instance, configuration
from harness.pair import Pair, Side
from harness.process import run
from harness.snmp import OPERATIONS, Manager, Snmpd, row
from harness.wait import observe, wait_for

pytestmark = pytest.mark.agent_only

SECONDS = float(os.environ.get("FAULT_SECONDS", "10"))
INSTANCE = Instance("one", 87, ("198.51.100.87/24",), interval=0.2)
CHANGE = re.compile(r"one: priority (\d+) -> (\d+), (?:set by management|taken back)")


@pytest.fixture
def snmpd(network, folder, ended, need):
    need("snmpd", "snmpset")
    return ended(Snmpd(network.host("ours"), folder)).start()


@pytest.fixture
def device(snmpd, devices, dut_kind):
    return devices(dut_kind, snmpd.host, agentx=snmpd.socket)


@pytest.fixture
def manager(snmpd):
    return Manager(snmpd.host)


@pytest.fixture
def oid(snmpd):
    return f"{OPERATIONS}.7.{row(snmpd.host, INSTANCE.vrid)}"


def overlay(device):
    with open(f"{device.state_dir}/overlay.conf", encoding="utf-8") as stream:
        return stream.read()


def test_all_writers_at_once(network, device, manager, oid):
    """Two managers, vrrpctl and reloads: the log is one history in which each change follows on the one before."""
    capture = network.capture()
    device.start(configuration([INSTANCE]))
    capture.wait_advert(10, host="ours")
    manager.wait_served(oid)
    end, done = time.monotonic() + SECONDS, {"first": 0, "second": 0, "ctl": 0, "reload": 0}

    def manage(name, low):
        while time.monotonic() < end:
            done[name] += manager.set(oid, "u", str(low + done[name] % 20)) == ""

    def control():
        while time.monotonic() < end:
            words = ("set", "one", "priority", str(60 + done["ctl"] % 20))
            done["ctl"] += device.control(*words, check=False).returncode == 0

    def reload():
        while time.monotonic() < end:
            device.reload()
            done["reload"] += 1
            observe(0.3, "a pause between reloads")

    threads = [threading.Thread(target=target, args=args) for target, args in (
        (manage, ("first", 10)), (manage, ("second", 110)), (control, ()), (reload, ()))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS + 60)
    assert min(done.values()) > 0, done
    history = [tuple(map(int, match)) for match in CHANGE.findall(device.log())]
    assert history[0][0] == 100
    assert all(before[1] == after[0] for before, after in zip(history, history[1:])), history
    final = manager.get(oid)[0].number
    assert history[-1][1] == final
    assert f"priority {final}\n" in overlay(device)
    wait_for(lambda: capture.adverts("ours")[-1].priority == final, 5, "the last priority on the wire")


def test_ten_a_second(network, devices, dut_kind, peer_kind, device, manager, oid):
    """The priority goes up and down beside a peer's at 120: whoever is Active then was the higher one."""
    capture = network.capture()
    theirs = Side(devices(peer_kind, network.host("theirs")), INSTANCE.but(name="theirs", priority=120))
    ours = Side(device, INSTANCE)
    pair = Pair(capture, theirs, ours)
    pair.settle()
    manager.wait_served(oid)
    settled = len(device.log())
    start, sets = time.monotonic(), 0
    while time.monotonic() - start < SECONDS:
        assert manager.set(oid, "u", str(130 + sets % 50)) == ""
        sets += 1
        observe(max(0.0, start + sets / 10 - time.monotonic()), "the next tenth of a second")
    pair.wait_active(ours, theirs)
    since = capture.last_time()
    for value in range(60):
        assert manager.set(oid, "u", str(121 + value)) == ""
    assert not pair.adverts(theirs, since + 0.001), "the other took over from a higher priority"
    assert manager.set(oid, "u", "50") == ""
    pair.wait_active(theirs, ours)
    states = re.findall(r"one: (backup|active) -> (\w+)", device.log()[settled:])
    assert states == [("backup", "active"), ("active", "backup")]


def test_a_full_disk(network, device, manager, oid):
    """The SET fails, nothing changes, no advertisement is missed; with room again it is possible."""
    capture = network.capture()
    os.makedirs(device.state_dir, exist_ok=True)
    run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", device.state_dir])
    try:
        device.start(configuration([INSTANCE]))
        capture.wait_advert(10, host="ours")
        manager.wait_served(oid)
        assert manager.set(oid, "u", "110") == ""
        filler = f"{device.state_dir}/filler"
        with open(filler, "wb", buffering=0) as stream:
            try:
                while stream.write(bytes(512)):
                    pass
            except OSError:
                pass
        since = capture.last_time()
        assert manager.set(oid, "u", "120") in ("commitFailed", "resourceUnavailable")
        assert manager.get(oid)[0].number == 110
        assert "priority 110\n" in overlay(device)
        observe(1, "a missed advertisement")
        stamps = [seen.time for seen in capture.adverts("ours", since=since)]
        assert max(after - before for before, after in zip(stamps, stamps[1:])) < 3 * INSTANCE.interval
        assert {seen.priority for seen in capture.adverts("ours", since=since + 0.3)} == {110}
        os.unlink(filler)
        assert manager.set(oid, "u", "130") == ""
        device.stop()
        device.start()
        manager.wait_served(oid)
        assert manager.get(oid)[0].number == 130
        device.stop()
    finally:
        device.kill()
        run(["umount", device.state_dir])
