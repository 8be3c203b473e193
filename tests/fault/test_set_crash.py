# SPDX-License-Identifier: ISC
"""A process dies or stops at each system call of a SET: what the manager was told, the store and the running state
agree."""

import os
import signal
import threading
import time

import pytest

from harness.config import Instance, configuration
from harness.process import Process
from harness.snmp import OPERATIONS, Manager, Snmpd, row
from harness.wait import wait_for

pytestmark = pytest.mark.agent_only

INSTANCE = Instance("one", 86, ("198.51.100.86/24",), interval=0.2)
OLD, NEW = 100, 150
# Which call of which kind, counted from the moment before the SET, kills the process.
POINTS = {
    "core": [("recvmsg", n) for n in (1, 2, 3, 4)] + [("sendmsg", n) for n in (1, 2, 3)] + [("openat", 1)]
            + [("write", n) for n in (1, 2, 3)] + [("fsync", n) for n in (1, 2)] + [("linkat", 1)]
            + [("renameat", n) for n in (1, 2)],
    "agentx": [("recvmsg", n) for n in (1, 2, 3)] + [("sendmsg", n) for n in (1, 2, 3)],
}
# The same of snmpd: the manager's request, then TestSet, CommitSet and CleanupSet with their answers.
MASTER_POINTS = ([("recvmsg", 1)] + [("sendto", n) for n in (1, 2, 3)] + [("recvfrom", n) for n in (1, 2)]
                 + [("sendmsg", 1)])
STOP_POINTS = [("core", "recvmsg", 1), ("core", "fsync", 1), ("core", "renameat", 2), ("core", "sendmsg", 2),
               ("agentx", "sendmsg", 1), ("agentx", "sendmsg", 2), ("snmpd", "sendto", 1), ("snmpd", "sendto", 2),
               ("snmpd", "sendmsg", 1)]
HELD = 1.0  # seconds: what was prepared and not applied is dropped (agent/core/transaction.h)


@pytest.fixture
def snmpd(network, folder, ended, need):
    need("snmpd", "snmpset", "strace")
    return ended(Snmpd(network.host("ours"), folder)).start()


def stored(device):
    """The priority in the overlay file; the file's own if it says none."""
    try:
        with open(f"{device.state_dir}/overlay.conf", encoding="utf-8") as stream:
            text = stream.read()
    except FileNotFoundError:
        return OLD
    assert text.startswith("# vrrp-agent overlay") and text.endswith("# end of overlay\n"), text
    return next((int(line.split()[1]) for line in text.splitlines() if line.strip().startswith("priority")), OLD)


def begin(network, devices, dut_kind, snmpd):
    """(the capture, the agent, a manager, the priority's OID), once it is served."""
    capture = network.capture()
    device = devices(dut_kind, snmpd.host, agentx=snmpd.socket)
    device.start(configuration([INSTANCE]))
    capture.wait_advert(10, host="ours")
    manager, oid = Manager(snmpd.host), f"{OPERATIONS}.7.{row(snmpd.host, INSTANCE.vrid)}"
    manager.wait_served(oid)
    return capture, device, manager, oid


def attach(ended, folder, host, role, victim, call, nth, number):
    """Sends the signal at the nth such call from now on."""
    tracer = ended(Process(["strace", "-p", str(victim), "-e", f"inject={call}:signal={number}:when={nth}",
                            "-e", f"trace={call}", "-o", f"{folder}/trace"], f"{folder}/strace.log", host.namespace))
    wait_for(lambda: "attached" in tracer.log(), 10, lambda: f"strace at {role}: {tracer.log()}")
    return tracer


