# SPDX-License-Identifier: ISC
"""vrrp_keep_on_restart: the program is replaced and nothing moves."""

import itertools
import os
import shutil
import signal
import subprocess

import pytest

from harness.config import Instance, configuration, password
from harness.monitor import AddressMonitor
from harness.process import Process, name_of
from harness.wait import observe, wait_for

pytestmark = pytest.mark.agent_only

KEEP = ("vrrp_keep_on_restart",)
V3 = Instance("one", 91, ("198.51.100.1/24", "192.0.2.200/32"), interval=0.5, priority=150)
V2 = Instance("two", 92, ("198.51.100.2/24",), version=2, priority=150, extra=password("x1er44q"))
V6 = Instance("six", 93, ("fe80::5e:1/64", "2001:db8::5e:1/64"), interval=0.5, priority=150)
MIXED = (V3, V2, V6)
HUNDRED = tuple(Instance(f"i{vrid}", vrid, (f"198.51.100.{vrid}/32",), interval=1, priority=150)
                for vrid in range(1, 101))


@pytest.fixture
def device(network, capture, devices, dut_kind):
    return devices(dut_kind, network.host("ours"))


@pytest.fixture
def peer(network, devices, peer_kind):
    return devices(peer_kind, network.host("theirs"))


def lower(instances):
    return [each.but(priority=100) for each in instances]


def settle(capture, device, instances):
    """All are Active with their addresses and have announced them."""
    for instance in instances:
        capture.wait_advert(20, host="ours", vrid=instance.vrid, priority=instance.priority)
    wait_for(lambda: all(device.host.has(address.split("/")[0])
                         for instance in instances for address in instance.addresses), 10, "the addresses")
    observe(1, "announcements that belong to the start")
    return capture.last_time()


def replace(device, number=1):
    """The program that answers is another run of it, in the same process."""
    pid, core = device.pid, device.role("core")
    device.process.signal(signal.SIGUSR2)
    wait_for(lambda: device.log().count("going on where the former program stopped") == number, 20,
             lambda: f"the successor's message in\n{device.log()[-2000:]}")
    wait_for(lambda: device.role("core") not in (None, core), 10, "its core")
    assert device.process.alive() and device.pid == pid
    assert name_of(pid) == "vrrp-agent"
    wait_for(lambda: name_of(device.role("core")) == "vrrp-core", 10, "the name that core gives itself")


def leave(device):
    """The program is about to be replaced, and waits for a process that can't end: its pid."""
    core, held = device.role("core"), device.role("check")
    os.kill(held, signal.SIGSTOP)
    device.process.signal(signal.SIGUSR2)
    wait_for(lambda: device.role("core") != core, 20, "the end of core")
    assert "going on where" not in device.log()
    return held


def check_unmoved(capture, monitor, instances, since):
    """No gap of three intervals, no priority 0, no second Active, no address touched, nothing announced."""
    for instance in instances:
        seen = capture.adverts("ours", instance.vrid, since=since - 3 * instance.interval)
        gaps = [later.time - earlier.time for earlier, later in zip(seen, seen[1:])]
        assert max(gaps) < 3 * instance.interval, f"VRID {instance.vrid}: a gap of {max(gaps):.3f} s"
        assert {each.priority for each in seen} == {instance.priority}
        assert not capture.adverts("theirs", instance.vrid, since=since), f"VRID {instance.vrid} was taken over"
    addresses = {address.split("/")[0] for instance in instances for address in instance.addresses}
    assert not [event for event in monitor.events if event[2] in addresses]
    assert not [seen for seen in capture.arps("ours", since) if seen.target in addresses]


@pytest.mark.parametrize("instances", [MIXED, HUNDRED], ids=["v2-v3-v6", "hundred"])
def test_replaced_as_active(capture, device, peer, instances):
    """Twice, since what one program was left the next has to leave as well."""
    device.start(configuration(instances, KEEP))
    settle(capture, device, instances)
    peer.start(configuration(lower(instances)))
    observe(2, "keepalived's start")
    before = {row["vrid"]: row for row in device.show()["routers"]}
    with AddressMonitor(device.host) as monitor:
        since = capture.last_time()
        replace(device, 1)
        observe(2, "a takeover by keepalived")
        replace(device, 2)
        observe(4 * max(each.interval for each in instances), "a takeover by keepalived")
        check_unmoved(capture, monitor, instances, since)
    after = {row["vrid"]: row for row in device.show()["routers"]}
    for vrid, row in after.items():
        assert row["state"] == "active"
        assert row["counters"]["transitions"] == before[vrid]["counters"]["transitions"] == 1
        assert row["counters"]["sent"] > before[vrid]["counters"]["sent"], "the counters begin anew"
        assert row["since"] > before[vrid]["since"] + 3, "the state begins anew"
    device.stop()
    for instance in instances:
        capture.wait_advert(10, host="ours", vrid=instance.vrid, priority=0, since=since)
        for address in instance.addresses:
            assert not device.host.has(address.split("/")[0]), f"{address} stays behind"


