# SPDX-License-Identifier: ISC
"""The supervisor in bad moments: core ends in the middle of a reload or of the first start; it is held up itself."""

import os
import signal
import time

import pytest

from harness.config import Instance, configuration
from harness.lifeline import break_for_ever, break_promise, sleeps
from harness.notify import NotifySocket
from harness.wait import observe, wait_for

pytestmark = pytest.mark.agent_only

ONE = Instance("one", 85, ("198.51.100.1/24",), interval=0.2)
TWO = Instance("two", 86, ("198.51.100.2/24",), interval=0.2)
HELD_UP = 0.2  # less than the second that it is given
OWNER = ONE.but(priority=255)


@pytest.fixture
def notify(folder, ended):
    return ended(NotifySocket(folder))


@pytest.fixture
def device(network, devices, dut_kind, notify):
    made = devices(dut_kind, network.host("ours"))
    made.environment.update(notify.environment)
    return made


def test_reload_is_done_by_the_next_core(network, device, notify):
    """Whoever waits for the end of a reload that core took with it would wait for ever."""
    capture = network.capture()
    device.start(configuration([ONE]))
    notify.wait("READY", "1")
    core = device.role("core")
    os.kill(core, signal.SIGSTOP)
    asked = time.monotonic()
    device.configure(configuration([ONE, TWO]))
    device.reload()
    reloading = notify.wait("RELOADING", "1", since=asked)
    os.kill(core, signal.SIGKILL)
    notify.wait("READY", "1", since=reloading)
    capture.wait_advert(10, host="ours", vrid=TWO.vrid)
    assert device.role("core") not in (None, core)


def kill_while_reading(device, former, octets):
    """The core that is reading a file of that size.  Returns its pid."""
    def reads():
        core = device.role("core")
        try:
            with open(f"/proc/{core}/statm", encoding="ascii") as stream:
                resident = int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except FileNotFoundError:
            return None
        return core if core != former and resident > octets else None

    core = wait_for(reads, 20, lambda: f"a core that reads; {device.log()[-2000:]}")
    os.kill(core, signal.SIGKILL)
    return core


def test_core_that_dies_twice_of_a_file(network, device, notify):
    """It is not tried a third time: what was accepted stays in force, and a good file comes into force later."""
    capture = network.capture()
    device.start(configuration([ONE]))
    notify.wait("READY", "1")
    capture.wait_advert(10, host="ours", vrid=ONE.vrid)
    long = "#\n" * (40 << 20)
    device.configure(long + configuration([ONE, TWO]))
    asked = time.monotonic()
    device.reload()
    killed = kill_while_reading(device, None, len(long))
    killed = kill_while_reading(device, killed, len(long))
    wait_for(lambda: "core ended twice while it reloaded" in device.log(), 10, device.log)
    notify.wait("READY", "1", since=asked)
    wait_for(lambda: device.role("core") not in (None, killed), 10, "the third core")
    wait_for(lambda: device.control("show", check=False).returncode == 0, 10, "its answers")
    capture.wait_advert(5, host="ours", vrid=ONE.vrid, since=capture.last_time())
    assert not capture.adverts("ours", TWO.vrid) and "reloaded:" not in device.log()
    assert not [seen for seen in capture.adverts("ours", ONE.vrid) if seen.priority == 0]
    device.configure(configuration([ONE, TWO]))
    device.reload()
    capture.wait_advert(10, host="ours", vrid=TWO.vrid)


def test_start_that_fails_late_leaves_no_address(network, device):
    """The owner is Active at once; then the control socket can't be made, and core gives up. Now and then that comes
    before the engine had its turn."""
    capture = network.capture()
    os.makedirs(os.path.join(device.run_dir, "control.sock", "in the way"))

    def was_active():
        device.start(configuration([OWNER]))
        wait_for(lambda: not device.process.alive(), 10, "the end of the program")
        assert device.process.returncode != 0
        assert "control socket" in device.log()
        assert not device.host.has("198.51.100.1")
        return capture.adverts("ours", OWNER.vrid)

    wait_for(was_active, 30, "a router that was Active meanwhile")
    capture.wait_advert(5, host="ours", vrid=OWNER.vrid, priority=0)
    adverts = capture.adverts("ours", OWNER.vrid)
    assert adverts[0].priority == 255
    assert adverts[-1].priority == 0


def test_stop_does_not_wait_for_who_stands_still(network, device, notify):
    """Check has a minute for its scripts if it turns; nobody else has, and nobody who does not."""
    capture = network.capture()
    device.start(configuration([ONE]))
    notify.wait("READY", "1")
    capture.wait_advert(10, host="ours", vrid=ONE.vrid)
    for role in ("core", "check"):
        os.kill(wait_for(lambda role=role: device.role(role), 5, role), signal.SIGSTOP)
    device.process.signal(signal.SIGTERM)
    assert device.process.wait_exit(20) == 0
    assert capture.adverts("ours", ONE.vrid)[-1].priority == 0
    assert device.log().count("does not end and is killed") == 2


def test_supervisor_that_was_stopped_keeps_its_children(device, notify):
    """So were they, until all they had promised was over, and they go on after it."""
    device.start(configuration([ONE]))
    notify.wait("READY", "1")
    roles = {role: wait_for(lambda role=role: device.role(role), 5, role) for role in ("core", "check")}
    pids = (device.pid, *roles.values())
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    for pid in roles.values():
        break_promise(pid)
    for pid in pids:
        os.kill(pid, signal.SIGCONT)
        observe(HELD_UP, "the supervisor's look at who is still stopped")
    observe(2, "another child in the place of one that goes on",
            lambda: [role for role, pid in roles.items() if device.role(role) != pid])
    assert "no sign of life" not in device.log()


def spent(pid):
    """Seconds of processor time that the program's first thread has had."""
    with open(f"/proc/{pid}/task/{pid}/stat", encoding="utf-8") as stream:
        fields = stream.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_promises_broken_for_ever(network, device, notify):
    """Whatever a child does to the timer that it shares costs the supervisor next to nothing."""
    device.start(configuration([ONE]))
    notify.wait("READY", "1")
    check = wait_for(lambda: device.role("check"), 10, "the check process")
    wait_for(lambda: sleeps(check), 10, "its sleep")
    before = spent(device.pid)
    break_for_ever(check)
    observe(2, "what it costs")
    assert spent(device.pid) - before < 0.2
