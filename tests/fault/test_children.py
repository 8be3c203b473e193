# SPDX-License-Identifier: ISC
"""SIGKILL and SIGSTOP of the core, agentx and check processes: each is replaced, no advertisement is missed."""

import os
import signal
import time

import pytest

from harness.config import Instance, configuration
from harness.rhythm import Quiet, assert_rhythm
from harness.snmp import OPERATIONS, Manager, row
from harness.stalls import Stalls
from harness.wait import observe, wait_for

pytestmark = pytest.mark.agent_only

ROLES = ("core", "agentx", "check")
ROUNDS = int(os.environ.get("FAULT_ROUNDS", "5"))
INTERVAL = 0.1
INSTANCE = Instance("one", 81, ("198.51.100.1/24",), interval=INTERVAL)
# A child that was killed is back within this time; one that was stopped must first miss its heartbeat.
BACK = {signal.SIGKILL: 2.0, signal.SIGSTOP: 10.0}
BACK_IN_TIME = 2.0
LATE = {"ordinary": 0.150, "timing": 0.010}


@pytest.fixture
def pair(snmp_pair):
    made = snmp_pair(INSTANCE)
    for role in ROLES:
        wait_for(lambda: made.active.device.role(role), 10, f"the process of role {role}")
    return made


def _hurt(device, role, number):
    """Signals the role's process and waits for another in its place; that one must answer in its turn."""
    old = wait_for(lambda: device.role(role), 10, f"the process of role {role}")
    os.kill(old, number)
    wait_for(lambda: device.role(role) not in (None, old), BACK[number], f"another {role} process for {old}")


def _run(pair, role, number, late, stalls=Quiet):
    device = pair.active.device
    since = pair.capture.last_time()
    for _ in range(ROUNDS):
        _hurt(device, role, number)
        observe(3 * INTERVAL, "a transition that the loss of a process might cause",
                lambda: pair.adverts(pair.backup, since))
    assert_rhythm(pair.adverts(pair.active, since), INTERVAL, late, pair.capture.last_time(), stalls)
    assert pair.active.holds_addresses()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("number", sorted(BACK), ids=lambda number: signal.Signals(number).name)
def test_role_is_replaced(pair, role, number):
    _run(pair, role, number, LATE["ordinary"])


@pytest.mark.timing
def test_role_is_replaced_in_time(pair, folder, ended):
    stalls = ended(Stalls(folder))
    for role in ROLES:
        _run(pair, role, signal.SIGKILL, LATE["timing"], stalls)


@pytest.mark.timing
def test_stopped_role_is_back_in_two_seconds(pair):
    """A second for the sign of life that it has promised, and one to begin. Where the machine was late, once more."""
    for role in ROLES:
        took = []
        while len(took) < 3 and min(took, default=BACK_IN_TIME) >= BACK_IN_TIME:
            began = time.monotonic()
            _hurt(pair.active.device, role, signal.SIGSTOP)
            took.append(time.monotonic() - began)
        assert min(took) < BACK_IN_TIME, f"{role}: back after {took} s"


def test_everything_works_after_all_were_killed(pair):
    """Not only the process is back: the control socket answers, the MIB is served, a reload is done."""
    device = pair.active.device
    for role in ROLES:
        _hurt(device, role, signal.SIGKILL)
    wait_for(lambda: device.control("show", "--json", check=False).returncode == 0, 5, "an answer to vrrpctl")
    Manager(device.host).wait_served(f"{OPERATIONS}.6.{row(device.host, INSTANCE.vrid)}")
    changed = INSTANCE.but(priority=160)
    since = pair.capture.last_time()
    device.configure(configuration([changed]))
    device.reload()
    pair.capture.wait_advert(5, host="ours", vrid=INSTANCE.vrid, priority=160, since=since)
    assert not pair.adverts(pair.backup, since)