def test_replaced_as_backup(capture, device, peer):
    """It hears the Active through the change: it takes over neither early nor late."""
    peer.start(configuration(MIXED))
    for instance in MIXED:
        capture.wait_advert(20, host="theirs", vrid=instance.vrid)
    device.start(configuration(lower(MIXED), KEEP))
    wait_for(lambda: device.role("core") and "3 virtual router(s) in force" in device.log(), 10, "the start")
    observe(2, "the start of a Backup", lambda: capture.adverts("ours"))
    replace(device)
    observe(5, "a false takeover", lambda: capture.adverts("ours"))
    since = capture.last_time()
    peer.kill()
    for instance in MIXED:
        taken = capture.wait_advert(20, host="ours", vrid=instance.vrid, since=since)
        last = capture.adverts("theirs", instance.vrid)[-1]
        assert taken.time - last.time > 3 * instance.interval


def ah_sockets(device):
    """The inodes of the raw sockets of IP protocol 51, as the program's network namespace has them."""
    with open(f"/proc/{device.pid}/net/raw", encoding="ascii") as stream:
        rows = [line.split() for line in stream.readlines()[1:]]
    return [row[9] for row in rows if row[1].endswith(":0033")]


def test_ah_is_heard_by_one_socket(capture, device, peer):
    """The socket is handed over, and what comes meanwhile lies there; without AH there is none."""
    with_ah = Instance("with-ah", 94, ("198.51.100.4/24",), version=2, priority=150, extra=password("x1er44q", "AH"))
    peer.start(configuration([with_ah]))
    capture.wait_advert(20, host="theirs", vrid=with_ah.vrid)
    device.start(configuration(lower([with_ah]), KEEP))
    wait_for(lambda: len(ah_sockets(device)) == 1, 10, "the socket")
    observe(2, "the start of a Backup", lambda: capture.adverts("ours"))
    before = ah_sockets(device)
    replace(device)
    observe(4, "a false takeover", lambda: capture.adverts("ours"))
    assert ah_sockets(device) == before
    heard = device.show()["routers"][0]["counters"]["received"]
    wait_for(lambda: device.show()["routers"][0]["counters"]["received"] > heard, 10, "adverts by the old socket")
    device.configure(configuration([V3], KEEP))
    device.reload()
    wait_for(lambda: not ah_sockets(device), 10, "the end of the socket")


ROUTED = V3.but(extra=(
    "virtual_routes {", "    203.0.113.0/24 via 192.0.2.9 metric 7", "}",
    "virtual_rules {", "    from 198.51.100.1/32 table 71 priority 7100", "}",
    "virtual_ipaddress_excluded {", "    198.51.100.99/32", "}"))
STATICS = """static_ipaddress {
    198.51.100.77/32 dev eth0
}
static_routes {
    203.0.113.128/25 via 192.0.2.9 metric 9
}
static_rules {
    from 198.51.100.77/32 table 72 priority 7200
}
"""


def routing(host):
    """What the kernel has, by the words that only the tests' own have."""
    text = host.ip("route").stdout + host.ip("rule").stdout + host.ip("-br", "addr").stdout
    return [word in text for word in (
        "203.0.113.0/24", "7100:", "198.51.100.99/32", "198.51.100.77/32", "203.0.113.128/25", "7200:")]


