# SPDX-License-Identifier: ISC
"""The judge of the endurance run, by lines as the observer would tell them; and the run itself, made short."""

import random
from collections import Counter

import pytest

from harness.folder import ShortFolder

from .account import Life, Resources
from .drive import Endurance
from .model import Model, Settings
from .windows import Windows
from .wire import Judge

pytestmark = pytest.mark.agent_only

# Its three rounds have a program that is killed, one that is paused, a link that flaps, a snmpd that is restarted, a
# core that is killed and files that are read anew.
SEED, ROUNDS, ROUTERS, SEGMENTS = "short-3672", 3, 96, 4
TOLERANCE = 4
EAST, WEST, VRID = 0, 1, 1


class Prompt:
    """A machine that is never late."""

    @staticmethod
    def ready(moment):
        return moment


@pytest.fixture
def told():
    """told(line, ...) has the judge hear lines of one router: east's priority is 200, west's 101; returns what it said.

    broken: (thing, begin, end), as in windows.py; interval: west's own, in centiseconds; group: its sync group;
    managed: when an interval of 1 s was set at west, instead of that.
    """
    def hear(*lines, broken=(), interval=100, group="", managed=0):
        said = []
        model = Model(random.Random(1), 8, 2)
        router = model.routers[0, 4, VRID]
        router.version, router.group, router.needs = 3, group, (0,)
        router.file = {"east": Settings(200), "west": Settings(101, interval)}
        if managed:
            router.manage("west", {"interval": 100}, managed)
        windows = Windows()
        for thing, begin, end in broken:
            windows.begin(thing, begin)
            windows.end(thing, end)
        judge = Judge(model, windows, Prompt, 0.5, lambda text, moment: said.append(text))
        for kind, *fields in lines:
            judge.told(kind, *fields)
        return said

    return hear


def begins(moment, port, priority, last=0.0, peer_last=0.0, peer_priority=0, peer_began=0.0, peer_interval=1.0):
    return "+", moment, port, 4, VRID, priority, 1.0, last, peer_last, peer_priority, peer_interval, peer_began


def ends(moment, port, began, peer_last, peer_began):
    return "-", moment, port, 4, VRID, 0, 1.0, began, peer_last, peer_began, 1.0


@pytest.mark.parametrize("after,peer_priority,complaint", [
    (3.7, 200, ""), (4.5, 200, "silent"), (0.7, 0, ""), (1.4, 0, "silent")])
def test_silence(told, after, peer_priority, complaint):
    """West takes over from east, in time or late, after silence and after priority 0."""
    said = told(begins(100 + after, WEST, 101, peer_last=100, peer_priority=peer_priority))
    assert len(said) == bool(complaint) and complaint in "".join(said)


def test_a_member_of_a_group_waits_anew(told):
    """Its time is up after 3.2 s, and another member has just heard the Active."""
    assert told(begins(106.8, WEST, 101, peer_last=100, peer_priority=200), group="G") == []
    assert len(told(begins(107.2, WEST, 101, peer_last=100, peer_priority=200), group="G")) == 1


def test_who_waits_the_least_is_waited_for(told):
    """West began earlier, and has the longer interval: it was not its turn yet."""
    began = (("host", "west"), 90, 100), (("host", "east"), 90, 102)
    east = begins(105.3, EAST, 200, peer_last=80, peer_priority=101)
    assert told(east, broken=began, interval=150) == []
    assert len(told(east, broken=began, interval=100)) == 1


def test_priority_0_that_was_not_heard(told):
    late = begins(103.7, WEST, 101, peer_last=100, peer_priority=0)
    assert told(late, broken=[(("split", 0), 99, 103)]) == []
    assert len(told(late)) == 1


def test_the_skew_is_of_the_interval_that_was_heard(told):
    """RFC 5798 6.1: who takes over has learned it, whatever its own is."""
    assert told(begins(101.8, WEST, 101, peer_last=100, peer_interval=3)) == []
    assert len(told(begins(102.4, WEST, 101, peer_last=100, peer_interval=3))) == 1


