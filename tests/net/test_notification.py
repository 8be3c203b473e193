# SPDX-License-Identifier: ISC
"""Who is told what happens: the same scenario on keepalived and on vrrp-agent, and what only one of them promises."""

import os
import pwd
import stat

import pytest

from harness.bench import TESTER
from harness.config import Instance, configuration
from harness.device import KINDS
from harness.frame import Advert
from harness.wait import wait_for

# One write for each run: those of several instances are side by side.
SCRIPT = """#!/bin/sh
line="$(id -un) "
for word in "$@"; do line="$line<$word>"; done
echo "$line" >> FILE
"""
EVENTS = ("master", "backup", "fault", "stop", "deleted", "master_rx_lower_pri")


class Told:
    """What one device's scripts and its FIFO were told."""

    def __init__(self, folder, name):
        os.chmod(folder, 0o755)
        self.runs = os.path.join(folder, f"{name}.runs")
        self.fifo = os.path.join(folder, f"{name}.fifo")
        self.script = os.path.join(folder, f"{name}.sh")
        self._text = b""
        self._fd = -1
        with open(self.script, "w", encoding="utf-8") as stream:
            stream.write(SCRIPT.replace("FILE", self.runs))
        os.chmod(self.script, 0o755)
        with open(self.runs, "w", encoding="utf-8"):
            os.chmod(self.runs, 0o666)

    def words(self, events=EVENTS):
        """Each with an argument that has a space; the general one last."""
        lines = [f'notify_{event} "{self.script} \'is {event}\' now" nobody' for event in events]
        return (*lines, f'notify "{self.script} any" nobody')

    def make_fifo(self):
        os.mkfifo(self.fifo, 0o600)
        self.open()

    def open(self):
        self._fd = os.open(self.fifo, os.O_RDONLY | os.O_NONBLOCK)

    def lines(self):
        """All that came out of the FIFO so far."""
        try:
            while octets := os.read(self._fd, 65536):
                self._text += octets
        except BlockingIOError:
            pass
        return self._text.decode().splitlines()

    def ran(self, word=""):
        with open(self.runs, encoding="utf-8") as stream:
            return [line for line in stream.read().splitlines() if word in line]

    def close(self):
        if self._fd >= 0:
            os.close(self._fd)


@pytest.fixture
def told(folder, ended):
    return lambda name: ended(Told(folder, name))


class Run:
    """A device with its own VRIDs: names are the same everywhere, so what is told can be compared."""

    def __init__(self, device, told, vrid):
        self.device, self.told, self.vrid = device, told, vrid
        self.instances = [
            Instance("VI_1", vrid, (f"198.51.100.{vrid}/24",), interval=0.3,
                     extra=(*told.words(EVENTS[:4] + EVENTS[5:]), "track_interface {", "eth1 weight 20", "}")),
            Instance("VI_2", vrid + 1, (f"198.51.100.{vrid + 1}/24",), interval=0.3, extra=told.words()),
            Instance("VI_3", vrid + 2, (f"198.51.100.{vrid + 2}/24",), interval=0.3,
                     extra=told.words(EVENTS[:4])),
        ]

    def configuration(self, count=3):
        return configuration(self.instances[:count], (
            "script_user nobody", "enable_script_security", f"vrrp_notify_fifo {self.told.fifo}",
            "vrrp_notify_priority_changes on"))

    def frame(self, priority):
        return Advert(vrid=self.vrid, source=TESTER[4], addresses=(f"198.51.100.{self.vrid}",), interval=30,
                      priority=priority).frames()

    def of(self, name):
        return [line.split()[2:] for line in self.told.lines() if f'"{name}"' in line]