def test_routes_and_rules_stay(capture, device, folder, ended):
    """What a router has besides addresses, and what stays on the node; all of it goes at the end."""
    device.start(configuration([ROUTED], KEEP, STATICS))
    since = settle(capture, device, [V3])
    wait_for(lambda: all(routing(device.host)), 5, "routes and rules")
    news = ended(Process(["ip", "monitor", "route", "rule", "address"], os.path.join(folder, "news"),
                         device.host.namespace))

    metrics = itertools.count(1)

    def heard():
        device.host.ip("route", "add", "unreachable", "203.0.113.255/32", "metric", str(next(metrics)))
        return news.log()

    wait_for(heard, 30, lambda: f"the first news; ip monitor is {news.alive()}", poll=0.1)
    last = f"metric {next(metrics) - 1} "
    wait_for(lambda: last in news.log(), 30, "the news of what the test itself did")
    before = news.log()
    with AddressMonitor(device.host) as monitor:
        replace(device, 1)
        observe(2, "a change by the new program")
        replace(device, 2)
        observe(2, "a change by the new program")
        check_unmoved(capture, monitor, [V3], since)
    assert all(routing(device.host))
    assert news.log() == before
    device.stop()
    assert not any(routing(device.host))


def test_changed_file_waits_for_a_reload(capture, device):
    """The accepted text counts, not what somebody is editing."""
    device.start(configuration([V3], KEEP))
    since = settle(capture, device, [V3])
    device.configure(configuration([V3.but(priority=77), V2], KEEP))
    with AddressMonitor(device.host) as monitor:
        replace(device)
        observe(2, "an effect of the changed file")
        check_unmoved(capture, monitor, [V3], since)
    assert not capture.adverts("ours", V2.vrid)
    device.reload()
    capture.wait_advert(5, host="ours", vrid=V3.vrid, priority=77)
    capture.wait_advert(10, host="ours", vrid=V2.vrid)


@pytest.fixture
def installed(device, folder, monkeypatch):
    """The program in a file of its own, which a test may replace."""
    path = os.path.join(folder, "vrrp-agent")
    shutil.copy(device.program(), path)
    monkeypatch.setattr(device, "program", lambda: path)
    return path


def put(path, content):
    """As a package manager does: another file of that name."""
    with open(path + ".new", "wb") as stream:
        stream.write(content)
    os.chmod(path + ".new", 0o755)
    os.replace(path + ".new", path)


@pytest.mark.parametrize("content", [
    b"not a program\n", b"#!/bin/sh\nexit 2\n", b"#!/bin/sh\nkill -SEGV $$\n",
], ids=["no-program", "refuses", "crashes"])
def test_bad_program_is_not_begun(capture, device, installed, content):
    device.start(configuration([V3], KEEP))
    since = settle(capture, device, [V3])
    core = device.role("core")
    put(installed, content)
    with AddressMonitor(device.host) as monitor:
        device.process.signal(signal.SIGUSR2)
        wait_for(lambda: "the program is not replaced in place" in device.log(), 10, "the reason in the log")
        observe(2, "an effect of the bad program")
        check_unmoved(capture, monitor, [V3], since)
    assert device.role("core") == core


def test_program_that_vanishes_at_the_last_moment(capture, device, installed):
    """It passes its trial and can't be executed afterwards: the old one goes on anew."""
    device.start(configuration([V3], KEEP))
    since = settle(capture, device, [V3])
    put(installed, b'#!/bin/sh\n[ "$1" = --check-source ] && rm -f "$0"\nexit 0\n')
    with AddressMonitor(device.host) as monitor:
        replace(device)
        assert "the old program goes on" in device.log()
        observe(2, "an effect of the change")
        check_unmoved(capture, monitor, [V3], since)


def test_full_run_directory(capture, device):
    """The journal can't be written anew, and that one which is there says enough."""
    os.makedirs(device.run_dir)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", device.run_dir], check=True)
    try:
        device.start(configuration(MIXED, KEEP))
        since = settle(capture, device, MIXED)
        with pytest.raises(OSError), open(os.path.join(device.run_dir, "full"), "wb", buffering=0) as stream:
            while True:
                stream.write(b"\0" * 4096)
        with AddressMonitor(device.host) as monitor:
            replace(device)
            observe(2, "an effect of the full directory")
            check_unmoved(capture, monitor, MIXED, since)
        wait_for(lambda: device.control("show", check=False).returncode == 0, 10, "an answer")
        device.stop()
        for address in (each for instance in MIXED for each in instance.addresses):
            assert not device.host.has(address.split("/")[0]), f"{address} stays behind"
    finally:
        subprocess.run(["umount", "-l", device.run_dir], check=True)


