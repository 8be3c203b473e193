# SPDX-License-Identifier: ISC
"""Nice values, processors, memory, limits and the umask of the processes, as the kernel has them."""

import os
import pathlib
import resource
import shutil
import signal

import pytest

from harness.config import Instance, configuration
from harness.process import run
from harness.wait import wait_for

pytestmark = pytest.mark.agent_only

OWNER = Instance("one", 31, ("198.51.100.31/24",), priority=255, state="MASTER")
ALL = os.sched_getaffinity(0)
LAST = max(ALL)


def mask():
    """Of this process, which started the device."""
    with open("/proc/self/status", encoding="utf-8") as stream:
        return int(next(line for line in stream if line.startswith("Umask")).split()[1], 8)


def may_be_realtime():
    return run(["chrt", "--rr", "50", "true"], check=False).returncode == 0


@pytest.fixture
def device(network, devices, dut_kind):
    return devices(dut_kind, network.host("ours"))


def tasks(pid):
    return [int(name) for name in os.listdir(f"/proc/{pid}/task")]


def nice(pid):
    return {os.getpriority(os.PRIO_PROCESS, task) for task in tasks(pid)}


def processors(pid):
    return {frozenset(os.sched_getaffinity(task)) for task in tasks(pid)}


def locked(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as stream:
        return int(next(line for line in stream if line.startswith("VmLck")).split()[1])


def expect(device, main, check):
    """main, check: nice value and processors, of every thread; core stays as it was."""
    for pid, wanted in ((device.pid, main), (device.role("check"), check), (device.role("core"), (0, ALL))):
        wait_for(lambda pid=pid, wanted=wanted: (nice(pid), processors(pid)) == ({wanted[0]}, {frozenset(wanted[1])}), 10,
                 lambda pid=pid, wanted=wanted: f"{wanted} of {pid}: {nice(pid)} {processors(pid)}\n{device.log()}")


def may_rise(pid):
    """Whether the kernel lets it have any nice value, as systemd's LimitNICE=40 does, or SYS_RESOURCE."""
    return resource.prlimit(pid, resource.RLIMIT_NICE)[0] == 40


def start(device, *lines, instance=OWNER):
    device.start(configuration([instance], global_lines=lines))
    wait_for(lambda: device.control("show", check=False).returncode == 0, 10, "the control socket")


def change(device, *lines):
    device.configure(configuration([OWNER], global_lines=lines))
    device.reload()


def test_processors(device):
    """Those of the file, also of a check that is replaced, and all of them when the words go."""
    start(device, f"vrrp_cpu_affinity {LAST}", f"checker_cpu_affinity {LAST}")
    expect(device, (0, {LAST}), (0, {LAST}))
    old = device.role("check")
    os.kill(old, signal.SIGKILL)
    wait_for(lambda: device.role("check") not in (None, old), 10, "another check")
    expect(device, (0, {LAST}), (0, {LAST}))
    change(device, f"vrrp_cpu_affinity {LAST}")
    expect(device, (0, {LAST}), (0, ALL))
    change(device)
    expect(device, (0, ALL), (0, ALL))
    assert "does not get" not in device.log()


def test_nice_values(device):
    """More urgent ones only where the kernel permits it, else the log says so, and the routers run."""
    start(device, "vrrp_priority 3", "checker_priority 5")
    wait_for(lambda: nice(device.pid) == {3} and nice(device.role("check")) == {5}, 10, "greater nice values")
    allowed = may_rise(device.pid)
    change(device, "vrrp_priority -20", "checker_priority -4")
    if allowed:
        expect(device, (-20, ALL), (-4, ALL))
        change(device)
        expect(device, (0, ALL), (0, ALL))
    else:
        for name in ("the engine", "check"):
            wait_for(lambda name=name: f"{name} does not get its nice value or processors: Operation not permitted"
                     in device.log(), 10, "the warning")
        assert nice(device.pid) == {3} and nice(device.role("check")) == {5}
    assert device.show()["routers"][0]["state"] == "active"


def test_processors_that_are_not_there(device):
    """Said, and the routers run all the same."""
    start(device, "vrrp_cpu_affinity 1000")
    wait_for(lambda: "none of its processors is there" in device.log(), 10, "the warning")
    assert processors(device.pid) == {frozenset(ALL)}
    wait_for(lambda: device.show()["routers"][0]["state"] == "active", 10, "the router")


def test_scripts_have_the_umask_but_no_nice_value(device, folder):
    """The files that scripts make, and ours, lack what the umask says; scripts run as urgent as others, if they may."""
    place = pathlib.Path(folder) / "place"
    place.mkdir()
    made, told, script = place / "made", place / "told", place / "script"
    script.write_text(f"#!/bin/sh\n: > {made}\n(umask; nice) > {told}.new\nmv {told}.new {told}\n", encoding="utf-8")
    script.chmod(0o755)
    os.chmod(folder, 0o755)
    shutil.chown(place, "nobody")
    start(device, "script_user nobody", "umask 0057", "checker_priority 4",
          instance=OWNER.but(extra=(f'notify_master "{script}"',)))
    wait_for(told.exists, 15, lambda: f"the script's end; {device.log()}")
    assert told.read_text(encoding="utf-8").split() == ["0057", "0" if may_rise(device.pid) else "4"]
    assert made.stat().st_mode & 0o777 == 0o620
    device.process.signal(signal.SIGUSR1)
    dump = os.path.join(device.run_dir, "vrrp-agent.json")
    wait_for(lambda: f"the state is in {dump}" in device.log(), 10, "word of the state")
    assert os.stat(dump).st_mode & 0o777 == 0o644 & ~0o057
    device.configure(configuration([OWNER]))
    device.reload()
    wait_for(lambda: "reloaded" in device.log(), 10, "the reload")
    os.unlink(dump)
    device.process.signal(signal.SIGUSR1)
    wait_for(lambda: os.path.exists(dump), 10, "the state")
    assert os.stat(dump).st_mode & 0o777 == 0o644 & ~mask()


@pytest.mark.unsanitized  # the address sanitizer makes mlockall() do nothing
def test_memory_of_check_is_locked(device):
    start(device, "checker_no_swap")
    wait_for(lambda: locked(device.role("check")) > 0 or "memory is not locked (checker_no_swap)" in device.log(), 10,
             "locked memory, or why not")
    change(device)
    wait_for(lambda: locked(device.role("check")) == 0, 10, "memory that is free again")


@pytest.mark.skipif(not may_be_realtime(), reason="nobody may be real-time here")
def test_limit_of_real_time(device):
    """The kernel's SIGXCPU ends the engine's real-time scheduling, not the program; a reload brings it back."""
    def engine():
        for task in tasks(device.pid):
            with open(f"/proc/{device.pid}/task/{task}/comm", encoding="utf-8") as name:
                if name.read().strip() == "engine":
                    return os.sched_getscheduler(task)
        return None

    start(device, "vrrp_rlimit_rttime 500000")
    wait_for(lambda: resource.prlimit(device.pid, resource.RLIMIT_RTTIME)[0] == 500000, 10, "the limit")
    assert engine() == os.SCHED_RR
    device.process.signal(signal.SIGXCPU)
    wait_for(lambda: engine() == os.SCHED_OTHER, 10, "ordinary scheduling")
    assert "more than 500000 microseconds of CPU without a pause" in device.log()
    assert device.show()["routers"][0]["state"] == "active"
    change(device)
    permitted = resource.prlimit(device.pid, resource.RLIMIT_RTPRIO)[0] >= 50
    wait_for(lambda: engine() == os.SCHED_RR if permitted else "does not get the real-time priority 50" in device.log(),
             10, "real time again, or why not")
    wait_for(lambda: resource.prlimit(device.pid, resource.RLIMIT_RTTIME)[0] == resource.RLIM_INFINITY, 10, "no limit")
