# SPDX-License-Identifier: ISC
"""vrrp_track_process where the kernel's process connector tells, which it does in the initial namespace only.

The device and keepalived are both there and see the same processes: their routers do the same in the same order.
"""

import os
import re
import shutil

import pytest

from harness.namespace import Host
from harness.process import Process, children, run
from harness.tracked import PROCESSES, Both, of_count, track
from harness.wait import wait_for

INTERVAL = 0.5
PATIENCE = 60
DELAY = 4
# Delays count from the event, which both learn a little before the routers without a delay show it.
SLACK = 1
BUFFER = 3000000

# name: how its processes are compared, the words behind the program, and whether `program 1000 2000` is one
WORDS = {
    "words": ("", "1000 2000", True),
    "fewer": ("", "1000", False),
    "partial": ("param_match partial", "1000", True),
    "initial": ("param_match initial", "1000 20", True),
    "bare": ("param_match partial", "1001", False),
}


class InitialHost(Host):
    """The namespace that the machine began with, and a way from there to the switch."""

    def __init__(self, network):
        super().__init__(network, "initial", len(network.hosts) + 1)
        network.hosts[self.name] = self
        run(["ip", "netns", "attach", self.namespace, "1"])
        self.add_interface("eth0", [f"192.0.2.{self.number}/24"])

    def close(self):
        """The name goes; the namespace and what runs there is the machine's own."""
        run(["ip", "netns", "delete", self.namespace], check=False)


class Forker:
    """A program that becomes another one like itself by fork alone, when it is told to."""

    def __init__(self, program, folder, ended):
        orders, self._never = (os.path.join(folder, name) for name in ("orders", "never"))
        for path in (orders, self._never):
            os.mkfifo(path)
        self._orders = os.open(orders, os.O_RDWR)
        self._own = ended(Process(
            [program, "-c", f"while read x; do read y <{self._never} & done <{orders}"], os.path.join(folder, "forker.log")))

    def fork(self):
        before = set(children(self._own.pid))
        os.write(self._orders, b"\n")
        wait_for(lambda: set(children(self._own.pid)) - before, PATIENCE, "a child")
        return (set(children(self._own.pid)) - before).pop()


class World(Both):
    """Both in the initial namespace, with what their routers did since the last sequences()."""

    patience = PATIENCE

    def __init__(self, network, devices, kinds, files):
        host = InitialHost(network)
        super().__init__(network, devices, kinds, files, dict.fromkeys(kinds, host), INTERVAL)
        self.since = 0.0

    def sequences(self):
        """{use: the priorities that followed each other}, of each."""
        found = {}
        for name in self.devices:
            found[name] = {}
            for number, use in enumerate(self.names):
                adverts = self.adverts(name, number)
                # The last one until then is where it begins, whether or not it was told again before something changed.
                begins = max(sum(advert.time <= self.since for advert in adverts) - 1, 0)
                seen = [advert.priority for advert in adverts[begins:]]
                found[name][use] = [value for value, before in zip(seen, [None, *seen]) if value != before]
        self.since = self.capture.last_time()
        return found

    def came(self, name, use, priority, since):
        """When the first advertisement of this priority was seen."""
        return next(advert.time for advert in self.adverts(name, self.names.index(use), since)
                    if advert.priority == priority)

    def alike(self):
        found = self.sequences()
        differing = {use: (seen, found["theirs"][use]) for use, seen in found["ours"].items()
                     if seen != found["theirs"][use]}
        assert not differing, f"ours and theirs: {differing}"
        return found["ours"]


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    """Two programs with names of their own: one that sleeps and a shell."""
    folder = tmp_path_factory.mktemp("programs")
    return {kind: shutil.copy(f"/bin/{kind}", folder / f"vra{kind}{os.getpid()}") for kind in ("sleep", "dash")}


def trackers(programs):
    """(the text of the trackers, {use: (priority, lines)})."""
    sleep, shell = (os.path.basename(programs[kind]) for kind in ("sleep", "dash"))
    blocks = {name: (sleep, *each) for name, each in PROCESSES.items()}
    blocks |= {name: (f"{programs['sleep']} {words}", f"weight 10\n    {how}", "")
               for name, (how, words, _) in WORDS.items()}
    blocks |= {"now": (shell, "weight 10\n    quorum 2", ""),
               "late": (shell, f"weight 10\n    quorum 2\n    delay {DELAY}", ""),
               "first": (shell, f"weight 10\n    delay {DELAY}", "")}
    text = f"global_defs {{\n    process_monitor_rcv_bufs {BUFFER}\n    process_monitor_rcv_bufs_force\n}}\n"
    text += "".join(f"vrrp_track_process {name} {{\n    process {process}\n    {lines}\n}}\n"
                   for name, (process, lines, _) in blocks.items())
    return text, {name: (100, track("track_process", f"{name} {use}".rstrip()))
                  for name, (_, _, use) in blocks.items()}


def test_as_keepalived(network, devices, dut_kind, peer_kind, programs, folder, ended):
    """Started and killed one by one, a quorum and its end, forks that last and one that doesn't."""
    text, uses = trackers(programs)
    world = World(network, devices, {"ours": dut_kind, "theirs": peer_kind}, text)
    world.start(uses)
    table = {**of_count(0), **dict.fromkeys(WORDS, 100), "now": 100, "late": 100, "first": 100}

    def expect(what, **changes):
        table.update(changes)
        world.expect(what, table)

    expect("none runs")
    world.sequences()
    running = []
    for count in (1, 2, 1, 0):
        if count > len(running):
            running.append(ended(Process([programs["sleep"], "1000", "2000"], os.path.join(folder, "log"))))
        else:
            running.pop().kill()
        expect(f"{count} run", **of_count(count),
               **{name: 110 if matches and count else 100 for name, (_, _, matches) in WORDS.items()})
    seen = world.alike()
    assert seen["two"][-2:] == [110, 100] and seen["one"][-4:] == [110, 100, 110, 100], seen

    forker = Forker(programs["dash"], folder, ended)
    expect("a shell is executed", first=110)
    since = world.capture.last_time()
    child = forker.fork()
    expect("it has forked", now=110, late=110)
    for name in world.devices:
        assert world.came(name, "late", 110, since) > world.came(name, "now", 110, since) + DELAY - SLACK, name
    since = world.capture.last_time()
    os.kill(child, 9)
    expect("the child has ended", now=100, late=100)
    for name in world.devices:
        assert world.came(name, "late", 100, since + INTERVAL) > world.came(name, "now", 100, since) + DELAY - SLACK, name
    world.alike()
    shown = run(["ss", "-f", "netlink", "-m"]).stdout
    sized = set(re.findall(rf"connector:([a-z-]+)/.*rb{2 * BUFFER},", shown))
    assert sized == {device.kind for device in world.devices.values()}, shown
