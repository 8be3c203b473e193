# SPDX-License-Identifier: ISC
"""What systemd is told: READY, STATUS, RELOADING, WATCHDOG, STOPPING."""

import os
import signal
import time

import pytest

from harness.config import Instance, configuration
from harness.frame import Advert
from harness.notify import NotifySocket
from harness.wait import observe, wait_for

pytestmark = pytest.mark.agent_only

ONE = Instance("one", 83, ("198.51.100.1/24",), interval=0.2)
TWO = Instance("two", 84, ("198.51.100.2/24",), interval=0.2)
WATCHDOG_USEC = 1_000_000


@pytest.fixture
def notify(folder, ended):
    return ended(NotifySocket(folder, WATCHDOG_USEC))


def read(path):
    with open(path, encoding="utf-8") as stream:
        return stream.read()


@pytest.fixture
def device(network, devices, dut_kind, notify):
    made = devices(dut_kind, network.host("ours"))
    made.environment.update(notify.environment)
    return made


def test_ready_status_and_stopping(network, device, notify):
    capture = network.capture()
    device.start(configuration([ONE, TWO]))
    ready = notify.wait("READY", "1")
    capture.wait_advert(10, host="ours", vrid=TWO.vrid)
    wait_for(lambda: any(text.startswith("2 active") for text in notify.values("STATUS")), 5, "STATUS with both")
    status = notify.values("STATUS")
    device.stop()
    stopping = notify.wait("STOPPING", "1")
    assert len(notify.times("READY")) == 1
    assert ready < stopping
    assert "2 active, 0 backup, 0 fault, 0 initialize" in status


def test_status_counts_follow_the_states(network, device, notify):
    capture = network.capture()
    device.start(configuration([ONE, TWO]))
    capture.wait_advert(10, host="ours", vrid=TWO.vrid)
    notify.wait("READY", "1")
    wait_for(lambda: notify.values("STATUS")[-1].startswith("2 active, 0 backup"), 5, "both counted as Active")
    tester = network.host("tester", addresses=())
    frame = Advert(vrid=ONE.vrid, source="192.0.2.99", addresses=("198.51.100.1",), interval=20)
    tester.send(frame.frames())
    wait_for(lambda: any(text.startswith("1 active, 1 backup") for text in notify.values("STATUS")), 5,
             lambda: f"the transition in {notify.values('STATUS')}")


def test_reload_is_announced(network, device, notify):
    capture = network.capture()
    device.start(configuration([ONE]))
    notify.wait("READY", "1")
    capture.wait_advert(10, host="ours", vrid=ONE.vrid)
    asked = time.monotonic()
    device.configure(configuration([ONE, TWO]))
    device.reload()
    reloading = notify.wait("RELOADING", "1", since=asked)
    ready = notify.wait("READY", "1", since=reloading)
    assert ready >= reloading
    stamps = [int(fields["MONOTONIC_USEC"]) / 1e6 for _, fields in notify.messages if "RELOADING" in fields]
    assert asked - 0.1 <= stamps[0] <= reloading + 0.1
    capture.wait_advert(10, host="ours", vrid=TWO.vrid)


def test_stop_asks_for_the_time_of_its_scripts(network, device, notify, folder):
    """It waits for notify_stop as long as any script has, and says to systemd how long each step may take."""
    capture, told, go = network.capture(), f"{folder}/told", f"{folder}/go"
    script = f"{folder}/script"
    with open(script, "w", encoding="utf-8") as stream:
        stream.write(f'#!/bin/sh\necho "begin $1" >> {told}\nwhile [ ! -e {go} ]; do sleep 0.1; done\necho "end $1" >> {told}\n')
    os.chmod(script, 0o755)
    os.chmod(folder, 0o777)
    device.start(configuration([ONE.but(extra=(f'notify_stop "{script} stop" nobody',))],
                               (f'shutdown_script "{script} shutdown" nobody', "shutdown_script_timeout 40")))
    notify.wait("READY", "1")
    capture.wait_advert(10, host="ours", vrid=ONE.vrid)
    device.process.signal(signal.SIGTERM)
    wait_for(lambda: os.path.exists(told), 10, "the script")
    since = time.monotonic()
    observe(8, "its end, or the program's", lambda: not device.process.alive() or "shutdown" in read(told))
    fed = [since, *notify.times("WATCHDOG", "1", since), time.monotonic()]
    assert max(later - earlier for earlier, later in zip(fed, fed[1:])) < WATCHDOG_USEC / 1e6
    with open(go, "w", encoding="utf-8"):
        pass
    assert device.process.wait_exit(20) == 0
    assert read(told).splitlines() == ["begin stop", "end stop", "begin shutdown", "end shutdown"], device.log()[-2000:]
    asked = [int(each) / 1e6 for each in notify.values("EXTEND_TIMEOUT_USEC")]
    assert asked and asked[0] < 20, "until the addresses are gone"
    assert 62 + 42 < asked[-1] < 62 + 42 + 15, asked


def test_watchdog_is_fed_and_falls_silent(device, notify):
    """Fed at least every half of the interval; not any more once the program is stopped."""
    device.start(configuration([ONE]))
    notify.wait("READY", "1")
    since = time.monotonic()
    observe(3 * WATCHDOG_USEC / 1e6, "three watchdog intervals of an ordinary run")
    fed = [since, *notify.times("WATCHDOG", "1", since), time.monotonic()]
    assert max(later - earlier for earlier, later in zip(fed, fed[1:])) < WATCHDOG_USEC / 1e6
    device.process.signal(signal.SIGSTOP)
    observe(0.2, "messages that were on their way when the program was stopped")
    stopped = time.monotonic()
    observe(2 * WATCHDOG_USEC / 1e6, "keep-alives of a program that is stopped",
            lambda: notify.times("WATCHDOG", since=stopped))
    device.process.signal(signal.SIGCONT)
    notify.wait("WATCHDOG", "1", since=stopped, timeout=5)
