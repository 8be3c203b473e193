# SPDX-License-Identifier: ISC
"""What is sent with a descriptor comes to a process that has none free: nothing is lost without a word.

Whoever stays without what it was sent begins anew, or is sent it again. Engine and applier never disagree.
"""

import contextlib
import itertools
import os
import resource
import signal

import pytest

from harness.config import Instance, configuration
from harness.hold import hold, is_held, thread_of
from harness.lifeline import sleeps
from harness.monitor import AddressMonitor
from harness.snmp import OPERATIONS, Manager, row
from harness.wait import observe, wait_for

pytestmark = pytest.mark.agent_only

INSTANCE = Instance("one", 88, ("198.51.100.1/24",), interval=0.1)
OTHER = "198.51.100.2"
ROLES = ("core", "agentx", "check")
LATE = 0.3
ENGINE_WAITS = 0.2  # less than a Backup does
CORE_WAITS = 0.7  # seconds; less than a loop may stand still


@pytest.fixture
def pair(snmp_pair):
    made = snmp_pair(INSTANCE)
    for role in ROLES:
        wait_for(lambda role=role: made.active.device.role(role), 10, f"the process of role {role}")
    wait_for(lambda: made.active.device.control("show", check=False).returncode == 0, 10, "an answer to vrrpctl")
    return made


@contextlib.contextmanager
def free(pid, count):
    """The process can open so many more, and no other."""
    used = {int(number) for number in os.listdir(f"/proc/{pid}/fd")}
    numbers = (number for number in itertools.count() if number not in used)
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (list(itertools.islice(numbers, count + 1))[-1], before[1]))
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_NOFILE, before)


def replaced(device, role, old):
    wait_for(lambda: device.role(role) not in (None, old), 30, lambda: f"another {role}\n{device.log()[-3000:]}")


def check_all_works(pair, priority):
    """Every process has the same configuration, and a channel to those it needs."""
    device = pair.active.device
    wait_for(lambda: device.control("set", INSTANCE.name, "priority", str(priority), check=False).returncode == 0,
             30, lambda: f"a change by core\n{device.log()[-3000:]}", poll=0.2)
    pair.capture.wait_advert(10, host="ours", vrid=INSTANCE.vrid, priority=priority)
    manager = Manager(device.host)
    oid = f"{OPERATIONS}.7.{row(device.host, INSTANCE.vrid)}"
    manager.wait_served(oid)
    wait_for(lambda: manager.set(oid, "u", str(priority + 1)) == "", 30, device.log, poll=0.2)
    pair.capture.wait_advert(10, host="ours", vrid=INSTANCE.vrid, priority=priority + 1)


def test_engine_and_applier_agree(pair):
    """However few are free: the addresses on the interface are those of the image that the engine accepted."""
    device, wanted = pair.active.device, itertools.cycle((OTHER, "198.51.100.1"))
    for count, _ in itertools.product((1, 2, 3), range(8)):
        address = next(wanted)
        device.configure(configuration([pair.active.instance.but(addresses=(f"{address}/24",))]))
        with free(device.pid, count):
            device.control("config", "reload")
        wait_for(lambda: device.host.held() & {OTHER, "198.51.100.1"} == {address}, 5, lambda:
                 f"{address} alone with {count} free: {device.host.held()}")
    check_all_works(pair, 160)


def test_applier_needs_none_of_its_own(pair, folder, ended, need):
    """The only one that is free is the engine's, for as long as it has not closed what core sent it."""
    need("strace")
    device = pair.active.device
    device.configure(configuration([pair.active.instance.but(addresses=(f"{OTHER}/24",))]))
    ended(hold(thread_of(device.pid, "engine"), "close", ENGINE_WAITS, folder))
    with free(device.pid, 1):
        device.control("config", "reload")
    wait_for(lambda: device.host.held() & {OTHER, "198.51.100.1"} == {OTHER}, 5, device.host.held)


@pytest.mark.parametrize("role", ROLES)
def test_child_begins_with_all_it_needs(pair, role):
    """However many are free in the program when another takes the place of one that died."""
    device, since = pair.active.device, pair.capture.last_time()
    for count in range(16):
        old = wait_for(lambda: device.role(role), 30, f"a {role}")
        tries = device.log().count("could not be started")
        with free(device.pid, count):
            os.kill(old, 9)
            wait_for(lambda: device.role(role) not in (None, old) or device.log().count("could not be started") > tries,
                     30, lambda: f"another {role}\n{device.log()[-3000:]}")
            observe(0.1, "an effect on VRRP", lambda: pair.adverts(pair.backup, since))
        replaced(device, role, old)
        check_all_works(pair, 160 + 2 * count)