def test_as_keepalived(network, devices, told):
    """The FIFO's lines of each instance, and who was run with which arguments, are the same on both."""
    runs = []
    for number, kind in enumerate(KINDS.values()):
        host = network.host(kind.kind)
        host.add_interface("eth1", up=False)
        run = Run(devices(kind, host), told(kind.kind), 10 + 10 * number)
        run.told.make_fifo()
        run.device.start(run.configuration())
        runs.append(run)
    tester = network.host("tester", addresses=())

    def wait(name, *words):
        for run in runs:
            wait_for(lambda run=run: run.of(name)[-1:] == [list(words)], 20, lambda run=run: (
                f"{name} {words} of {run.device.kind}: {run.told.lines()}\n{run.device.log()[-2000:]}"))

    def link(interface, state):
        for run in runs:
            run.device.host.ip("link", "set", interface, state)

    for name in ("VI_1", "VI_2", "VI_3"):
        wait(name, "MASTER", "100")
    link("eth1", "up")
    wait("VI_1", "MASTER_PRIORITY", "120")
    link("eth1", "down")
    wait("VI_1", "MASTER_PRIORITY", "100")
    for run in runs:
        tester.send(run.frame(10))
    wait("VI_1", "MASTER_RX_LOWER_PRI", "100")
    for run in runs:
        tester.send(run.frame(200))
    wait("VI_1", "MASTER", "100")
    link("eth0", "down")
    wait("VI_3", "FAULT", "100")
    link("eth0", "up")
    for name in ("VI_1", "VI_2", "VI_3"):
        wait(name, "MASTER", "100")
    for run in runs:
        run.device.configure(run.configuration(1))
        run.device.reload()
    wait("VI_2", "DELETED", "100")
    wait("VI_3", "FAULT", "100")
    for run in runs:
        run.device.stop()
    wait("VI_1", "STOP", "100")

    theirs, ours = runs
    for name in ("VI_1", "VI_2", "VI_3"):
        assert ours.of(name) == theirs.of(name), name
    assert sorted(ours.told.ran()) == sorted(theirs.told.ran())
    assert len(ours.told.ran("<is deleted><now>")) == 1
    # Ours alone are in order: each specific script before the general one of the same transition.
    general = [line.split("<")[-2].rstrip(">") for line in ours.told.ran("<any><INSTANCE><VI_1>")]
    assert general == ["BACKUP", "MASTER", "BACKUP", "MASTER", "FAULT", "BACKUP", "MASTER", "STOP"]


class GroupRun(Run):
    """The same with two of its instances in a group that has scripts of its own; theirs have none."""

    def configuration(self, count=2):
        members = [each.but(extra=()) for each in self.instances[:count]]
        words = "".join(f"    {word}\n" for word in self.told.words(EVENTS[:4]))
        inside = "".join(f"        {each.name}\n" for each in members)
        return configuration(members, (
            "script_user nobody", "enable_script_security", f"vrrp_notify_fifo {self.told.fifo}"),
            f"vrrp_sync_group G {{\n    group {{\n{inside}    }}\n{words}}}\n")


def test_group_as_keepalived(network, devices, told):
    """Scripts and FIFO lines of a sync group: the same on both, with their arguments."""
    runs = []
    for number, kind in enumerate(KINDS.values()):
        host = network.host(kind.kind)
        run = GroupRun(devices(kind, host), told(kind.kind), 50 + 10 * number)
        run.told.make_fifo()
        run.device.start(run.configuration())
        runs.append(run)

    def wait(state):
        for run in runs:
            wait_for(lambda run=run: run.of("G")[-1:] == [[state, "0"]], 20, lambda run=run: (
                f"{state} of {run.device.kind}: {run.told.lines()}\n{run.device.log()[-2000:]}"))

    wait("MASTER")
    for state in ("down", "up"):
        for run in runs:
            run.device.host.ip("link", "set", "eth0", state)
        wait({"down": "FAULT", "up": "MASTER"}[state])
    for run in runs:
        run.device.stop()
    wait("STOP")
    theirs, ours = runs
    assert ours.of("G") == theirs.of("G")
    assert sorted(ours.told.ran()) == sorted(theirs.told.ran())
    assert ours.told.ran("<any><GROUP><G><MASTER><0>")


READER = """#!/bin/sh
echo "$(id -un) $*" >> FILE
for path; do :; done
while read line; do echo "$line" >> FILE; done < "$path"
echo end >> FILE
"""


@pytest.mark.agent_only
def test_fifo_and_its_reader(network, devices, dut_kind, folder, told):
    """The FIFO is made as its user's, its reader hears all to the last line, a killed check repeats nothing."""
    output = told("reader")
    with open(output.script, "w", encoding="utf-8") as stream:
        stream.write(READER.replace("FILE", output.runs))
    path = os.path.join(folder, "made")
    words = (f"notify_fifo {path} nobody", f'notify_fifo_script "{output.script} \'an argument\'" nobody',
             "fifo_write_vrrp_states_on_reload")
    text = configuration([Instance("VI_1", 30, ("198.51.100.1/24",), interval=0.1)], words)
    device = devices(dut_kind, network.host("ours"))
    device.start(text)
    wait_for(lambda: output.ran('"VI_1" MASTER 100'), 15, lambda: f"{output.ran()}\n{device.log()[-2000:]}")
    state = os.stat(path)
    assert stat.S_ISFIFO(state.st_mode) and stat.S_IMODE(state.st_mode) == 0o600
    assert state.st_uid == pwd.getpwnam("nobody").pw_uid
    device.reload()
    wait_for(lambda: len(output.ran("MASTER")) == 2, 15, lambda: f"the state after a reload: {output.ran()}")
    killed = device.role("check")
    os.kill(killed, 9)
    wait_for(lambda: device.role("check") not in (None, killed), 15, "another check process")
    wait_for(lambda: len(output.ran("an argument")) == 2, 15, lambda: (
        f"the reader's second life: {output.ran()}\n{device.log()[-2000:]}"))
    for state, word in (("down", "FAULT"), ("up", "BACKUP")):
        device.host.ip("link", "set", "eth0", state)
        wait_for(lambda word=word: output.ran(word)[-1:] == [f'INSTANCE "VI_1" {word} 100'], 15, word)
    wait_for(lambda: len(output.ran("MASTER")) == 3, 15, lambda: f"the last takeover: {output.ran()}\n{device.log()[-2000:]}")
    device.stop()
    # It may have seen the end of the file when check was killed, before it was killed itself.
    assert output.ran()[-1] == "end"
    assert [line for line in output.ran() if line != "end"] == [
        f"nobody an argument {path}", 'INSTANCE "VI_1" BACKUP 100', 'INSTANCE "VI_1" MASTER 100',
        'INSTANCE "VI_1" MASTER 100', f"nobody an argument {path}", 'INSTANCE "VI_1" FAULT 100',
        'INSTANCE "VI_1" BACKUP 100', 'INSTANCE "VI_1" MASTER 100', 'INSTANCE "VI_1" STOP 100']
    assert not os.path.exists(path)