def test_an_interval_that_was_shortened_meanwhile(told):
    """West had waited by the longer one until then, and begins at once."""
    late = begins(105, WEST, 101, peer_last=90, peer_priority=200)
    down = (("host", "west"), 95, 100), (("host", "east"), 91, 130)
    assert told(late, broken=down, interval=150, managed=104.9) == []
    assert len(told(late, broken=down, interval=150, managed=99)) == 1
    assert len(told(late, broken=down, interval=100)) == 1


def test_silence_of_a_host_that_was_down_counts_from_its_start(told):
    late = begins(120, EAST, 200, peer_last=100, peer_priority=101)
    down = (("host", "east"), 90, 116.5), (("host", "west"), 100, 130)
    assert told(late, broken=down) == []
    assert len(told(late, broken=down[1:])) == 1


@pytest.mark.parametrize("priority,peer_began,broken,complaints", [
    (101, 50, (), 1), (201, 50, (), 0), (101, 99, (), 0), (101, 50, [(("split", 0), 98, 99)], 0)])
def test_rank(told, priority, peer_began, broken, complaints):
    """West begins while east is Active: worse or better, heard for long or not, by a path that is whole or was not."""
    said = told(begins(100.3, WEST, priority, peer_last=100, peer_priority=200, peer_began=peer_began), broken=broken)
    assert len(said) == complaints


@pytest.mark.parametrize("end,broken,complaints", [
    (101.4, (), 0), (102, (), 1), (102, [(("split", 0), 90, 101)], 0), (103, [(("split", 0), 90, 101)], 1)])
def test_overlap(told, end, broken, complaints):
    assert len(told(ends(end, WEST, 100, peer_last=end + 1, peer_began=50), broken=broken)) == complaints


def test_an_overlap_is_judged_once(told):
    """When the first of the two ends; long after, nobody knows any more what was broken."""
    split = [(("split", 0), 90, 104)]
    assert told(ends(102, EAST, 50, peer_last=101.9, peer_began=100), broken=split) == []
    assert told(ends(900, WEST, 100, peer_last=102, peer_began=50)) == []


def test_an_advertisement_of_nobody(told):
    assert told(("+", 100, EAST, 4, 77, 100, 1.0, 0.0, 0.0, 0, 0.0, 0.0)) != []


@pytest.mark.parametrize("sockets,more", [
    ([3] * 24, {}), ([3, 4] * 12, {}), ([3] * 18 + [4] * 6, {"udp": 1}), ([3] * 12 + list(range(3, 15)), {"udp": 5})])
def test_descriptors_that_stay(sockets, more):
    """Twelve samples are the second half, four of them its last third: what those all have, and the first four had not."""
    life = Life("a process", 1)
    life.samples = [(float(at), 100, Counter(udp=count, netlink=2)) for at, count in enumerate(sockets)]
    assert life.more() == more
    resources = Resources()
    resources.lives = [life]
    assert resources.judged() == [(life, sum(more.values()) > 1)]


@pytest.mark.parametrize("kib,bad", [(0, False), (40, False), (60, True)])
def test_memory_that_grows(kib, bad):
    """So much with each of 24 samples: half a megabyte in the second half is too much."""
    life = Life("a process", 1)
    life.samples = [(float(at), 1000 + kib * at, Counter()) for at in range(24)]
    resources = Resources()
    resources.lives = [life]
    assert resources.judged() == [(life, bad)]


def test_short(tmp_path):
    lines = []
    folder = ShortFolder(tmp_path / "files")
    run = Endurance(folder.path, SEED, ROUTERS, SEGMENTS, TOLERANCE, lines.append)
    try:
        run.start()
        for _ in range(ROUNDS):
            run.run_round()
        run.finish()
    finally:
        run.close()
        folder.close()
    assert run.violations == [], "\n".join(lines)
    assert run.judge.begun >= ROUTERS and run.counts["SETs"] >= 10
