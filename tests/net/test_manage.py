# SPDX-License-Identifier: ISC
"""What vrrpctl changes: the same transactions as a SET, seen on the wire, in the overlay and after a restart."""

import pytest

from harness.config import Instance, configuration, password
from harness.wait import wait_for

pytestmark = pytest.mark.agent_only

ONE = Instance("one", 21, ("198.51.100.21/24",), interval=0.2)
TWO = Instance("two", 22, ("198.51.100.22/24",), version=2, extra=password("s3cret"))
OVERLAY = "vrrp_instance one {{\n    {}\n}}\n"


@pytest.fixture
def device(network, devices, dut_kind):
    return devices(dut_kind, network.host("ours"))


def ctl(device, *words):
    """(exit code, output, errors) of vrrpctl."""
    done = device.control(*words, check=False)
    return done.returncode, done.stdout, done.stderr


def start(network, device):
    capture = network.capture()
    device.start(configuration([ONE, TWO]))
    capture.wait_advert(10, host="ours", vrid=21)
    return capture


def test_set_and_revert(network, device):
    capture = start(network, device)
    since = capture.last_time()
    assert ctl(device, "set", "one", "priority", "150") == (0, "", "")
    capture.wait_advert(5, host="ours", vrid=21, priority=150, since=since)
    assert ctl(device, "config", "diff") == (0, OVERLAY.format("priority 150"), "")
    assert ctl(device, "set", "one", "nopreempt") == (0, "", "")
    assert ctl(device, "config", "revert", "one", "priority") == (0, "", "")
    since = capture.last_time()
    capture.wait_advert(5, host="ours", vrid=21, priority=100, since=since)
    assert ctl(device, "config", "diff") == (0, OVERLAY.format("nopreempt"), "")
    device.kill()
    device.start()
    capture.wait_advert(10, host="ours", vrid=21, since=capture.last_time())
    assert ctl(device, "config", "diff") == (0, OVERLAY.format("nopreempt"), "")
    assert ctl(device, "config", "revert") == (0, "", "")
    assert ctl(device, "config", "diff") == (0, "", "")


def test_drain_and_undrain(network, device):
    """Drained: priority 0, no address, and so after a restart. The other router is not touched."""
    capture = start(network, device)
    wait_for(lambda: device.host.has("198.51.100.21"), 5, "the address")
    since = capture.last_time()
    assert ctl(device, "drain", "one") == (0, "", "")
    capture.wait_advert(5, host="ours", vrid=21, priority=0, since=since)
    wait_for(lambda: not device.host.has("198.51.100.21"), 5, "the address given up")
    capture.wait_advert(10, host="ours", vrid=22, priority=100, since=since)
    device.stop()
    since = capture.last_time()
    device.start()
    capture.wait_advert(10, host="ours", vrid=22, priority=100, since=since)
    assert not capture.adverts("ours", 21, since=since + 0.001)
    assert ctl(device, "undrain", "all") == (0, "", "")
    capture.wait_advert(10, host="ours", vrid=21, priority=100, since=since)
    assert ctl(device, "drain", "all") == (0, "", "")
    capture.wait_advert(5, host="ours", vrid=22, priority=0, since=since)


@pytest.mark.parametrize("words, said", [
    (("set", "three", "priority", "150"), "there is no vrrp_instance three"),
    (("set", "one", "priority", "300"), "priority 300 is outside 1..255"),
    (("set", "one", "priority", "150", "160"), "one word too many"),
    (("set", "one", "priority", "150\nvirtual_router_id 9"), "more follows"),
    (("set", "one", "prioritty", "150"), "no word of a vrrp_instance"),
    (("set", "one", "virtual_router_id", "22"), "uses VRID 22"),
    (("set", "two", "advert_int", "0.5"), "whole seconds"),
    (("drain", "three"), "there is no vrrp_instance three"),
    (("config", "revert", "one"), "one is as the file has it"),
])
def test_bad_requests_change_nothing(network, device, words, said):
    start(network, device)
    code, output, errors = ctl(device, *words)
    assert (code, output) == (1, "") and said in errors, errors
    assert ctl(device, "config", "diff") == (0, "", "")


def test_no_password_is_shown(network, device):
    start(network, device)
    code, text, _ = ctl(device, "config", "show")
    assert code == 0 and "auth_pass ********" in text and "virtual_router_id 22" in text
    assert "s3cret" not in text


@pytest.mark.parametrize("words", [("set", "one"), ("drain",), ("config",), ("config", "frob"), ("show", "x")])
def test_usage(network, device, words):
    code, _, errors = ctl(device, *words)
    assert code == 2 and "usage: vrrpctl" in errors
