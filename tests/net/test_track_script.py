# SPDX-License-Identifier: ISC
"""vrrp_script and track_script: what a script's result does to the routers that track it."""

import os
import re

import pytest

from harness.config import Instance, configuration
from harness.wait import observe, wait_for

INTERVAL = 0.3


def executable(path, text):
    with open(path, "w", encoding="utf-8") as stream:
        stream.write("#!/bin/sh\n" + text)
    os.chmod(path, 0o755)
    return path


class Flags:
    """A script for each flag, good while the flag's file is there; how often each ran."""

    def __init__(self, folder):
        os.chmod(folder, 0o777)
        self._folder = folder

    def path(self, name, kind="flag"):
        return os.path.join(self._folder, f"{name}.{kind}")

    def script(self, name, *words):
        executable(self.path(name, "sh"), f"echo >> {self.path(name, 'runs')}\ntest -e {self.path(name)}\n")
        lines = (f'script "{self.path(name, "sh")}"', "interval 1", *words)
        return f"vrrp_script {name} {{\n" + "".join(f"    {line}\n" for line in lines) + "}\n"

    def runs(self, name):
        try:
            return os.path.getsize(self.path(name, "runs"))
        except FileNotFoundError:
            return 0

    def set(self, name, good):
        if good:
            with open(self.path(name), "w", encoding="utf-8"):
                pass
        elif os.path.exists(self.path(name)):
            os.unlink(self.path(name))


@pytest.fixture
def flags(folder):
    return Flags(folder)


def track(*lines):
    return ("track_script {", *(f"    {line}" for line in lines), "}")


# (priority, what it tracks): b is "" in the file, c has weight 20, d has -20 reverse there.
USES = (
    (100, ("b",)),
    (100, ("b weight 0 reverse",)),
    (100, ("c",)),
    (100, ("c weight -30",)),
    (100, ("c weight 30 reverse",)),
    (100, ("d",)),
    (100, ("d weight 40 noreverse", "c")),
    (250, ("c", "c2 weight 253")),
    (5, ("c weight -20", "c2 weight -253")),
    (255, ("c weight -20",)),
    (255, ("b", "c weight -20")),
)


def _instances(first_vrid, host, notify):
    return [Instance(f"V{number}", first_vrid + number, (f"198.51.{host}.{100 + number}/32",), priority, INTERVAL,
                     state="MASTER" if priority == 255 else "BACKUP", extra=track(*lines) + (f'notify "{notify}"',))
            for number, (priority, lines) in enumerate(USES)]


def _priorities(capture, host, vrid, since):
    """The priorities that followed each other on the wire, and 0 at the end for one that is silent."""
    seen = capture.adverts(host, vrid, since=since)
    found = []
    for advert in seen:
        if not found or found[-1] != advert.priority:
            found.append(advert.priority)
    if seen and capture.last_time() - seen[-1].time > 4 * INTERVAL and found[-1] != 0:
        found.append("silent")
    return found


def _notified(path, number):
    """The states that were notified for an instance, with their priorities; an owner's are those of the RFC,
    by which it comes back without having been Backup, as it does not in keepalived."""
    try:
        with open(path, encoding="utf-8") as stream:
            lines = [line.split() for line in stream]
    except FileNotFoundError:
        return []
    return [" ".join(words[2:]) for words in lines if words[1] == f"V{number}" and words[2:] != ["BACKUP", "255"]]


def _expected(priority, lines, good):
    """None: fault."""
    for line in lines:
        name, *words = line.split()
        weight = {"b": 0, "c": 20, "c2": 0, "d": -20}[name]
        reverse = name == "d"
        if words:
            weight, reverse = int(words[1]), words[2:] == ["reverse"] or (reverse and not words[2:])
        if weight == 0 and good == reverse:
            return None
        if priority != 255 and weight and good == (weight > 0):
            priority += -weight if reverse else weight
    return priority if priority == 255 else max(1, min(254, priority))


