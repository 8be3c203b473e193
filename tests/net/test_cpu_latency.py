# SPDX-License-Identifier: ISC
"""vrrp_cpu_latency: what is asked of the machine's processors, for how long, and by whom."""

import os
import random
import signal
import struct

import pytest

from harness.config import Instance, configuration
from harness.device import VrrpAgent
from harness.mounts import in_own_mounts
from harness.wait import observe, wait_for

DEVICE = "/dev/cpu_dma_latency"
OWNER = Instance("one", 33, ("198.51.100.33/24",), priority=255, interval=0.2)
WARNING = f"microseconds to wake: {DEVICE}: "

pytestmark = [pytest.mark.agent_only,
              pytest.mark.skipif(not os.path.exists(DEVICE), reason=f"there is no {DEVICE} here")]


class Apart(VrrpAgent):
    """Sees another file in the device's place."""

    place = None

    def command(self):
        return in_own_mounts(f"mount --bind {self.place} {DEVICE}", super().command())

    def written(self):
        """The values that the file was given, one behind the other."""
        with open(self.place, "rb") as stream:
            return [value for value, in struct.iter_unpack("i", stream.read())]

    def wait_written(self, *values):
        wait_for(lambda: self.written() == list(values), 10, lambda: f"{values}: {self.written()}\n{self.log()}")


@pytest.fixture
def device(network, devices, folder):
    """What it asks for goes into a file, and to nobody's processors."""
    made = devices(Apart, network.host("ours"))
    made.place = os.path.join(folder, "device")
    with open(made.place, "wb"):
        pass
    return made


def text(*lines):
    return configuration([OWNER], global_lines=lines)


def answers(device):
    """Once it does: its pid of core."""
    wait_for(lambda: device.control("show", check=False).returncode == 0, 10, lambda: device.log()[-2000:])
    return device.role("core")


def reload(device, *lines):
    """Until it is over; whether it was accepted."""
    device.configure(text(*lines))
    return device.control("config", "reload", check=False).returncode == 0


def holders(path):
    """The processes that have this file open."""
    wanted, found = os.stat(path), []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            opened = [os.stat(f"/proc/{pid}/fd/{number}") for number in os.listdir(f"/proc/{pid}/fd")]
        except OSError:
            continue
        found += [int(pid) for each in opened if os.path.samestat(each, wanted)]
    return found


def in_force():
    """What counts on this machine: the least that anybody asks for."""
    with open(DEVICE, "rb", buffering=0) as device:
        return struct.unpack("i", device.read(4))[0]


def test_follows_the_configuration(device):
    """Written once for each value, by one process, and withdrawn with the word."""
    device.start(text("vrrp_cpu_latency 1000"))
    core = answers(device)
    device.wait_written(1000)
    wait_for(lambda: holders(device.place) == [device.pid], 10, lambda: f"one holder, not {holders(device.place)}")

    assert reload(device, "vrrp_cpu_latency 1000", "vrrp_garp_interval 0.001")
    os.kill(core, signal.SIGKILL)
    wait_for(lambda: device.role("core") not in (None, core), 10, "another core")
    answers(device)
    assert not reload(device, "vrrp_cpu_latency 3000", "nonsense")
    observe(0.5, "a value that was there before, or was refused", lambda: device.written() != [1000])

    assert reload(device, "vrrp_cpu_latency 0")
    device.wait_written(1000, 0)
    assert reload(device)
    wait_for(lambda: not holders(device.place), 10, "its withdrawal")
    assert reload(device, "vrrp_cpu_latency 2000000000")
    wait_for(lambda: device.written()[0] == 2000000000, 10, "the word again, from the file's beginning")
    assert holders(device.place) == [device.pid]
    assert WARNING not in device.log()
    device.stop()
    assert not holders(device.place)


def test_not_written(device):
    """Without the word the device is let alone."""
    device.start(text())
    answers(device)
    observe(0.5, "an open device", lambda: holders(device.place))
    assert device.written() == [] and WARNING not in device.log()


def test_killed(device):
    """What was asked for does not outlive the program, however that ends."""
    device.start(text("vrrp_cpu_latency 1000"))
    answers(device)
    device.wait_written(1000)
    device.kill()
    assert not holders(device.place)


def test_replaced(device):
    """The next program asks anew, in the same process."""
    lines = ("vrrp_cpu_latency 1000", "vrrp_keep_on_restart")
    device.start(text(*lines))
    answers(device)
    device.wait_written(1000)
    with open(device.place, "wb"):
        pass
    device.process.signal(signal.SIGUSR2)
    wait_for(lambda: "going on where the former program stopped" in device.log(), 20, device.log)
    device.wait_written(1000)
    wait_for(lambda: holders(device.place) == [device.pid], 10, lambda: f"one holder, not {holders(device.place)}")


def test_of_the_machine(network, devices):
    """The kernel heeds it; by values that no processor is so slow as to notice."""
    device = devices(VrrpAgent, network.host("ours"))
    first = random.randrange(1_500_000_000, 1_900_000_000)
    second = first - random.randrange(1, 400_000_000)
    device.start(text(f"vrrp_cpu_latency {first}"))
    answers(device)
    # others may ask for less meanwhile
    wait_for(lambda: in_force() <= first, 10, device.log)
    assert reload(device, f"vrrp_cpu_latency {second}")
    wait_for(lambda: in_force() <= second, 10, device.log)
    assert device.pid in holders(DEVICE)
    device.stop()
    assert in_force() not in (first, second)


def test_device_that_is_closed_to_it(device):
    """Said once for each value; everything else goes on."""
    os.chmod(device.place, 0)
    device.start(text("vrrp_cpu_latency 10"))
    answers(device)
    wait_for(lambda: f"processors may take longer than 10 {WARNING}Permission denied" in device.log(), 10, device.log)
    wait_for(lambda: device.show()["routers"][0]["state"] == "active", 10, "the router")
    assert reload(device, "vrrp_cpu_latency 10", "vrrp_garp_interval 0.001")
    observe(0.5, "another warning", lambda: device.log().count(WARNING) != 1)
    os.chmod(device.place, 0o600)
    assert reload(device, "vrrp_cpu_latency 20")
    device.wait_written(20)
    os.chmod(device.place, 0)
    assert reload(device)
    assert reload(device, "vrrp_cpu_latency 10")
    wait_for(lambda: device.log().count(WARNING) == 2, 10, device.log)
    assert device.host.has("198.51.100.33")
