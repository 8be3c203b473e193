# SPDX-License-Identifier: ISC
"""On hosts that permit or have less: root of a user namespace of its own (LXC's unprivileged containers, rootless
podman), settings that can't be changed, a kernel without IPv6, one that is too old."""

import fcntl
import os
import time

import pytest

from harness.config import Instance, configuration
from harness.device import Keepalived, VrrpAgent
from harness.mounts import in_own_mounts
from harness.notify import NotifySocket
from harness.process import run
from harness.wait import wait_for

pytestmark = pytest.mark.agent_only

ADDRESS = "192.0.2.100"
OURS = Instance("gateway", 51, (f"{ADDRESS}/24",), priority=150)
UNABLE = 3  # exit status: another start would be no better, and systemd doesn't try one
WITHOUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness", "without.py")


class Contained(VrrpAgent):
    """Root within a user and a network namespace of their own; its eth0 is given to it from outside."""

    def command(self):
        wait = "until ip link set eth0 up 2>/dev/null; do sleep 0.05; done; ip addr add 192.0.2.77/24 dev eth0; "
        return ["unshare", "--user", "--map-root-user", "--net", "sh", "-c", wait + 'exec "$@"', "sh",
                *super().command()]

    def plug(self, network):
        """Once the namespace is there."""
        outside = os.readlink("/proc/self/ns/user")
        wait_for(lambda: os.readlink(f"/proc/{self.pid}/ns/user") != outside
                 and os.readlink(f"/proc/{self.pid}/ns/net") != os.readlink(f"/proc/{os.getpid()}/ns/net"), 10,
                 "the container")
        network.switch_run("ip", "link", "add", "container", "master", "br0", "up", "type", "veth",
                           "peer", "name", "eth0", "netns", str(self.pid))

    def held(self):
        return run(["nsenter", f"--net=/proc/{self.pid}/ns/net", "ip", "-br", "address", "show", "eth0"]).stdout


def test_root_of_a_container(network, devices):
    """It takes over, gives back, and is told what it may not have; by keepalived on another host."""
    peer = devices(Keepalived, network.host("peer")).start(configuration([OURS.but(priority=50)]))
    wait_for(lambda: ADDRESS in peer.host.held(), 20, peer.log)
    device = devices(Contained, network.host("ours")).start(configuration([OURS]))
    device.plug(network)
    wait_for(lambda: f"{ADDRESS}/" in device.held() and ADDRESS not in peer.host.held(), 20, device.log)
    with open("/proc/sys/net/core/rmem_max", encoding="ascii") as stream:
        most = int(stream.read())
    if most < 8 << 20:
        assert f"advertisements wait for the engine in {most // 1024} KiB, not in 8192" in device.log()
    device.stop()
    wait_for(lambda: ADDRESS in peer.host.held(), 10, peer.log)


class WithoutSettings(VrrpAgent):
    """The kernel's settings can only be read, as Docker has it."""

    def command(self):
        bind = "mount --bind /proc/sys /proc/sys\nmount -o remount,ro,bind /proc/sys"
        return in_own_mounts(bind, super().command())


def test_settings_that_are_read_only(network, devices):
    """A router with a virtual MAC is at fault and says what it needs; one without is in service."""
    device = devices(WithoutSettings, network.host("ours"))
    virtual = OURS.but(name="virtual", vrid=52, addresses=("192.0.2.101/24",), extra=("use_vmac",))
    device.start(configuration([OURS, virtual]))
    wait_for(lambda: ADDRESS in device.host.held(), 20, device.log)
    wait_for(lambda: "virtual: addresses could not be set: a virtual MAC needs settings under /proc/sys/net, which is "
                     "mounted read-only" in device.log(), 20, device.log)
    assert "192.0.2.101" not in device.host.held()


class WithoutIpv6(VrrpAgent):
    what = "ipv6"

    def command(self):
        return ["/usr/bin/python3", WITHOUT, self.what, *super().command()]


def test_a_kernel_without_ipv6(network, devices):
    """IPv4 is served, and told is what is not."""
    device = devices(WithoutIpv6, network.host("ours")).start(configuration([OURS]))
    wait_for(lambda: ADDRESS in device.host.held(), 20, device.log)
    assert "the kernel has no IPv6: no virtual router of IPv6 can be in service" in device.log()


class BeforeLinux511(WithoutIpv6):
    what = "epoll_pwait2"


def test_a_kernel_that_is_too_old(network, devices):
    """It says which one is needed, and ends."""
    device = devices(BeforeLinux511, network.host("ours")).start(configuration([OURS]))
    assert device.process.wait_exit(20) == UNABLE
    assert "can't start: Function not implemented; Linux 5.11 or later is needed" in device.log()


class WithoutRawSockets(VrrpAgent):
    def command(self):
        return ["setpriv", "--bounding-set=-net_raw", *super().command()]


def ended(device, environment):
    """Started: its exit status, and the seconds that it took."""
    device.environment = {**device.environment, **environment}
    since = time.monotonic()
    device.start(configuration([OURS]))
    return device.process.wait_exit(20), time.monotonic() - since


def test_what_another_start_does_not_mend(network, devices, folder, need):
    """It ends with a status of its own, under systemd as well."""
    need("setpriv")
    device = devices(WithoutRawSockets, network.host("ours"))
    assert ended(device, NotifySocket(folder).environment)[0] == UNABLE
    assert "can't start: Operation not permitted; start it as root, or with CAP_NET_ADMIN and CAP_NET_RAW" in device.log()


def test_what_another_start_may_mend(network, devices, folder):
    """A run directory that is somebody's: under systemd, which starts it again at once, it ends a second later."""
    device = devices(VrrpAgent, network.host("ours"))
    os.makedirs(device.run_dir)
    with open(f"{device.run_dir}/lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert ended(device, {})[0] == 1
        status, seconds = ended(device, NotifySocket(folder).environment)
    assert "another vrrp-agent runs with the run directory" in device.log()
    assert status == 1 and seconds >= 1, (status, seconds)
