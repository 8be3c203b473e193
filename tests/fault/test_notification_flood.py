# SPDX-License-Identifier: ISC
"""Five thousand transitions while snmpd is stopped and nobody listens to it: nothing waits for it, nothing grows
beyond its cap, and what was not told yet is known and told when snmpd goes on."""

import pytest

from harness.config import Instance, configuration
from harness.process import children
from harness.snmp import OPERATIONS, Manager, Snmpd, row
from harness.wait import wait_for

# Timing: with the plain build. A sanitizer keeps what is freed, and memory is what this is about.
pytestmark = [pytest.mark.agent_only, pytest.mark.timing]

INTERVAL = 0.1
ROUTERS = [Instance(f"i{vrid}", vrid, (f"198.51.100.{vrid}/32",), interval=INTERVAL) for vrid in range(1, 251)]
GLOBAL = ("enable_snmp_rfcv3", "enable_snmp_vrrp", "enable_traps")
TRANSITIONS = 5000
CAP = 8 << 10  # KiB that a process may grow by


def resident(device):
    """{process: KiB in memory}."""
    found = {}
    for pid, title in [(device.pid, "vrrp-agent"), *children(device.pid).items()]:
        with open(f"/proc/{pid}/status", encoding="utf-8") as stream:
            found[title.split(" -")[0]] = next(int(line.split()[1]) for line in stream if line.startswith("VmRSS"))
    return found



def wait_all_active(device):
    wait_for(lambda: device.show()["states"]["active"] == len(ROUTERS), 20, "all routers as Active", poll=0.1)


def test_5000_transitions(network, devices, dut_kind, folder, ended, need):
    need("snmpd")
    host = network.host("ours")
    snmpd = ended(Snmpd(host, folder)).start()
    device = devices(dut_kind, host, agentx=snmpd.socket)
    device.start(configuration(ROUTERS, GLOBAL))
    wait_for(lambda: device.control("show", "--json", check=False).returncode == 0, 10, "an answer to vrrpctl")
    wait_all_active(device)
    Manager(host).wait_served(f"{OPERATIONS}.6.{row(host, 1)}")
    wait_for(lambda: device.show()["notifications"]["events_waiting"] == 0, 20, "the start's notifications as sent")
    before, told = resident(device), device.show()["notifications"]
    snmpd.pause()
    pids = {role: device.role(role) for role in ("core", "agentx", "check")}
    rounds = 0
    while device.show()["notifications"]["events_waiting"] < TRANSITIONS:
        host.ip("link", "set", "eth0", "down")
        wait_for(lambda: device.show()["states"]["fault"] == len(ROUTERS), 10, "all routers in Fault")
        host.ip("link", "set", "eth0", "up")
        wait_all_active(device)
        rounds += 1
        assert rounds <= TRANSITIONS / len(ROUTERS), "events do not stay where they are"
    waiting = device.show()["notifications"]
    assert waiting["events_lost"] == told["events_lost"] == 0
    snmpd.resume()
    wait_for(lambda: device.show()["notifications"]["events_waiting"] == 0, 60, "everything to be told")
    after, now = resident(device), device.show()["notifications"]
    assert now["sent"] - told["sent"] >= TRANSITIONS and now["refused"] == now["events_lost"] == 0
    assert {title: after[title] - before[title] for title in before if after[title] - before[title] > CAP} == {}
    assert {role: device.role(role) for role in pids} == pids, "nobody was replaced over it"
