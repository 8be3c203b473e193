# SPDX-License-Identifier: ISC
"""A process dies at each system call of a SET: what the manager was told, the store and the running state agree."""

import threading

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


@pytest.mark.parametrize("role, call, nth", [(role, *point) for role, points in POINTS.items() for point in points])
def test_death_at_a_call(network, devices, dut_kind, folder, ended, snmpd, role, call, nth):
    host = snmpd.host
    capture = network.capture()
    device = devices(dut_kind, host, agentx=snmpd.socket)
    device.start(configuration([INSTANCE]))
    capture.wait_advert(10, host="ours")
    manager, oid = Manager(host), f"{OPERATIONS}.7.{row(host, INSTANCE.vrid)}"
    manager.wait_served(oid)
    victim = device.role(role)
    tracer = ended(Process(["strace", "-p", str(victim), "-e", f"inject={call}:signal=KILL:when={nth}",
                            "-e", f"trace={call}", "-o", f"{folder}/trace"], f"{folder}/strace.log", host.namespace))
    wait_for(lambda: "attached" in tracer.log(), 10, lambda: f"strace at {role}: {tracer.log()}")
    answer = []
    asking = threading.Thread(target=lambda: answer.append(manager.set(oid, "u", str(NEW))))
    asking.start()
    asking.join(30)
    assert answer, "the manager got neither an answer nor a timeout"
    wait_for(lambda: device.role(role) and device.role(role) != victim or tracer.alive(), 15,
             lambda: f"another {role}: {victim}, {device.role(role)}, {tracer.log()}\n{device.log()[-1500:]}")
    tracer.kill()
    manager.wait_served(oid)

    def settled():
        """What is in force, in the MIB and on the wire, and what is stored are one."""
        values = {manager.get(oid)[0].number, stored(device), capture.adverts("ours", INSTANCE.vrid)[-1].priority}
        return values.pop() if len(values) == 1 else None

    value = wait_for(settled, 20, lambda: f"one priority; told: {answer}; log:\n{device.log()[-3000:]}")
    if answer == [""]:
        assert value == NEW, "acknowledged and lost"
    elif role == "core":
        assert value == OLD, f"the manager was told {answer}, but it is in force"
    device.kill()
    device.start()
    manager.wait_served(oid)
    assert manager.get(oid)[0].number == value