def test_as_keepalived(network, devices, dut_kind, peer_kind, flags):
    """The same files on both, all scripts good, bad and good again: the same priorities on the wire, the same
    notifications in the same order; and they are what the weights say."""
    sides = {}
    names = ("b", "c", "c2", "d")
    scripts = (flags.script("b") + flags.script("c", "weight 20") + flags.script("c2") +
               flags.script("d", "weight -20 reverse"))
    capture = network.capture()
    for name in names:
        flags.set(name, True)
    for number, (host, kind) in enumerate((("ours", dut_kind), ("theirs", peer_kind))):
        notified = flags.path(host, "notified")
        notify = executable(flags.path(host, "notify"), f'echo "$@" >> {notified}\n')
        device = devices(kind, network.host(host))
        device.start(configuration(_instances(1 + 100 * number, 100 + number, notify), ("script_user nobody",), scripts))
        sides[host] = (device, 1 + 100 * number, notified)

    def settled(host, good, since):
        device, first, _ = sides[host]
        for number, (priority, lines) in enumerate(USES):
            wanted = _expected(priority, lines, good)
            last = capture.adverts(host, first + number, since=since)[-3:]
            if wanted is None:
                if last and (last[-1].priority != 0 and capture.last_time() - last[-1].time < 4 * INTERVAL):
                    return False
            elif [advert.priority for advert in last] != 3 * [wanted]:
                return False
        return True

    since = 0.0
    for good in (True, False, True):
        for name in names:
            flags.set(name, good)
        for host, (device, first, _) in sides.items():
            wait_for(lambda h=host, g=good: settled(h, g, since), 20, lambda h=host, f=first, g=good: "\n".join(
                f"{h} {g} V{number} wants {_expected(*use, g)}: {_priorities(capture, h, f + number, since)}"
                for number, use in enumerate(USES)) + sides[h][0].log()[-2000:])
        wires = [[_priorities(capture, host, first + number, since) for number in range(len(USES))]
                 for host, (_, first, _) in sides.items()]
        assert [wire[-1:] for wire in wires[0]] == [wire[-1:] for wire in wires[1]]
        since = capture.last_time()
    told = [[_notified(path, number) for number in range(len(USES))] for _, _, path in sides.values()]
    # Whether the first run had ended when a router became Backup is a matter of moments, on either side.
    assert [[each[0].split()[0], *each[1:]] for each in told[0]] == [[each[0].split()[0], *each[1:]] for each in told[1]]


def test_nothing_is_known_at_first(network, devices, dut_kind, peer_kind, flags):
    """Until its first result a script without weight keeps a router from beginning, one with a weight does not."""
    executable(flags.path("slow", "sh"), f"while ! test -e {flags.path('go')}; do sleep 0.1; done\n")
    slow = f'vrrp_script slow {{\n    script "{flags.path("slow", "sh")}"\n    interval 30\n    timeout 60\n}}\n'
    capture = network.capture()
    text = slow
    for number, (host, kind) in enumerate((("ours", dut_kind), ("theirs", peer_kind))):
        devices(kind, network.host(host)).start(configuration(
            [Instance("waits", 1 + 10 * number, (f"198.51.100.{1 + number}/32",), interval=INTERVAL, extra=track("slow")),
             Instance("weighs", 2 + 10 * number, (f"198.51.100.{3 + number}/32",), interval=INTERVAL,
                      extra=track("slow weight 10"))], ("script_user nobody",), text))
    for number, host in enumerate(("ours", "theirs")):
        capture.wait_advert(15, host=host, vrid=2 + 10 * number, priority=100)
        observe(6 * INTERVAL, f"{host} begins without a result",
                lambda h=host, n=number: capture.adverts(h, 1 + 10 * n))
    flags.set("go", True)
    for number, host in enumerate(("ours", "theirs")):
        capture.wait_advert(15, host=host, vrid=1 + 10 * number, priority=100)
        capture.wait_advert(15, host=host, vrid=2 + 10 * number, priority=110)


def _tracker(device, name):
    return next(tracker for tracker in device.show()["trackers"] if tracker["name"] == name)


def _router(device, name):
    return next(router for router in device.show()["routers"] if router["name"] == name)


@pytest.mark.agent_only
def test_bad_scripts_harm_nobody(network, devices, dut_kind, flags, folder):
    """One that ignores SIGTERM, one that floods its output, one that leaves processes behind, one that is
    not there: each is judged, none runs twice at once, and a good one beside them keeps its time."""
    overlap, late = flags.path("overlap"), flags.path("late")
    stubborn = executable(flags.path("stubborn", "sh"), f"kill -0 $(tail -n 1 {late}) && echo >> {overlap}\n"
                          f"trap '' TERM\necho $$ >> {late}\nwhile :; do sleep 1; done\n")
    flood = executable(flags.path("flood", "sh"), "yes & yes >&2 & wait\n")
    fork = executable(flags.path("fork", "sh"), f"sleep 1000 &\necho $! >> {flags.path('left')}\nexit 3\n")
    killed = executable(flags.path("killed", "sh"), "kill -9 $$\n")
    text = "".join(f'vrrp_script {name} {{\n    script "{path}"\n    interval 1\n    timeout 1\n    weight -1\n}}\n'
                   for name, path in (("stubborn", stubborn), ("flood", flood), ("fork", fork), ("killed", killed),
                                      ("absent", "/nonexistent/script -x")))
    text += flags.script("fine")
    flags.set("fine", True)
    device = devices(dut_kind, network.host("ours"))
    capture = network.capture()
    device.start(configuration(
        [Instance("V", 1, ("198.51.100.1/32",), interval=INTERVAL, extra=track(
            "fine", "stubborn", "flood", "fork", "killed", "absent"))], ("script_user nobody",), text))
    capture.wait_advert(15, host="ours", vrid=1, priority=95)
    results = {tracker["name"]: tracker["result"] for tracker in _router(device, "V")["trackers"]}
    assert results == {"fine": "exit 0", "stubborn": "timeout", "flood": "timeout", "fork": "exit 3",
                       "killed": "killed by signal 9", "absent": "can't be run"}
    assert "there is no such program" in device.log() or "/nonexistent/script" in device.log()
    before = flags.runs("fine")
    wait_for(lambda: flags.runs("fine") >= before + 3, 10, "three more runs of the good script")

    def pids(path):
        with open(path, encoding="utf-8") as stream:
            return [int(line) for line in stream]

    def gone(pid):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as stream:
                return stream.read().rpartition(")")[2].split()[0] == "Z"
        except OSError:
            return True

    wait_for(lambda: gone(pids(late)[0]), 15, "the end of the script that ignores SIGTERM")
    wait_for(lambda: len(pids(late)) >= 2, 10, "its next run")
    assert not os.path.exists(overlap)
    device.stop()
    assert all(map(gone, pids(late)))
    for pid in pids(flags.path("left")):
        os.kill(pid, 9)