@pytest.mark.parametrize("role", ["agentx", "check"])
def test_image_that_is_lost(pair, role):
    """A configuration comes to a process that can't take it: another begins with the whole."""
    device = pair.active.device
    old = device.role(role)
    device.configure(configuration([pair.active.instance.but(priority=151)]))
    with free(old, 0):
        device.control("config", "reload")
        replaced(device, role, old)
    assert "configuration image" in device.log()
    check_all_works(pair, 160)


@pytest.mark.parametrize("dies, poor", [("core", "agentx"), ("core", "check"), ("agentx", "core"), ("check", "core")])
def test_channel_that_is_lost(pair, dies, poor):
    """One is replaced and the other can't take the new channel to it: that one is replaced too.

    Core can, if it has closed the channel to the one that died before.
    """
    device = pair.active.device
    old, waiting = device.role(dies), device.role(poor)
    with free(waiting, 0):
        os.kill(old, 9)
        replaced(device, dies, old)
        if poor != "core":
            replaced(device, poor, waiting)
    check_all_works(pair, 160)


def test_accepted_text_that_is_lost(pair, folder, ended, need):
    """It is sent again until the supervisor has it: the next core begins with what is in force, not what was."""
    need("strace")
    device, core = pair.active.device, pair.active.device.role("core")
    Manager(device.host).wait_served(f"{OPERATIONS}.7.{row(device.host, INSTANCE.vrid)}")
    for pid in (core, device.role("check")):
        wait_for(lambda pid=pid: sleeps(pid), 10, "the end of all that is done at the start")
    device.configure(configuration([pair.active.instance.but(priority=151)]))
    # Of a reload, the first one is the image, and what is held is the text, which the engine's answer precedes.
    ended(hold(core, "memfd_create", CORE_WAITS, folder, when=2))
    device.reload()
    # Its tracer stops it at the first one too, for a moment.
    pair.capture.wait_advert(10, host="ours", vrid=INSTANCE.vrid, priority=151)
    wait_for(lambda: is_held(core), 10, "the engine's answer", poll=0.001)
    with free(device.pid, 0):
        wait_for(lambda: "no descriptor is free for the SOURCE" in device.log(), 10, lambda: device.log()[-3000:])
    wait_for(lambda: _text_of_source(device.pid) and "priority 151" in _text_of_source(device.pid), 10, "the text")
    assert device.role("core") == core
    # What somebody edits meanwhile has not been accepted.
    device.configure(configuration([pair.active.instance.but(priority=77)]))
    os.kill(core, 9)
    replaced(device, "core", core)
    wait_for(lambda: device.control("show", check=False).returncode == 0, 10, "an answer to vrrpctl")
    assert device.show()["routers"][0]["priority"] == 151


def test_replacement_in_place(capture, alone):
    """What is left takes twice its descriptors while it is passed: where there are too few, the old program goes on."""
    alone.start(configuration([INSTANCE], ("vrrp_keep_on_restart",)))
    capture.wait_advert(10, host="ours", vrid=INSTANCE.vrid)
    wait_for(lambda: alone.host.has("198.51.100.1"), 10, "the address")
    observe(1, "announcements that belong to the start")
    for count in (1, 4, 7, 10, 16, 24, 40, 200):
        def outcomes():
            return [alone.log().count(text) for text in ("the program is not replaced in place", "going on where the")]

        before, since = outcomes(), capture.last_time()
        wait_for(lambda: alone.role("core") and alone.control("show", check=False).returncode == 0, 10, alone.log)
        with AddressMonitor(alone.host) as monitor, free(alone.pid, count):
            alone.process.signal(signal.SIGUSR2)
            wait_for(lambda: outcomes() != before, 20, lambda: f"an outcome with {count} free\n{alone.log()[-3000:]}")
            capture.wait_advert(5, host="ours", vrid=INSTANCE.vrid, since=capture.last_time() + INSTANCE.interval)
            seen = capture.adverts("ours", INSTANCE.vrid, since=since)
            assert {each.priority for each in seen} == {INSTANCE.priority}
            assert max(b.time - a.time for a, b in zip(seen, seen[1:])) < 3 * INSTANCE.interval + LATE
            assert not [event for event in monitor.events if event[2] == "198.51.100.1"]
    assert alone.log().count("going on where the") == 1


def _text_of_source(pid):
    """What the supervisor keeps for the next core."""
    for number in os.listdir(f"/proc/{pid}/fd"):
        path = f"/proc/{pid}/fd/{number}"
        with contextlib.suppress(OSError):
            if "vrrp-source" in os.readlink(path):
                with open(path, encoding="utf-8", errors="replace") as stream:
                    return stream.read()
    return None