def state_of(pid):
    """The letter in /proc; None if it is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stream:
            return stream.read().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return None


def begin_asking(manager, oid):
    """A list that gets what the manager is told, "" if it is done, when it has given up asking again."""
    answer = []
    threading.Thread(target=lambda: answer.append(manager.set(oid, "u", str(NEW))), daemon=True).start()
    return answer


def ask(manager, oid):
    answer = begin_asking(manager, oid)
    wait_for(lambda: answer, 30, "an answer or a timeout of the manager", 0.01)
    return answer[0]


def agreed(device, capture, manager, oid, answer):
    """The one priority in the MIB, in the store and on the wire."""
    def settled():
        values = {manager.get(oid)[0].number, stored(device), capture.adverts("ours", INSTANCE.vrid)[-1].priority}
        return values.pop() if len(values) == 1 else None

    return wait_for(settled, 20, lambda: f"one priority; told: {answer}; log:\n{device.log()[-3000:]}")


def survives(device, manager, oid, value):
    device.kill()
    device.start()
    manager.wait_served(oid)
    assert manager.get(oid)[0].number == value


@pytest.mark.parametrize("role, call, nth", [(role, *point) for role, points in POINTS.items() for point in points])
def test_death_at_a_call(network, devices, dut_kind, folder, ended, snmpd, role, call, nth):
    capture, device, manager, oid = begin(network, devices, dut_kind, snmpd)
    victim = device.role(role)
    tracer = attach(ended, folder, snmpd.host, role, victim, call, nth, "KILL")
    answer = ask(manager, oid)
    wait_for(lambda: device.role(role) and device.role(role) != victim or tracer.alive(), 15,
             lambda: f"another {role}: {victim}, {device.role(role)}, {tracer.log()}\n{device.log()[-1500:]}")
    tracer.kill()
    manager.wait_served(oid)

    value = agreed(device, capture, manager, oid, answer)
    if answer == "":
        assert value == NEW, "acknowledged and lost"
    elif role == "core":
        assert value == OLD, f"the manager was told {answer}, but it is in force"
    survives(device, manager, oid, value)


@pytest.mark.parametrize("call, nth", MASTER_POINTS)
def test_death_of_snmpd(network, devices, dut_kind, folder, ended, snmpd, call, nth):
    """Somebody else may change the configuration soon after; the manager heard nothing, so either value is right."""
    capture, device, manager, oid = begin(network, devices, dut_kind, snmpd)
    attach(ended, folder, snmpd.host, "snmpd", snmpd.process.pid, call, nth, "KILL")
    answers = begin_asking(manager, oid)
    wait_for(lambda: not snmpd.process.alive(), 10, lambda: f"the death of snmpd at {call} {nth}; told: {answers}", 0.01)
    died = time.monotonic()
    wait_for(lambda: device.control("set", "one", "nopreempt", check=False).returncode == 0, 10,
             lambda: f"a change by somebody else: {device.log()[-2000:]}", 0.05)
    assert time.monotonic() - died < HELD + 2, "somebody who is gone held the configuration"
    wait_for(lambda: answers, 30, "the end of the manager, which may ask once more")
    answer = answers[0]
    snmpd.start()
    manager.wait_served(oid)
    value = agreed(device, capture, manager, oid, answer)
    assert value == NEW or answer != ""
    survives(device, manager, oid, value)
    assert manager.set(oid, "u", "160") == ""


@pytest.mark.parametrize("role, call, nth", STOP_POINTS)
def test_stopped_at_a_call(network, devices, dut_kind, folder, ended, snmpd, role, call, nth):
    """It goes on after the manager gave up, or was replaced by then."""
    capture, device, manager, oid = begin(network, devices, dut_kind, snmpd)
    victim = snmpd.process.pid if role == "snmpd" else device.role(role)
    tracer = attach(ended, folder, snmpd.host, role, victim, call, nth, "STOP")
    answer = ask(manager, oid)
    wait_for(lambda: state_of(victim) in ("T", "t", None), 10, f"{role} to stop at {call} {nth}; told: {answer}")
    tracer.kill()
    try:
        os.kill(victim, signal.SIGCONT)
    except ProcessLookupError:
        assert role != "snmpd"
    manager.wait_served(oid)
    value = agreed(device, capture, manager, oid, answer)
    assert value == NEW or answer != "", "acknowledged and lost"
    survives(device, manager, oid, value)
    assert manager.set(oid, "u", "160") == ""


@pytest.mark.parametrize("delay", (0, 3, 6, 9, 12, 15, 20, 25, 30, 40, 60))
def test_death_of_the_program(network, devices, dut_kind, folder, snmpd, delay):
    """SIGKILL of the engine's process, and so of all, some milliseconds after the manager has begun to ask."""
    capture, device, manager, oid = begin(network, devices, dut_kind, snmpd)
    killer = threading.Timer(delay / 1000, device.kill)
    killer.start()
    answer = ask(manager, oid)
    killer.join()
    assert state_of(device.pid) in (None, "Z")
    device.start()
    manager.wait_served(oid)
    value = agreed(device, capture, manager, oid, answer)
    assert value == NEW or answer != "", "acknowledged and lost"
    assert manager.set(oid, "u", "160") == ""
