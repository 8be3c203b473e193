# SPDX-License-Identifier: ISC
"""vrrpctl show, as a table and as JSON, against what is on the wire."""

import json
import os
import socket

import pytest

from harness.config import Instance, configuration
from harness.pair import Pair, Side
from harness.wait import wait_for

pytestmark = pytest.mark.agent_only

FOUR = Instance("four", 94, ("198.51.100.1/24", "198.51.100.2/24"), interval=0.2)


def router(device, name="four"):
    return next(each for each in device.show()["routers"] if each["name"] == name)


def test_both_states(network, devices, dut_kind):
    """Configuration, state and what is known of the Active, on either side of a pair."""
    pair = Pair(network.capture(), Side(devices(dut_kind, network.host("ours")), FOUR.but(priority=150)),
                Side(devices(dut_kind, network.host("theirs")), FOUR.but(extra=("nopreempt",))))
    pair.settle()
    for side, state, word in ((pair.active, "active", "MASTER"), (pair.backup, "backup", "BACKUP")):
        seen = router(side.device)
        assert (seen["state"], seen["keepalived_state"]) == (state, word)
        assert (seen["interface"], seen["family"], seen["vrid"], seen["version"]) == ("eth0", "ipv4", 94, 3)
        assert (seen["priority"], seen["effective_priority"]) == (side.instance.priority,) * 2
        assert seen["priority_origin"] == "file"
        assert seen["advert_interval"] == 0.2
        assert seen["active_down"] == pytest.approx(3 * 0.2 + (256 - side.instance.priority) * 0.2 / 256)
        assert seen["preempt"] is (side is pair.active)
        assert seen["addresses"] == list(FOUR.addresses)
        assert seen["virtual_mac"] == "00:00:5e:00:01:5e"
        assert seen["active_address"] == "192.0.2.1"
        assert seen["faults"] == []
    assert pair.active.device.show()["states"]["active"] == 1
    assert pair.backup.device.show()["states"]["backup"] == 1


def test_link_down_is_a_fault(network, devices, dut_kind):
    device = devices(dut_kind, network.host("ours"))
    capture = network.capture()
    device.start(configuration([FOUR]))
    capture.wait_advert(10, host="ours")
    device.host.ip("link", "set", "eth0", "down")
    wait_for(lambda: router(device)["state"] == "fault", 5, "the fault")
    assert router(device)["faults"] == ["link"]
    since = capture.last_time()
    device.host.ip("link", "set", "eth0", "up")
    capture.wait_advert(10, host="ours", since=since + 0.001)
    wait_for(lambda: router(device)["state"] == "active", 5, "Active again")
    wait_for(lambda: device.host.has("198.51.100.1"), 5, "its address")


def test_table(network, devices, dut_kind):
    device = devices(dut_kind, network.host("ours"))
    capture = network.capture()
    device.start(configuration([FOUR, FOUR.but(name="other", vrid=95, addresses=("198.51.100.9/24",))]))
    capture.wait_advert(10, host="ours", vrid=95)
    lines = device.control("show").stdout.splitlines()
    for name in ("four", "other"):
        line = next(line for line in lines if line.split()[:1] == [name])
        assert "eth0" in line and "active" in line


def test_option_before_or_after(network, devices, dut_kind):
    device = devices(dut_kind, network.host("ours"))
    device.start(configuration([FOUR]))
    wait_for(lambda: device.control("show", check=False).returncode == 0, 10, "an answer")
    one, other = (json.loads(device.control(*words).stdout) for words in (("show", "--json"), ("--json", "show")))
    assert {each["name"] for each in one["routers"]} == {each["name"] for each in other["routers"]} == {"four"}


def test_no_agent(devices, network, dut_kind):
    done = devices(dut_kind, network.host("ours")).control("show", check=False)
    assert done.returncode != 0
    assert "control.sock" in done.stderr


def test_mute_agent(devices, network, dut_kind):
    """An agent that takes the question and never answers does not hold up whoever asks."""
    device = devices(dut_kind, network.host("ours"))
    os.makedirs(device.run_dir, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as mute:
        mute.bind(f"{device.run_dir}/control.sock")
        mute.listen()
        done = device.control("show", check=False)
    assert done.returncode != 0
    assert "did not answer" in done.stderr
