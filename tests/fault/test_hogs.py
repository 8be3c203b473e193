# SPDX-License-Identifier: ISC
"""Programs that want every processor for themselves: no Backup takes over from an Active that is alive."""

import os
import sys

import pytest

from harness.config import Instance
from harness.pair import Pair, Side
from harness.process import Process
from harness.wait import observe, wait_for

pytestmark = [pytest.mark.agent_only, pytest.mark.timing]

SECONDS = float(os.environ.get("FAULT_SECONDS", "20"))
INTERVAL = 0.1
INSTANCE = Instance("one", 90, ("198.51.100.1/24",), interval=INTERVAL)


@pytest.fixture
def pair(network, devices, dut_kind):
    """Both are of the program under test: the Active must not be late and the Backup not too early."""
    made = Pair(network.capture(), *(
        Side(devices(dut_kind, network.host(name), name), INSTANCE.but(priority=priority))
        for name, priority in (("ours", 150), ("theirs", 100))))
    made.settle()
    return made


@pytest.fixture
def hogs(folder, ended):
    """hogs() starts two for each processor, of ordinary priority."""
    def start():
        return [ended(Process([sys.executable, "-c", "while True: pass"], os.path.join(str(folder), f"hog{number}")))
                for number in range(2 * (os.cpu_count() or 1))]

    return start


def _used(process):
    with open(f"/proc/{process.pid}/stat", encoding="utf-8") as stream:
        return int(stream.read().rpartition(")")[2].split()[11])


def _transitions(pair):
    return [side.device.show()["routers"][0]["counters"]["transitions"] for side in (pair.active, pair.backup)]


def test_no_false_takeover(pair, hogs):
    before = _transitions(pair)
    running = hogs()
    wait_for(lambda: all(map(_used, running)), 10, "hogs that run")
    since = pair.capture.last_time()
    observe(SECONDS, "a takeover from an Active that lives", lambda: pair.adverts(pair.backup, since))
    assert all(hog.alive() for hog in running)
    assert len(pair.adverts(pair.active, since)) >= 0.9 * SECONDS / INTERVAL
    assert pair.active.holds_addresses() and pair.backup.holds_none()
    assert _transitions(pair) == before
