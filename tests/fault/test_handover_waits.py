# SPDX-License-Identifier: ISC
"""vrrp_keep_on_restart while the applier waits for the kernel: the engine advertises and hears until the applier is done."""

import os
import signal
import time

import pytest

from harness.config import Instance, configuration
from harness.hold import hold, is_held, thread_of
from harness.notify import NotifySocket
from harness.wait import observe, wait_for

pytestmark = pytest.mark.agent_only

KEEP = ("vrrp_keep_on_restart",)
WAITS = 7  # seconds; a Backup of INSTANCE takes over after 1
INSTANCE = Instance("one", 94, ("198.51.100.1/24", "192.0.2.200/32"), interval=0.3)
STRANGER = "203.0.113.7"
WATCHDOG_USEC = 2_000_000


@pytest.fixture
def ours(network, capture, devices, dut_kind):
    return devices(dut_kind, network.host("ours"))


@pytest.fixture
def theirs(network, devices, peer_kind):
    return devices(peer_kind, network.host("theirs"))


def settle(capture, device, host):
    capture.wait_advert(20, host=host, vrid=INSTANCE.vrid)
    wait_for(lambda: holds(device), 10, "the addresses")


def holds(device):
    return {address.split("/")[0] for address in INSTANCE.addresses} <= device.host.held()


@pytest.fixture
def leave(folder, ended, need):
    """leave(device): the applier waits, and the program has come to the point of stopping its threads."""
    need("strace")

    def begin(device):
        applier, core = thread_of(device.pid, "applier"), device.role("core")
        ended(hold(applier, "recvmsg", WAITS, folder))
        device.host.ip("addr", "add", f"{STRANGER}/32", "dev", "lo")  # news, which it is to read
        wait_for(lambda: is_held(applier), 10, "the applier's wait")
        device.process.signal(signal.SIGUSR2)
        wait_for(lambda: core != device.role("core") and device.role("check") is None, 20, "the end of the others")
        assert os.path.exists(f"/proc/{device.pid}/task/{applier}") and not is_replaced(device)

    return begin


def is_replaced(device):
    return "going on where the former program stopped" in device.log()


def wait_replaced(device):
    wait_for(lambda: is_replaced(device), WAITS + 20, lambda: f"the successor's message in\n{device.log()[-2000:]}")


def test_no_advertisement_is_missed(capture, ours, theirs, leave):
    ours.start(configuration([INSTANCE.but(priority=150)], KEEP))
    settle(capture, ours, "ours")
    theirs.start(configuration([INSTANCE]))
    observe(2, "keepalived's start")
    since = capture.last_time()
    leave(ours)
    wait_replaced(ours)
    capture.wait_advert(10, host="ours", vrid=INSTANCE.vrid, since=capture.last_time() + INSTANCE.interval)
    seen = capture.adverts("ours", INSTANCE.vrid, since=since)
    silence = max(later.time - earlier.time for earlier, later in zip(seen, seen[1:]))
    print(f"silent for {silence:.3f} s")
    assert not capture.adverts("theirs", INSTANCE.vrid, since=since), f"taken over after {silence:.3f} s"
    assert silence < 3 * INSTANCE.interval, f"silent for {silence:.3f} s"
    assert holds(ours)


def test_watchdog_is_fed(capture, ours, leave, folder, ended):
    """Systemd would take a program that waits for that lock for one that hangs, and kill it."""
    notify = ended(NotifySocket(folder, WATCHDOG_USEC))
    ours.environment.update(notify.environment)
    ours.start(configuration([INSTANCE], KEEP))
    settle(capture, ours, "ours")
    leave(ours)
    since = time.monotonic()
    wait_replaced(ours)
    fed = [since, *notify.times("WATCHDOG", "1", since), time.monotonic()]
    assert fed[-1] - since > 2 * WATCHDOG_USEC / 1e6
    assert max(later - earlier for earlier, later in zip(fed, fed[1:])) < WATCHDOG_USEC / 1e6


def test_takeover_is_in_time(capture, ours, theirs, leave):
    """The addresses come with the successor, whose applier does not wait, and are announced."""
    theirs.start(configuration([INSTANCE.but(priority=150)]))
    settle(capture, theirs, "theirs")
    ours.start(configuration([INSTANCE], KEEP))
    wait_for(lambda: "1 virtual router(s) in force" in ours.log(), 10, ours.log)
    observe(1, "the start of a Backup", lambda: capture.adverts("ours"))
    leave(ours)
    since = capture.last_time()
    theirs.kill()
    taken = capture.wait_advert(10, host="ours", vrid=INSTANCE.vrid, since=since)
    assert not is_replaced(ours) and not holds(ours)
    assert taken.time - capture.adverts("theirs", INSTANCE.vrid)[-1].time < 4 * INSTANCE.interval + 0.3
    wait_replaced(ours)
    wait_for(lambda: holds(ours), 10, "the addresses")
    for address in INSTANCE.addresses:
        wait_for(lambda address=address: [each for each in capture.arps("ours", since)
                                          if each.target == address.split("/")[0]], 5, f"the announcement of {address}")
    wait_for(lambda: ours.control("show", check=False).returncode == 0, 10, "an answer to vrrpctl")
    assert ours.show()["routers"][0]["state"] == "active"


def test_addresses_are_given_up(capture, ours, theirs, leave):
    """A better router appears meanwhile: the successor removes what it was left."""
    ours.start(configuration([INSTANCE], KEEP))
    settle(capture, ours, "ours")
    leave(ours)
    theirs.start(configuration([INSTANCE.but(priority=150)]))
    since = capture.wait_advert(10, host="theirs", vrid=INSTANCE.vrid).time
    observe(3 * INSTANCE.interval, "an advertisement of the lower one",
            lambda: capture.adverts("ours", INSTANCE.vrid, since=since + INSTANCE.interval))
    assert not is_replaced(ours) and holds(ours)
    wait_replaced(ours)
    wait_for(lambda: not ours.host.held() & {address.split("/")[0] for address in INSTANCE.addresses}, 10,
             "the addresses' end")
    assert not capture.adverts("ours", INSTANCE.vrid, since=since + INSTANCE.interval)
    assert STRANGER in ours.host.held()
