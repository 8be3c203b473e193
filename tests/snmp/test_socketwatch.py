# SPDX-License-Identifier: ISC
"""agentx wakes when there is something to do: another master that takes the socket's place is heard of, and nobody
looks for it all the time."""

import os
import signal
import time

import pytest

from harness.wait import wait_for

QUIET = 6  # s
WAKES = 4 * QUIET  # a tenth of a second apart it would be more than twice as many
FILES = 600
BETWEEN = 0.003  # s
SOON = 2  # s; by looking alone it would take 5


@pytest.fixture
def place(world):
    """The folder of the socket, which holds nothing else."""
    folder = world.directory / "place"
    folder.mkdir()
    configuration = world.directory / "snmpd.conf"
    text = configuration.read_text()
    world.agentx_socket = folder / "agentx"
    configuration.write_text(text.replace(f"{world.directory}/agentx", str(world.agentx_socket)))
    return folder


def _wakes(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as stream:
        return sum(int(line.split()[1]) for line in stream if line.startswith("voluntary_ctxt_switches"))


def test_attached_it_sleeps(served):
    pid = int(served.tell("agentx pid"))
    before = _wakes(pid)
    until = time.monotonic() + QUIET
    wait_for(lambda: time.monotonic() > until, QUIET + 5, "a time in which nothing happens", poll=1)
    assert _wakes(pid) - before < WAKES


def _move(folder):
    os.rename(folder, f"{folder}.{os.stat(folder).st_ino}")


def _remove(folder):
    for name in os.listdir(folder):
        os.unlink(folder / name)
    os.rmdir(folder)


def test_a_busy_folder(place, served):
    """Files that come and go all the time wake nobody each time."""
    pid = int(served.tell("agentx pid"))
    before = _wakes(pid)
    for number in range(FILES):
        (place / f"file{number}").touch()
        time.sleep(BETWEEN)
    assert _wakes(pid) - before < FILES / 4


@pytest.mark.parametrize("away", [_move, _remove])
def test_the_folder_is_replaced(place, served, world, away):
    """Twice: each time the new one is the one that is watched from then on."""
    for number in range(2):
        world.snmpd.signal(signal.SIGSTOP)
        stopped = world.snmpd
        away(place)
        place.mkdir()
        world.start_snmpd(port=1163 + number)
        began = time.monotonic()
        wait_for(lambda: served.log().count("another one has taken its place") > number, 10, served.log)
        wait_for(lambda: served.log().count("attached to the AgentX master") > number + 1, 10, served.log)
        assert time.monotonic() - began < SOON
        stopped.kill()
    assert served.broken_promises() == 0
