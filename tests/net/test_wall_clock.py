# SPDX-License-Identifier: ISC
"""The wall clock jumps by an hour, both ways; nothing happens."""

import time

import pytest

from harness.clock import ClockShift
from harness.config import Instance, configuration
from harness.pair import Pair, Side
from harness.process import run
from harness.rhythm import gaps
from harness.wait import observe, wait_for

INSTANCE = Instance("one", 71, ("198.51.100.1/24",), interval=0.1)


def test_the_shift_shifts(tmp_path):
    clock = ClockShift(tmp_path)
    for seconds in (3600, -3600, 0):
        clock.jump(seconds)
        seen = int(run(["date", "+%s"], env=clock.environment).stdout)
        assert abs(seen - time.time() - seconds) < 5


def test_no_transition(network, devices, dut_kind, peer_kind, tmp_path):
    """Of the Active and of the Backup: each runs the device once, with a clock of its own."""
    capture = network.capture()
    clock = ClockShift(tmp_path)
    ours = devices(dut_kind, network.host("ours"))
    twin = devices(dut_kind, network.host("twin"))
    for device in (ours, twin):
        device.environment.update(clock.environment)
    pair = Pair(capture, Side(ours, INSTANCE.but(priority=150)), Side(twin, INSTANCE))
    pair.settle()
    since = capture.last_time()
    for seconds in (3600, -3600, 0, -3600, 3600, 0):
        clock.jump(seconds)
        observe(6 * INSTANCE.interval, "a transition that the jump might have caused",
                lambda: pair.adverts(pair.backup, since))
    seen = pair.adverts(pair.active, since)
    assert len(seen) >= 30
    assert max(gaps(seen)) < 3 * INSTANCE.interval, "the Active fell silent for a while"
    assert {each.priority for each in seen} == {150}
    assert not [each for each in capture.arps("ours", since) if each.gratuitous], "Active was taken again"


@pytest.mark.agent_only
def test_a_suspend_is_answered_by_an_announcement(network, devices, dut_kind, tmp_path):
    """CLOCK_MONOTONIC stands still while the machine sleeps, CLOCK_BOOTTIME does not: who was Active says so again at
    once, who was Backup waits as before."""
    capture = network.capture()
    clock = ClockShift(tmp_path)
    ours = devices(dut_kind, network.host("ours"))
    ours.environment.update(clock.environment)
    slow = INSTANCE.but(interval=20)
    ours.start(configuration([slow.but(priority=255, state="MASTER"), slow.but(name="two", vrid=72,
                                                                            addresses=("198.51.100.2/24",))]))
    capture.wait_advert(10, host="ours", vrid=71)
    observe(1.2, "the second gratuitous ARP of the takeover, which is none of the suspend's")
    since = time.time()
    clock.sleep(3600)
    capture.wait_advert(5, host="ours", vrid=71, since=since)
    wait_for(lambda: [each for each in capture.arps("ours", since) if each.gratuitous], 5, "a gratuitous ARP")
    assert "the machine was asleep, and active routers announce themselves again (3600.000 s)" in ours.log()
    states = {each["name"]: each["state"] for each in ours.show()["routers"]}
    assert states == {"one": "active", "two": "backup"}
    assert {each["name"]: each["counters"]["transitions"] for each in ours.show()["routers"]}["one"] == 1
    observe(1.2, "the rest of that announcement")
    since = time.time()
    clock.sleep(3605)
    wait_for(lambda: "(5.000 s)" in ours.log(), 5, "the second sleep")
    observe(1.5, "an announcement after less than two intervals",
            lambda: [each for each in capture.arps("ours", since) if each.gratuitous])


@pytest.mark.agent_only
def test_a_suspend_does_not_speak_over_the_new_active(network, devices, dut_kind, peer_kind, tmp_path):
    """What waits in the sockets is read first: a higher priority that took over meanwhile keeps what it has."""
    capture = network.capture()
    clock = ClockShift(tmp_path)
    ours = devices(dut_kind, network.host("ours"))
    ours.environment.update(clock.environment)
    pair = Pair(capture, Side(devices(peer_kind, network.host("theirs")), INSTANCE.but(priority=200)),
                Side(ours, INSTANCE.but(priority=150)))
    pair.settle()
    since = capture.last_time()
    clock.sleep(60)
    wait_for(lambda: "the machine was asleep" in ours.log(), 5, "the sleep")
    observe(6 * INSTANCE.interval, "a word of the Backup", lambda: pair.adverts(pair.backup, since))
    assert max(gaps(pair.adverts(pair.active, since))) < 3 * INSTANCE.interval