@pytest.mark.agent_only
def test_rise_and_fall(network, devices, dut_kind, flags):
    """The first run decides; after it so many in a row as rise and fall say, whoever has restarted meanwhile."""
    device = devices(dut_kind, network.host("ours"))
    capture = network.capture()
    flags.set("s", True)
    device.start(configuration([Instance("V", 1, ("198.51.100.1/32",), interval=INTERVAL, extra=track("s"))],
                               ("script_user nobody",), flags.script("s", "rise 3", "fall 2")))
    capture.wait_advert(15, host="ours", vrid=1)
    assert flags.runs("s") <= 4
    flags.set("s", False)
    before = flags.runs("s")
    wait_for(lambda: _tracker(device, "s")["state"] == "failed", 15, "the failure")
    assert flags.runs("s") - before >= 2
    assert _router(device, "V")["state"] == "fault"
    assert re.search(r"tracks +s \(script\): failed for \S+.*, weight 0, exit 1\n", device.control("show", "V").stdout)
    assert "V: active -> fault: script s failed (exit 1)" in device.log()
    flags.set("s", True)
    before = flags.runs("s")
    wait_for(lambda: flags.runs("s") > before, 10, "a run")
    check = device.role("check")
    os.kill(check, 9)
    wait_for(lambda: device.role("check") not in (None, check), 5, "another check process")
    wait_for(lambda: _tracker(device, "s")["state"] == "ok", 15, "success")
    assert flags.runs("s") - before >= 3
    capture.wait_advert(15, host="ours", vrid=1, since=capture.last_time())
    assert "the fault is gone: script s succeeded (exit 0)" in device.log()


@pytest.mark.agent_only
def test_reload(network, devices, dut_kind, flags):
    """Scripts, uses and weights come, change and go; what did not change goes on as it is."""
    device = devices(dut_kind, network.host("ours"))
    capture = network.capture()
    flags.set("a", True)
    instance = Instance("V", 1, ("198.51.100.1/32",), interval=INTERVAL)

    def load(scripts, *uses):
        device.configure(configuration([instance.but(extra=track(*uses) if uses else ())], ("script_user nobody",), scripts))
        if device.process is None:
            device.start()
        else:
            device.reload()

    def wire(priority):
        since = capture.last_time()
        capture.wait_advert(15, host="ours", vrid=1, priority=priority, since=since)
        observe(3 * INTERVAL, "another priority", lambda: [
            advert.priority for advert in capture.adverts("ours", 1, since=capture.adverts(
                "ours", 1, since=since, priority=priority)[0].time) if advert.priority != priority])

    a, b = flags.script("a", "weight 10"), flags.script("b", "weight -30")
    load(a, "a")
    wire(110)
    since = _tracker(device, "a")["since"]
    load(a, "a weight 20")
    wire(120)
    load(b + a, "b", "a weight 20")
    wire(90)
    load(b + a, "b weight -40 reverse", "a")
    wire(150)
    load(b + a, "a")
    wire(110)
    assert _tracker(device, "a")["since"] > since, "the script that did not change was begun anew"
    load(a.replace("weight 10", "weight 15"), "a")
    wire(115)
    assert [tracker["name"] for tracker in device.show()["trackers"]] == ["a"]
    # Another command: the former one's result holds until it has one.
    executable(flags.path("other", "sh"), "sleep 1\nexit 7\n")
    load(a.replace(flags.path("a", "sh"), flags.path("other", "sh")).replace("interval 1", "interval 5"), "a")
    wire(100)
    assert _tracker(device, "a")["result"] == "exit 7"
    load("")
    wire(100)
    assert device.show()["trackers"] == []
    load(b, "b weight 0")
    wait_for(lambda: _router(device, "V")["state"] == "fault", 10, "fault by a script that the reload brought")
    load(b)
    wire(100)
    assert "fault -> " in device.log()
