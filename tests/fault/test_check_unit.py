# SPDX-License-Identifier: ISC
"""The check process where the service manager starts it: systemd-socket-activate stands for systemd."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from harness.config import Instance, configuration
from harness.device import AgentWithUnit
from harness.wait import observe, wait_for

pytestmark = pytest.mark.agent_only

ONE = Instance("one", 98, ("198.51.100.1/24",), interval=0.2)


def read(path):
    with open(path, encoding="utf-8") as stream:
        return stream.read()


def write(path, text):
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(text)


@pytest.fixture
def device(network, devices):
    return devices(AgentWithUnit, network.host("ours"))


def test_unit_runs_scripts_and_may_die(network, device, ended, folder):
    """No advertisement is missed by it; when nobody starts another, the agent does."""
    os.chmod(folder, 0o755)
    told = os.path.join(folder, "told")
    unit = ended(device.unit())
    capture = network.capture()
    script = os.path.join(folder, "script.sh")
    write(script, f"#!/bin/sh\necho $PPID $3 >>{told}\n")
    os.chmod(script, 0o755)
    write(told, "")
    os.chmod(told, 0o666)
    device.start(configuration([ONE.but(extra=(f"notify {script}",))], ("script_user nobody",)))
    wait_for(lambda: "MASTER" in read(told), 20, lambda: device.log() + unit.log())
    assert {line.split()[0] for line in read(told).splitlines()} == {str(unit.pid)}
    assert device.role("check") is None
    since = capture.last_time()
    unit.kill()
    wait_for(lambda: device.role("check"), 20, device.log)
    capture.wait_past(capture.last_time() + 3 * ONE.interval)
    seen = [each.time for each in capture.adverts("ours", ONE.vrid, since=since)]
    assert max(later - earlier for earlier, later in zip(seen, seen[1:])) < 3 * ONE.interval
    assert device.process.alive()


def test_unit_that_stands_still(device, ended):
    unit = ended(device.unit())
    device.start(configuration([ONE]))
    wait_for(lambda: "active" in device.log(), 20, device.log)
    unit.signal(signal.SIGSTOP)
    assert unit.wait_exit(20) == -signal.SIGKILL
    wait_for(lambda: device.role("check"), 20, device.log)


def test_unit_ends_with_its_agent(device, ended):
    unit = ended(device.unit())
    device.start(configuration([ONE]))
    wait_for(lambda: "active" in device.log(), 20, device.log)
    device.kill()
    unit.wait_exit(10)


def connect(path):
    """As soon as somebody listens there."""
    end = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    wait_for(lambda: end.connect_ex(path) == 0, 20, f"a listener at {path}")
    return end


def test_unit_enters_the_namespace_of_the_agent(network, device, ended, folder):
    """Which is not its own where the agent entered one (net_namespace, NetworkNamespacePath=)."""
    os.chmod(folder, 0o777)
    told = os.path.join(folder, "told")
    unit = ended(device.unit(network.host("elsewhere").namespace))
    script = os.path.join(folder, "script.sh")
    write(script, f"#!/bin/sh\necho $PPID $(readlink /proc/self/ns/net) >>{told}\n")
    os.chmod(script, 0o755)
    device.start(configuration([ONE.but(extra=(f"notify {script}",))], ("script_user nobody",)))
    wait_for(lambda: os.path.exists(told) and read(told), 20, lambda: device.log() + unit.log())
    inode = os.stat(f"/run/netns/{device.host.namespace}").st_ino
    assert set(read(told).splitlines()) == {f"{unit.pid} net:[{inode}]"}


@pytest.mark.parametrize("octets", [b"", b"x", b"\0" * 4096])
def test_nonsense_is_refused(device, ended, octets):
    unit = ended(device.unit())
    with connect(device.socket) as end:
        read, write = os.pipe()
        socket.send_fds(end, [octets], [read, write] * 20)
        assert unit.wait_exit(20) == 1, unit.log()
        os.close(read)
        os.close(write)
    assert "no agent's check process" in unit.log()


def test_another_user_is_refused(device, ended, folder):
    """Even where the modes let one through."""
    os.chmod(folder, 0o755)
    os.chmod(device.folder, 0o755)
    unit = ended(device.unit())
    os.chmod(device.socket, 0o666)
    subprocess.run([sys.executable, "-c", "import socket, sys; end = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); "
                    "end.connect(sys.argv[1]); end.send(b'x' * 64)", device.socket], user="nobody", check=True)
    assert unit.wait_exit(20) == 1
    assert "Operation not permitted" in unit.log()


def test_nothing_listens(device):
    """A unit that is not installed, or masked."""
    device.start(configuration([ONE]))
    wait_for(lambda: device.role("check"), 20, device.log)
    assert "nothing listens at" in device.log()
    observe(0.5, "an end of it", lambda: not device.role("check"))
