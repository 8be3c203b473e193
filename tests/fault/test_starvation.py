# SPDX-License-Identifier: ISC
"""A child process that gets no processor is not taken for one that hangs; one that loops or is stopped is."""

import os
import platform
import re
import signal
import socket

import pytest

from harness.config import Instance, configuration
from harness.device import AgentWithUnit
from harness.lifeline import break_promise
from harness.mounts import in_own_mounts
from harness.process import Process
from harness.wait import observe, wait_for

pytestmark = pytest.mark.agent_only

ONE = Instance("one", 87, ("198.51.100.1/24",), interval=0.2)
KERNEL = tuple(map(int, re.match(r"(\d+)\.(\d+)", platform.release()).groups()))
# A loop of one instruction.
LOOP = {"x86_64": b"\xeb\xfe", "aarch64": b"\x00\x00\x00\x14"}


def weigh_session(pid, nice):
    """How much its session counts among the others, where the kernel shares processors out by sessions."""
    if os.path.exists(f"/proc/{pid}/autogroup"):
        with open(f"/proc/{pid}/autogroup", "w", encoding="ascii") as stream:
            stream.write(str(nice))


class Famine:
    """Processes that get what others leave of one processor, which is nothing for many seconds.

    The share of a session is at least 15 in 88761 to each of theirs: to one alone that would leave 170 us of every
    second, of which a child that only shows that it lives does well.
    """

    OTHERS = 16

    def __init__(self, folder):
        self._processor = max(os.sched_getaffinity(0))
        self._others = [Process(["sh", "-c", "while :; do :; done"], os.path.join(str(folder), f"loop-{number}"))
                        for number in range(self.OTHERS)]
        for other in self._others:
            os.sched_setaffinity(other.pid, {self._processor})
            os.setpriority(os.PRIO_PROCESS, other.pid, -20)
            weigh_session(other.pid, -20)

    def starve(self, pid):
        weigh_session(pid, 19)
        os.sched_setaffinity(pid, {self._processor})
        os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))

    @staticmethod
    def relieve(pid):
        os.sched_setscheduler(pid, os.SCHED_OTHER, os.sched_param(0))
        os.sched_setaffinity(pid, os.sched_getaffinity(0))

    def kill(self):
        for other in self._others:
            other.kill()


class Busy:
    """No processor is idle; who wants one gets it all the same."""

    def __init__(self, folder):
        self._loops = []
        for processor in os.sched_getaffinity(0):
            loop = Process(["sh", "-c", "while :; do :; done"], os.path.join(str(folder), f"busy-{processor}"))
            self._loops.append(loop)
            os.sched_setaffinity(loop.pid, {processor})
            os.setpriority(os.PRIO_PROCESS, loop.pid, 19)
            weigh_session(loop.pid, 19)

    def kill(self):
        for loop in self._loops:
            loop.kill()


@pytest.fixture
def device(network, devices, dut_kind):
    made = devices(dut_kind, network.host("ours"))
    made.start(configuration([ONE]))
    wait_for(lambda: made.control("show", check=False).returncode == 0, 20, made.log)
    wait_for(lambda: made.role("check"), 10, made.log)
    return made


class Sandboxed(AgentWithUnit):
    """As systemd runs it (ProtectProc=): the processes of other units do not show under /proc."""

    def command(self):
        return in_own_mounts("mount -t proc -o hidepid=invisible proc /proc", super().command())


@pytest.mark.timing  # it takes a processor from whoever else runs
# Before that a process that mostly sleeps was served at once, whatever others wanted.
@pytest.mark.skipif(KERNEL < (6, 6), reason="this kernel starves nobody")
def test_starved_children_are_waited_for(network, devices, folder, ended):
    """And go on when the famine is over. One that is stopped meanwhile is replaced as ever."""
    device = devices(Sandboxed, network.host("ours"))
    unit = ended(device.unit())
    device.start(configuration([ONE]))
    wait_for(lambda: "active" in device.log(), 20, device.log)
    core = device.role("core")
    famine = ended(Famine(folder))
    for pid in (core, unit.pid):
        famine.starve(pid)
    client = ended(socket.socket(socket.AF_UNIX))
    client.connect(f"{device.run_dir}/control.sock")  # something to do
    break_promise(core)

    def replaced():
        return device.role("core") != core or device.role("check")

    for role in ("core", "check"):
        wait_for(lambda name=role: f"{name} gets too little processor time" in device.log() or replaced(), 60,
                 device.log)
    observe(2, "another process in the place of one that starves", replaced)
    unit.signal(signal.SIGSTOP)
    famine.relieve(unit.pid)  # who starves does not even stop
    wait_for(lambda: device.role("check"), 10, device.log)
    famine.kill()
    wait_for(lambda: device.control("show", check=False).returncode == 0, 10, device.log)
    observe(1.5, "another core in the place of one that has starved", lambda: device.role("core") != core)
    assert device.log().count("no sign of life") == 1, device.log()


def role_of(pid):
    with open(f"/proc/{pid}/cmdline", encoding="utf-8") as stream:
        return next((word for word in stream.read().split("\0") if word.startswith("--role=")), None)


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < os.cpu_count(), reason="others have processors of their own")
def test_unit_that_begins_late(network, devices, folder, ended):
    """Nothing is known of it but that no processor is to spare: it is waited for. It stands still, as if it starved."""
    device = devices(AgentWithUnit, network.host("ours"))
    unit = ended(device.unit())
    busy = ended(Busy(folder))
    unit.signal(signal.SIGSTOP)
    device.start(configuration([ONE]))
    wait_for(lambda: "check gets too little processor time" in device.log() or device.role("check"), 30, device.log)
    observe(2, "another check process in its place", lambda: device.role("check"))
    unit.signal(signal.SIGCONT)
    busy.kill()
    wait_for(lambda: role_of(unit.pid) == "--role=check", 20, unit.log)
    observe(3, "another check process in its place", lambda: device.role("check"))
    assert unit.alive() and "no sign of life" not in device.log(), device.log()


def test_unit_that_never_begins(network, devices, ended):
    """Where there are processors to spare it is not waited for, and for half a minute where not."""
    device = devices(AgentWithUnit, network.host("ours"))
    unit = ended(device.unit())
    unit.signal(signal.SIGSTOP)
    device.start(configuration([ONE]))
    wait_for(lambda: device.role("check"), 60, device.log)
    assert "check gives no sign of life and is replaced" in device.log()


def loop_for_ever(pid):
    """Where it goes on from its system call it turns in a circle: the code is overwritten, in this process alone."""
    os.kill(pid, signal.SIGSTOP)
    try:
        def place():
            with open(f"/proc/{pid}/syscall", encoding="ascii") as stream:
                return stream.read().split()

        words = wait_for(lambda: len(found := place()) > 2 and found, 5, "it stands in a system call")
        with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
            memory.seek(int(words[-1], 16))
            memory.write(LOOP[platform.machine()])
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.skipif(platform.machine() not in LOOP, reason="no loop for this processor")
def test_endless_loop_is_replaced(device):
    """It wants a processor too, and gets it."""
    old = device.role("check")
    loop_for_ever(old)
    break_promise(old)
    wait_for(lambda: device.role("check") not in (None, old), 60, device.log)
    assert "check gives no sign of life and is replaced" in device.log()
