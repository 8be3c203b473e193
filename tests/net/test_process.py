# SPDX-License-Identifier: ISC
"""Words about the program as a whole: when it begins, and how its processes run."""

import datetime
import json
import os
import resource
import signal
import time

import pytest

from harness.config import Instance, configuration
from harness.process import run
from harness.wait import wait_for

pytestmark = pytest.mark.agent_only

OWNER = Instance("one", 31, ("198.51.100.31/24",), priority=255, state="MASTER", interval=1)
OTHER = Instance("two", 32, ("198.51.100.32/24",), priority=255, state="MASTER", interval=1)
DELAY = 8


@pytest.fixture
def device(network, devices, dut_kind):
    return devices(dut_kind, network.host("ours"))


def states(device):
    shown = device.control("show", "--json", check=False)
    return [router["state"] for router in json.loads(shown.stdout)["routers"]] if shown.returncode == 0 else None


def started(device, instances=(OWNER,), delay=DELAY):
    """When it was, by the capture's clock."""
    began = time.time()
    device.start(configuration(list(instances), global_lines=(f"vrrp_startup_delay {delay}",)))
    return began


def test_instances_begin_after_the_startup_delay(network, device):
    """Neither a reload nor a changed setting begins the delay anew, or ends it."""
    capture = network.capture()
    began = started(device)
    wait_for(lambda: states(device) == ["initialize"], 10, "the instance, which waits")
    device.configure(configuration([OWNER, OTHER], global_lines=("vrrp_startup_delay 60",)))
    device.reload()
    wait_for(lambda: states(device) == ["initialize"] * 2, 10, "the reload")
    assert not capture.adverts("ours")
    first = [capture.wait_advert(DELAY + 20, host="ours", vrid=vrid).time for vrid in (31, 32)]
    assert all(seen - began >= DELAY for seen in first)
    device.configure(configuration([OWNER], global_lines=("vrrp_startup_delay 60",)))
    device.reload()
    capture.wait_advert(10, host="ours", vrid=32, priority=0)
    since = capture.last_time()
    device.configure(configuration([OWNER, OTHER], global_lines=("vrrp_startup_delay 60",)))
    device.reload()
    capture.wait_advert(10, host="ours", vrid=32, since=since, priority=255)


MANY = [Instance(f"r{vrid}", vrid, (f"198.51.100.{vrid}/32",), interval=1) for vrid in range(1, 121)]


def test_routers_that_move_keep_their_names(device):
    """In the log: at a reload to other VRIDs the engine tells of the first before it has taken in the last; and a core
    that was replaced knows nothing of what happened before."""
    moved = [each.but(vrid=each.vrid + len(MANY)) for each in MANY]
    device.start(configuration(MANY))
    wait_for(lambda: states(device) and set(states(device)) <= {"backup", "active"}, 15, "the start")
    for number, instances in enumerate((moved, MANY, moved, MANY)):
        if number == 0:
            core = device.role("core")
            os.kill(core, signal.SIGKILL)
            wait_for(lambda core=core: device.role("core") not in (None, core) and states(device), 15, "another core")
        since = len(device.log())
        device.configure(configuration(instances))
        device.reload()
        wait_for(lambda since=since: device.log()[since:].count(" -> initialize: ") == len(MANY)
                 and device.log()[since:].count(": initialize -> ") == len(MANY), 20, device.log)
        named = {line.split()[3] for line in device.log()[since:].splitlines() if "initialize" in line}
        assert named == {f"{each.name}:" for each in MANY}, (number, named)


def test_what_is_refused_to_many_is_told_of_a_few(device, need):
    """Each under its own name, and no more than sixteen in ten seconds; the state has all of them."""
    need("nft")
    device.start(configuration(MANY))
    wait_for(lambda: states(device) and set(states(device)) == {"active"}, 30, "the takeover")
    assert {router["unsent_age"] for router in device.show()["routers"]} == {None}
    device.host.run(["nft", "add table inet wall; add chain inet wall out { type filter hook output priority 0; };"
                     "add rule inet wall out meta l4proto 112 drop"])
    wait_for(lambda: None not in {router["unsent_age"] for router in device.show()["routers"]}, 15, "all of them")
    lines = [line.split() for line in device.log().splitlines() if "an advertisement could not be sent" in line]
    times = [datetime.datetime.strptime(line[0], "%H:%M:%S.%f") for line in lines]
    first = [line[3] for line, at in zip(lines, times, strict=True) if (at - times[0]).total_seconds() % 86400 < 8]
    assert len(first) == len(set(first)) == 16 and set(first) <= {f"{each.name}:" for each in MANY}, first


def priority(device):
    """Of the engine's thread: what the kernel schedules it by, None without real time."""
    tasks = f"/proc/{device.pid}/task"
    for task in os.listdir(tasks):
        with open(f"{tasks}/{task}/comm", encoding="utf-8") as name:
            if name.read().strip() != "engine":
                continue
        if os.sched_getscheduler(int(task)) == os.SCHED_RR:
            return os.sched_getparam(int(task)).sched_priority
    return None


def may_rise(device):
    return resource.prlimit(device.pid, resource.RLIMIT_RTPRIO)[0] >= 99


def reconfigure(device, line):
    device.configure(configuration([OWNER], global_lines=(line,)))
    device.reload()


def may_be_realtime():
    return run(["chrt", "--rr", "50", "true"], check=False).returncode == 0


@pytest.mark.skipif(not may_be_realtime(), reason="nobody may be real-time here")
def test_real_time_priority_of_the_engine(device):
    """Also after a reload, and without the word the usual one; the other processes may have none. Without the
    limit, which takes SYS_RESOURCE to lift, the priority can only fall, and the log says so."""
    device.start(configuration([OWNER], global_lines=("vrrp_rt_priority 40",)))
    wait_for(lambda: priority(device) == 40, 10, "the priority that is configured")
    assert device.control("show").stdout
    for role in ("core", "check"):
        with open(f"/proc/{device.role(role)}/limits", encoding="utf-8") as limits:
            words = next(line for line in limits if line.startswith("Max realtime priority")).split()
        assert words[3:5] == ["0", "0"], role
        assert os.sched_getscheduler(device.role(role)) == os.SCHED_OTHER
    reconfigure(device, "vrrp_rt_priority 7")
    wait_for(lambda: priority(device) == 7, 10, "a lower priority")
    for line, expected in (("vrrp_rt_priority 99", 99), ("vrrp_strict off", 50)):
        reconfigure(device, line)
        refused = f"does not get the real-time priority {expected}"
        wait_for(lambda wanted=expected: priority(device) == wanted if may_rise(device) else refused in device.log(), 10,
                 f"priority {expected}")
        assert (refused in device.log()) != may_rise(device)
    reconfigure(device, "vrrp_rt_priority 3")
    wait_for(lambda: priority(device) == 3, 10, "the lowest priority")
