# SPDX-License-Identifier: ISC
"""What a hole in the process that speaks with snmpd would be good for: nothing outside that process."""

import errno
import os
import signal
import socket
import struct
import sys
import time

import pytest

from harness.config import Instance, configuration
from harness.notify import NotifySocket
from harness.process import Process, children
from harness.remote import possible, remote
from harness.snmp import OPERATIONS, Manager, Snmpd, row
from harness.wait import observe, wait_for

# Nothing is confined while a sanitizer watches, whose reports need files and processes.
pytestmark = [pytest.mark.agent_only, pytest.mark.unsanitized]

INSTANCE = Instance("one", 83, ("198.51.100.1/24",), interval=0.2)
HERE = -100  # AT_FDCWD
WATCHDOG_USEC = 2_000_000
CALLS = {"open": 2, "socket": 41, "connect": 42, "kill": 62, "rename": 82, "mkdir": 83, "unlink": 87, "chmod": 90,
         "ptrace": 101, "sched_setparam": 142, "setrlimit": 160, "execve": 59, "openat": 257, "prlimit64": 302,
         "pidfd_open": 434}


@pytest.fixture
def served(network, devices, dut_kind, folder, ended):
    host = network.host("ours")
    snmpd = ended(Snmpd(host, folder)).start()
    device = devices(dut_kind, host, agentx=snmpd.socket)
    device.start(configuration([INSTANCE]))
    wait_served(device)
    return device, snmpd


def wait_served(device):
    Manager(device.host).wait_served(f"{OPERATIONS}.6.{row(device.host, INSTANCE.vrid)}", 30)


def status(pid, name):
    with open(f"/proc/{pid}/status", encoding="utf-8") as stream:
        return dict(line.rstrip("\n").split(":\t", 1) for line in stream if ":\t" in line)[name]


def confined(device):
    """The pid of agentx when it is."""
    def found():
        pid = device.role("agentx")
        return pid if pid and status(pid, "Seccomp") == "2" else None
    return wait_for(found, 10, "an agentx process with a filter of system calls")


def test_confined_before_it_hears_anything(network, devices, dut_kind, folder):
    """With nobody at the socket."""
    device = devices(dut_kind, network.host("ours"), agentx=os.path.join(folder, "nobody"))
    device.start(configuration([INSTANCE]))
    assert status(confined(device), "NoNewPrivs") == "1"


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_an_address_of_the_network(network, devices, dut_kind, folder, ended, name):
    """net-snmp connects to it, and resolves its name, when it is confined; and again."""
    host = network.host("ours")
    socket_path = os.path.join(folder, "snmpd", "x")
    snmpd = ended(Snmpd(host, folder, sink=f"agentXSocket unix:{socket_path},tcp:127.0.0.1:7050")).start()
    device = devices(dut_kind, host, agentx=f"tcp:{name}:7050")
    device.start(configuration([INSTANCE]))
    wait_served(device)
    first = confined(device)
    snmpd.kill()
    snmpd.start()
    wait_served(device)
    assert device.role("agentx") == first


@pytest.mark.skipif(not possible, reason="x86-64 only")
def test_what_it_is_refused(served, folder):
    """System calls made in its name, between two requests; then it goes on serving."""
    device, _ = served
    victim, new = os.path.join(folder, "victim"), os.path.join(folder, "new")
    journals = [os.path.join(device.run_dir, name) for name in os.listdir(device.run_dir)
                if os.path.isfile(os.path.join(device.run_dir, name))]
    assert journals
    with open(victim, "w", encoding="utf-8") as stream:
        stream.write("text")
    with remote(confined(device)) as hole:
        def call(name, *words):
            return hole.call(CALLS[name], *words)

        assert call("kill", device.pid, 0) == -errno.EPERM
        assert call("kill", device.pid, signal.SIGKILL) == -errno.EPERM
        assert call("kill", -1, 0) == -errno.EPERM
        assert call("ptrace", 0x4206, device.pid, 0, 0) == -errno.EPERM
        assert call("prlimit64", device.pid, 0, 0, 0) == -errno.EPERM
        assert call("pidfd_open", device.pid, 0) == -errno.ENOSYS
        assert call("sched_setparam", device.pid, 0) == -errno.EPERM
        assert call("socket", socket.AF_UNIX, socket.SOCK_STREAM, 0) == -errno.EPERM
        assert call("socket", socket.AF_INET, socket.SOCK_STREAM, 0) == -errno.EPERM
        assert call("execve", "/bin/true", 0, 0) == -errno.EPERM
        for path in (*journals, victim):
            assert call("open", path, os.O_WRONLY, 0) == -errno.EPERM, path
            assert call("openat", HERE, path, os.O_RDONLY, 0) == -errno.EPERM, path
            assert call("unlink", path) == -errno.EPERM, path
            assert call("chmod", path, 0o666) == -errno.EPERM, path
            assert call("rename", path, new) == -errno.EPERM, path
        assert call("openat", HERE, "/tmp/x", os.O_WRONLY | os.O_CREAT, 0o600) == -errno.EPERM
        assert call("mkdir", new, 0o700) == -errno.EPERM
    wait_served(device)


