# SPDX-License-Identifier: ISC
"""The wall clock jumps by an hour, both ways; nothing happens."""

import time

from harness.clock import ClockShift
from harness.config import Instance
from harness.pair import Pair, Side
from harness.process import run
from harness.rhythm import gaps
from harness.wait import observe

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