def test_what_the_journal_has_not(capture, device):
    """Set while nothing could be written: the successor knows all the same that it is ours. (Addresses bear our mark
    since Linux 5.18; routes never do.)"""
    def routes():
        return {line.split()[0] for line in device.host.ip("route", "show", "metric", "7300").stdout.splitlines()}

    os.makedirs(device.run_dir)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", device.run_dir], check=True)
    try:
        device.start(configuration([V3], KEEP))
        settle(capture, device, [V3])
        with pytest.raises(OSError), open(os.path.join(device.run_dir, "full"), "wb", buffering=0) as stream:
            while True:
                stream.write(b"\0" * 4096)
        more = [each.but(extra=("virtual_routes {", f"203.0.113.{each.vrid} dev eth0 metric 7300", "}"))
                for each in HUNDRED[1:] if each.vrid != V3.vrid]
        device.configure(configuration([V3, *more], KEEP))
        device.reload()
        settle(capture, device, more)
        wait_for(lambda: len(routes()) == len(more), 10, "the routes")
        with open(os.path.join(device.run_dir, "applied.journal"), encoding="ascii") as stream:
            assert stream.read().count("+r ") < len(more), "the test tests nothing"
        replace(device)
        wait_for(lambda: device.control("show", check=False).returncode == 0, 10, "an answer")
        device.stop()
        assert not routes()
        assert not {address.split("/")[0] for each in more for address in each.addresses} & device.host.held()
    finally:
        subprocess.run(["umount", "-l", device.run_dir], check=True)


def test_link_that_was_turned(capture, device, folder, monkeypatch):
    """An appliance upgrades by turning a link to another folder: what the link leads to now is begun."""
    for name in ("first", "second"):
        os.mkdir(os.path.join(folder, name))
        shutil.copy(device.program(), os.path.join(folder, name, "vrrp-agent"))
    link = os.path.join(folder, "current")
    os.symlink("first", link)
    monkeypatch.setattr(device, "program", lambda: os.path.join(link, "vrrp-agent"))
    device.start(configuration([V3], KEEP))
    since = settle(capture, device, [V3])
    os.symlink("second", link + ".new")
    os.replace(link + ".new", link)
    with AddressMonitor(device.host) as monitor:
        replace(device)
        observe(2, "an effect of the change")
        check_unmoved(capture, monitor, [V3], since)
    assert os.path.samefile(f"/proc/{device.pid}/exe", os.path.join(folder, "second", "vrrp-agent"))


def test_stop_that_comes_while_it_is_replaced(capture, device):
    """The successor obeys, at once: it takes up what it was left only to give it up."""
    device.start(configuration(MIXED, KEEP))
    settle(capture, device, MIXED)
    held = leave(device)
    device.process.signal(signal.SIGTERM)
    os.kill(held, signal.SIGCONT)
    assert device.process.wait_exit(30) == 0
    for instance in MIXED:
        assert capture.adverts("ours", instance.vrid)[-1].priority == 0, f"VRID {instance.vrid} goes silently"
        for address in instance.addresses:
            assert not device.host.has(address.split("/")[0]), f"{address} stays behind"


def test_reload_that_comes_while_it_is_replaced(capture, device):
    device.start(configuration([V3], KEEP))
    settle(capture, device, [V3])
    device.configure(configuration([V3.but(priority=77)], KEEP))
    held = leave(device)
    device.reload()
    os.kill(held, signal.SIGCONT)
    capture.wait_advert(30, host="ours", vrid=V3.vrid, priority=77)


def test_off_by_default(capture, device):
    """SIGUSR2 ends nothing and replaces nothing where nobody asked for it."""
    device.start(configuration([V3]))
    settle(capture, device, [V3])
    core = device.role("core")
    device.process.signal(signal.SIGUSR2)
    wait_for(lambda: "vrrp_keep_on_restart is off" in device.log(), 10, "the reason in the log")
    assert "`vrrpctl stats`" in device.log(), "what it means to keepalived"
    assert device.role("core") == core


def test_what_died_leaves_is_released(capture, device):
    """What systemd runs after the end of the program; beside one that runs it does nothing."""
    device.start(configuration([V3], KEEP))
    settle(capture, device, [V3])
    words = [device.program(), "--release", "--run-dir", device.run_dir]
    device.host.run(words)
    assert device.host.has("198.51.100.1")
    device.kill()
    assert device.host.has("198.51.100.1")
    device.host.run(words)
    assert not device.host.has("198.51.100.1") and not device.host.has("192.0.2.200")