def shared(pid):
    """The places in the memory of a process that it shares with others and may write to."""
    with open(f"/proc/{pid}/maps", encoding="utf-8") as stream:
        lines = [line.split() for line in stream]
    return [tuple(int(end, 16) for end in line[0].split("-")) for line in lines if line[1] == "rw-s"]


def began(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as stream:
        return int(stream.read().rpartition(")")[2].split()[19])


def overwrite(pid, pair):
    """All of that, with the same two words again and again."""
    places = shared(pid)
    assert places
    with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
        for begin, end in places:
            memory.seek(begin)
            memory.write(struct.pack("QQ", *pair) * ((end - begin) // 16))


def test_it_can_not_have_others_killed(network, devices, dut_kind, folder, ended):
    """Check notes which scripts run, in memory, and its next life kills those that have not ended."""
    turns = os.path.join(folder, "turns")
    device = devices(dut_kind, network.host("ours"), agentx=os.path.join(folder, "nobody"))
    device.start(configuration(
        [INSTANCE.but(extra=("track_script {", "turn", "}"))], ("script_user root",),
        f'vrrp_script turn {{\n    script "/bin/sh -c \'echo >> {turns}\'"\n    interval 1\n}}\n'))

    def turn():
        """Until check has run the script twice more."""
        seen = os.path.getsize(turns) if os.path.exists(turns) else 0
        wait_for(lambda: os.path.exists(turns) and os.path.getsize(turns) >= seen + 2, 20, device.log)

    turn()
    victim = ended(Process(["sleep", "600"], os.path.join(folder, "victim")))
    overwrite(confined(device), (victim.pid, began(victim.pid)))
    check = device.role("check")
    os.kill(check, signal.SIGKILL)
    wait_for(lambda: device.role("check") not in (None, check), 10, "another check process")
    turn()
    assert victim.alive()
    assert device.control("show", check=False).returncode == 0


FLOOD = """
import ctypes, os, socket, sys
system = ctypes.CDLL(None)
channel = socket.socket(fileno=system.syscall(438, os.pidfd_open(int(sys.argv[1])), 3, 0))  # pidfd_getfd, INHERIT_SUPERVISOR
channel.setblocking(False)
print("floods", flush=True)
while True:
    try:
        channel.send(b"x")
    except BlockingIOError:
        pass
"""


def test_flood_of_messages(network, devices, dut_kind, folder, ended):
    """The supervisor goes on with all that it has to do, be it fed to systemd's watchdog."""
    notify = ended(NotifySocket(folder, WATCHDOG_USEC))
    device = devices(dut_kind, network.host("ours"), agentx=os.path.join(folder, "nobody"))
    device.environment.update(notify.environment)
    device.start(configuration([INSTANCE]))
    notify.wait("READY", "1")
    agentx = confined(device)
    floods = [ended(Process([sys.executable, "-c", FLOOD, agentx], os.path.join(folder, f"flood-{number}")))
              for number in range(3)]
    for flood in floods:
        wait_for(lambda flood=flood: "floods" in flood.log(), 10, flood.log)
    since = time.monotonic()
    observe(2 * WATCHDOG_USEC / 1e6, "the flood", lambda: device.role("agentx") != agentx)
    assert all(flood.alive() for flood in floods)
    fed = [since, *notify.times("WATCHDOG", "1", since), time.monotonic()]
    assert max(later - earlier for earlier, later in zip(fed, fed[1:])) < WATCHDOG_USEC / 1e6


def connector(device):
    """The pid of the process by which agentx connects."""
    pid = device.role("agentx")
    found = list(children(pid)) if pid else []
    return found[0] if len(found) == 1 else None


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
def test_connector_is_replaced(served, number):
    """When a connection is needed; agentx, which can't make another, begins anew."""
    device, snmpd = served
    old = wait_for(lambda: connector(device), 10, "the connecting process")
    os.kill(old, number)
    snmpd.kill()
    snmpd.start()
    wait_served(device)
    new = wait_for(lambda: connector(device), 10, "another connecting process")
    assert new != old
    wait_for(lambda: not os.path.exists(f"/proc/{old}"), 10, "the end of the old one")


def test_connector_ends_with_agentx(served):
    device, _ = served
    agentx, old = device.role("agentx"), wait_for(lambda: connector(device), 10, "the connecting process")
    os.kill(old, signal.SIGSTOP)
    os.kill(agentx, signal.SIGKILL)
    wait_for(lambda: not os.path.exists(f"/proc/{old}"), 10, "the end of the connecting process")
    wait_for(lambda: connector(device) not in (None, old), 10, "another")
    wait_served(device)
