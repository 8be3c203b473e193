# SPDX-License-Identifier: ISC
"""What core needs to read a file, or to tell of many routers, is not what it keeps."""

import re

import pytest

from harness.config import Instance, configuration
from harness.device import VrrpAgent
from harness.wait import wait_for

# Not beside others, and in the build that users have: the address sanitizer gives nothing back.
pytestmark = [pytest.mark.agent_only, pytest.mark.timing]

ROUTERS, PER_INTERFACE = 1000, 250


def own(pid):
    """KiB that are the process's alone."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as stream:
        return int(re.search(r"^Private_Dirty:\s+(\d+) kB", stream.read(), re.M).group(1))


def many(priority):
    return configuration([
        Instance(f"r{number}", number % PER_INTERFACE + 1, (f"198.51.{100 + number // 250}.{number % 250 + 1}/32",),
                 interface=f"eth{number // PER_INTERFACE}", interval=10, priority=priority)
        for number in range(ROUTERS)])


def test_given_back(network, devices):
    host = network.host("ours")
    for number in range(1, ROUTERS // PER_INTERFACE):
        host.add_interface(f"eth{number}", [f"10.{number}.0.1/16"])
    device = devices(VrrpAgent, host)
    device.start(many(100))
    wait_for(lambda: f"{ROUTERS} virtual router(s) in force" in device.log(), 20, device.log)
    core = device.role("core")
    begins = own(core)
    for priority in (90, 80):
        device.configure(many(priority))
        device.reload()
        wait_for(lambda now=priority: {each["priority"] for each in device.show()["routers"]} == {now}, 20, device.log)
    wait_for(lambda: own(core) < 1.3 * begins, 5, lambda: f"{begins} KiB at the beginning, {own(core)} now")
    assert device.role("core") == core