@pytest.mark.agent_only
def test_reader_that_comes_late(network, devices, dut_kind, told):
    """Thousands of lines wait for a reader: nothing is blocked, lost or out of order."""
    late = told("late")
    instances = [Instance(f"VI_{vrid}", vrid, (f"198.51.{vrid}.1/24",), interval=0.5) for vrid in range(1, 251)]
    device = devices(dut_kind, network.host("ours"))
    device.start(configuration(instances, (f"vrrp_notify_fifo {late.fifo}",)))

    def states(name):
        return lambda: device.show()["states"].get(name) == 250

    wait_for(lambda: "198.51.250.1" in device.host.held(), 30, lambda: device.log()[-2000:])
    wait_for(states("active"), 30, lambda: device.log()[-2000:])
    rounds = 5
    for _ in range(rounds):
        device.host.ip("link", "set", "eth0", "down")
        wait_for(states("fault"), 30, lambda: device.log()[-2000:])
        device.host.ip("link", "set", "eth0", "up")
        wait_for(states("active"), 30, lambda: device.log()[-2000:])
    late.open()
    wanted = 250 * (2 + 3 * rounds)
    wait_for(lambda: len(late.lines()) >= wanted, 30, lambda: f"{len(late.lines())} of {wanted} lines")
    assert len(late.lines()) == wanted
    for vrid in range(1, 251):
        words = [line.split()[2] for line in late.lines() if f'"VI_{vrid}"' in line]
        assert words == ["BACKUP", "MASTER"] + ["FAULT", "BACKUP", "MASTER"] * rounds
    counts = device.show()["fifos"][0]
    assert (counts["lines_written"], counts["events_lost"]) == (wanted, 0)


@pytest.mark.agent_only
def test_start_and_end(network, devices, dut_kind, told):
    """The routers wait for startup_script; shutdown_script, which hangs, delays the end and no address."""
    hook = told("hook")
    with open(hook.script, "w", encoding="utf-8") as stream:
        stream.write(f"""#!/bin/sh
echo "begin $*" >> {hook.runs}
while [ -e {hook.runs}.$1 ]; do sleep 0.1; done
echo "end $*" >> {hook.runs}
""")
    for word in ("startup", "shutdown"):
        with open(f"{hook.runs}.{word}", "w", encoding="utf-8"):
            pass
    words = [f'{word}_script "{hook.script} {word} \'two words\'" nobody' for word in ("startup", "shutdown")]
    host = network.host("ours")
    device = devices(dut_kind, host)
    device.start(configuration([Instance("VI_1", 40, ("198.51.100.1/24",), interval=0.1)],
                               (*words, "startup_script_timeout 60", "shutdown_script_timeout 2")))
    wait_for(lambda: hook.ran("begin startup two words"), 15, lambda: device.log()[-2000:])
    assert device.show()["states"]["initialize"] == 1
    killed = device.role("check")
    os.kill(killed, 9)
    wait_for(lambda: len(hook.ran("begin startup")) == 2, 15, "the script is run again")
    assert device.show()["states"]["initialize"] == 1
    os.unlink(f"{hook.runs}.startup")
    wait_for(lambda: "198.51.100.1" in host.held(), 15, lambda: device.log()[-2000:])
    assert hook.ran("end startup two words")
    device.process.signal(15)
    wait_for(lambda: hook.ran("begin shutdown two words"), 15, "the script at the end")
    assert device.process.alive() and "198.51.100.1" not in host.held()
    device.stop()
    assert not hook.ran("end shutdown") and "was ended after 2000 ms" in device.log()
