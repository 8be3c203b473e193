# SPDX-License-Identifier: ISC
"""What is known of trackers outlives the process that found it out, and the program that was told of it."""

import os
import signal

import pytest

from harness.config import Instance, configuration
from harness.rhythm import Quiet, assert_rhythm
from harness.stalls import Stalls
from harness.wait import observe, wait_for

pytestmark = pytest.mark.agent_only

INTERVAL = 0.1
ROUNDS = {signal.SIGKILL: int(os.environ.get("FAULT_ROUNDS", "4")), signal.SIGSTOP: 2}
BACK = {signal.SIGKILL: 2.0, signal.SIGSTOP: 10.0}


def script(folder, name, *words):
    """A vrrp_script, good while the file NAME is in the folder, and never run twice at once."""
    os.chmod(folder, 0o777)
    path, lock, twice = (os.path.join(folder, f"{name}.{kind}") for kind in ("sh", "lock", "twice"))
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(f"#!/bin/sh\nexec 9>{lock}\nflock -n 9 || echo >> {twice}\n"
                     f"sleep 0.3\ntest -e {os.path.join(folder, name)}\n")
    os.chmod(path, 0o755)
    lines = (f'script "{path}"', "interval 1", *words)
    return f"vrrp_script {name} {{\n" + "".join(f"    {line}\n" for line in lines) + "}\n"


def routers(device):
    return {router["name"]: router for router in device.show()["routers"]}


@pytest.fixture
def lame(network, devices, dut_kind, folder):
    """One router in fault by a script, one whose priority another script lowers: (device, capture, folder)."""
    text = script(folder, "stop", "fall 2", "rise 2") + script(folder, "lower", "weight -30")
    device = devices(dut_kind, network.host("ours"))
    capture = network.capture()
    device.start(configuration(
        [Instance("faulty", 1, ("198.51.100.1/32",), interval=INTERVAL, extra=("track_script {", "stop", "}")),
         Instance("lowered", 2, ("198.51.100.2/32",), interval=INTERVAL, extra=("track_script {", "lower", "}"))],
        ("script_user nobody", "vrrp_keep_on_restart"), text))
    capture.wait_advert(20, host="ours", vrid=2, priority=70)
    wait_for(lambda: routers(device)["faulty"]["state"] == "fault", 10, "fault")
    return device, capture, folder


def _unchanged(device, capture, since):
    """What must not be seen while nothing that the scripts look at changes."""
    return ([seen for seen in capture.adverts("ours", 1, since=since)]
            + [seen for seen in capture.adverts("ours", 2, since=since) if seen.priority != 70])


def _recover(device, capture, folder):
    """And now both scripts are good."""
    for name in ("stop", "lower"):
        with open(os.path.join(folder, name), "w", encoding="utf-8"):
            pass
    capture.wait_advert(20, host="ours", vrid=1, priority=100)
    capture.wait_advert(20, host="ours", vrid=2, priority=100)
    for name in ("stop", "lower"):
        assert not os.path.exists(os.path.join(folder, f"{name}.twice")), f"two runs of {name} at once"


def _hurt_check(lame, number, late, stalls=Quiet):
    device, capture, folder = lame
    since = capture.last_time()
    for _ in range(ROUNDS[number]):
        old = wait_for(lambda: device.role("check"), 10, "the check process")
        os.kill(old, number)
        wait_for(lambda: device.role("check") not in (None, old), BACK[number], "another check process",
                 poll=0.01)
        observe(3 * INTERVAL, "a change by the loss of the check process",
                lambda: _unchanged(device, capture, since))
    observe(1.5, "what the new check process finds at first", lambda: _unchanged(device, capture, since))
    assert_rhythm(capture.adverts("ours", 2, since=since), INTERVAL, late, capture.last_time(), stalls)
    assert [tracker["state"] for tracker in device.show()["trackers"]] == ["failed", "failed"]
    _recover(device, capture, folder)


@pytest.mark.parametrize("number", sorted(BACK), ids=lambda number: signal.Signals(number).name)
def test_check_process_is_replaced(lame, number):
    _hurt_check(lame, number, 0.150)


def test_program_is_replaced(lame):
    """vrrp_keep_on_restart: a router in fault by a script does not come up for a moment."""
    device, capture, folder = lame
    since, core = capture.last_time(), device.role("core")
    device.process.signal(signal.SIGUSR2)
    wait_for(lambda: "going on where the former program stopped" in device.log(), 20, "the successor")
    wait_for(lambda: device.role("core") not in (None, core), 10, "its core process")
    wait_for(lambda: device.role("check"), 10, "its check process")
    wait_for(lambda: device.control("show", "--json", check=False).returncode == 0, 10, "an answer to vrrpctl")
    observe(2.5, "a change by the handover", lambda: _unchanged(device, capture, since))
    assert "going on where" in device.log() and routers(device)["faulty"]["state"] == "fault"
    assert "faulty: fault -> " not in device.log() and "faulty: initialize -> " not in device.log().split("going on")[1]
    _recover(device, capture, folder)


@pytest.mark.timing
def test_a_thousand_scripts_cost_no_advertisement(network, devices, dut_kind, folder, ended):
    """1,000 scripts at 1 s each: no advertisement is late, and every script has its result."""
    count = 1000
    text = "".join(f"vrrp_script s{number} {{\n    script /bin/true\n    interval 1\n    weight 1\n}}\n"
                   for number in range(count))
    uses = ("track_script {", *(f"s{number}" for number in range(count)), "}")
    device = devices(dut_kind, network.host("ours"))
    capture = network.capture()
    stalls = ended(Stalls(folder))
    device.start(configuration(
        [Instance("many", 1, ("198.51.100.1/32",), priority=1, interval=INTERVAL, extra=uses),
         Instance("none", 2, ("198.51.100.2/32",), interval=INTERVAL)], ("script_user nobody",), text))
    capture.wait_advert(30, host="ours", vrid=1, priority=254)
    wait_for(lambda: all(tracker["state"] == "ok" for tracker in device.show()["trackers"]), 60, "all results", poll=0.5)
    since = capture.last_time()
    observe(5, "late advertisements, judged below")
    for vrid in (1, 2):
        assert_rhythm(capture.adverts("ours", vrid, since=since), INTERVAL, 0.010, capture.last_time(), stalls)
