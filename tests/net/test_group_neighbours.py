# SPDX-License-Identifier: ISC
"""The groups' entries in the kernel's table of neighbours are permanent, and so have room in a full table."""

import json
import signal

import pytest

from harness.config import Instance, configuration
from harness.device import VrrpAgent
from harness.wait import wait_for

pytestmark = pytest.mark.agent_only

MACS = {"224.0.0.18": "01:00:5e:00:00:12", "ff02::12": "33:33:00:00:00:12", "239.129.2.3": "01:00:5e:01:02:03"}
FOUR = Instance("four", 41, ("198.51.100.41/24",))
SIX = Instance("six", 42, ("fe80::5e:2a/64",))


def pinned(host):
    """{group: MAC} of those that are permanent."""
    found = json.loads(host.ip("-json", "neigh", "show", "dev", "eth0", "nud", "permanent").stdout or "[]")
    return {entry["dst"]: entry["lladdr"] for entry in found}


@pytest.fixture
def device(network, devices):
    return devices(VrrpAgent, network.host("ours"))


def expect(device, *groups):
    wait_for(lambda: pinned(device.host) == {group: MACS[group] for group in groups}, 10,
             lambda: f"{groups}: {pinned(device.host)}\n{device.log()[-1000:]}")


def test_pinned_while_needed(device):
    """By the routers of each family, of the group that is configured; the kernel drops them when it is switched off."""
    device.start(configuration([FOUR, SIX]))
    expect(device, "224.0.0.18", "ff02::12")
    device.host.ip("link", "set", "eth0", "down")
    device.host.ip("link", "set", "eth0", "up")
    expect(device, "224.0.0.18", "ff02::12")
    device.configure(configuration([FOUR], ("vrrp_mcast_group4 239.129.2.3",)))
    device.reload()
    expect(device, "239.129.2.3")
    device.stop()
    expect(device)


def test_undone_by_the_next_one(device):
    """What a program that was killed has left, and one that was replaced in place."""
    device.start(configuration([FOUR, SIX]))
    expect(device, "224.0.0.18", "ff02::12")
    device.kill()
    expect(device, "224.0.0.18", "ff02::12")
    device.start(configuration([FOUR, SIX], ("vrrp_keep_on_restart",)))
    wait_for(lambda: device.control("show", check=False).returncode == 0, 15, device.log)
    device.process.signal(signal.SIGUSR2)
    wait_for(lambda: "going on where the former program stopped" in device.log(), 20, device.log)
    wait_for(lambda: '"four"' in device.control("show", "--json", check=False).stdout, 20, device.log)
    device.stop()
    expect(device)


def test_not_for_unicast(device):
    device.start(configuration([FOUR, SIX.but(extra=("unicast_peer {\n fe80::99\n}",))]))
    expect(device, "224.0.0.18")


def test_an_administrators_stays(device):
    device.host.ip("neigh", "replace", "224.0.0.18", "lladdr", MACS["224.0.0.18"], "dev", "eth0", "nud", "permanent")
    device.start(configuration([FOUR, SIX]))
    expect(device, "224.0.0.18", "ff02::12")
    device.stop()
    expect(device, "224.0.0.18")


def test_with_a_virtual_mac_device(device):
    """Nothing is sent to the group through it: advertisements leave by its parent."""
    device.start(configuration([FOUR.but(extra=("use_vmac vrrp41",), interval=0.2)]))
    wait_for(lambda: device.host.has("198.51.100.41"), 10, device.log)
    expect(device, "224.0.0.18")
