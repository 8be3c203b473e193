# SPDX-License-Identifier: ISC
"""Words about the program as a whole: when it begins, and how its processes run."""

import json
import time

import pytest

from harness.config import Instance, configuration
from harness.wait import observe, wait_for

pytestmark = pytest.mark.agent_only

OWNER = Instance("one", 31, ("198.51.100.31/24",), priority=255, state="MASTER", interval=1)
OTHER = Instance("two", 32, ("198.51.100.32/24",), priority=255, state="MASTER", interval=1)
DELAY = 8


@pytest.fixture
def device(network, devices, dut_kind):
    return devices(dut_kind, network.host("ours"))


def states(device):
    shown = device.control("show", "--json", check=False)
    return [router["state"] for router in json.loads(shown.stdout)["routers"]] if shown.returncode == 0 else None


def started(device, instances=(OWNER,), delay=DELAY):
    """When it was, by the capture's clock."""
    began = time.time()
    device.start(configuration(list(instances), global_lines=(f"vrrp_startup_delay {delay}",)))
    return began


def test_instances_begin_after_the_startup_delay(network, device):
    """Neither a reload nor a changed setting begins the delay anew, or ends it."""
    capture = network.capture()
    began = started(device)
    wait_for(lambda: states(device) == ["initialize"], 10, "the instance, which waits")
    device.configure(configuration([OWNER, OTHER], global_lines=("vrrp_startup_delay 60",)))
    device.reload()
    wait_for(lambda: states(device) == ["initialize"] * 2, 10, "the reload")
    assert not capture.adverts("ours")
    first = [capture.wait_advert(DELAY + 20, host="ours", vrid=vrid).time for vrid in (31, 32)]
    assert all(seen - began >= DELAY for seen in first)
    device.configure(configuration([OWNER], global_lines=("vrrp_startup_delay 60",)))
    device.reload()
    capture.wait_advert(10, host="ours", vrid=32, priority=0)
    since = capture.last_time()
    device.configure(configuration([OWNER, OTHER], global_lines=("vrrp_startup_delay 60",)))
    device.reload()
    capture.wait_advert(10, host="ours", vrid=32, since=since, priority=255)
