# SPDX-License-Identifier: ISC
"""The supervisor in bad moments: core ends in the middle of a reload or of the first start; it is held up itself."""

import os
import signal
import time

import pytest

from harness.config import Instance, configuration
from harness.notify import NotifySocket
from harness.wait import observe, wait_for

pytestmark = pytest.mark.agent_only

ONE = Instance("one", 85, ("198.51.100.1/24",), interval=0.2)
TWO = Instance("two", 86, ("198.51.100.2/24",), interval=0.2)
PROMISED = 1.0  # seconds to the next sign of life, LIFELINE_WITHIN_MS
OWNER = ONE.but(priority=255)


@pytest.fixture
def notify(folder, ended):
    return ended(NotifySocket(folder))


@pytest.fixture
def device(network, devices, dut_kind, notify):
    made = devices(dut_kind, network.host("ours"))
    made.environment.update(notify.environment)
    return made


def test_reload_is_done_by_the_next_core(network, device, notify):
    """Whoever waits for the end of a reload that core took with it would wait for ever."""
    capture = network.capture()
    device.start(configuration([ONE]))
    notify.wait("READY", "1")
    core = device.role("core")
    os.kill(core, signal.SIGSTOP)
    asked = time.monotonic()
    device.configure(configuration([ONE, TWO]))
    device.reload()
    reloading = notify.wait("RELOADING", "1", since=asked)
    os.kill(core, signal.SIGKILL)
    notify.wait("READY", "1", since=reloading)
    capture.wait_advert(10, host="ours", vrid=TWO.vrid)
    assert device.role("core") not in (None, core)


def test_start_that_fails_late_leaves_no_address(network, device):
    """The owner is Active at once; then the control socket can't be made, and core gives up."""
    capture = network.capture()
    os.makedirs(os.path.join(device.run_dir, "control.sock", "in the way"))
    device.start(configuration([OWNER]))
    wait_for(lambda: not device.process.alive(), 10, "the end of the program")
    assert device.process.returncode != 0
    assert "control socket" in device.log()
    capture.wait_advert(5, host="ours", vrid=OWNER.vrid, priority=0)
    adverts = capture.adverts("ours", OWNER.vrid)
    assert adverts[0].priority == 255, "the router was Active meanwhile"
    assert adverts[-1].priority == 0
    assert not device.host.has("198.51.100.1")


def test_supervisor_that_was_stopped_keeps_its_children(device, notify):
    """Their signs of life have come meanwhile; only nobody had read them."""
    device.start(configuration([ONE]))
    notify.wait("READY", "1")
    roles = {role: wait_for(lambda role=role: device.role(role), 5, role) for role in ("core", "check")}
    device.process.signal(signal.SIGSTOP)
    observe(PROMISED + 1, "the time in which the children's promises run out")
    device.process.signal(signal.SIGCONT)
    observe(PROMISED + 1, "another child in the place of one that was never silent",
            lambda: [role for role, pid in roles.items() if device.role(role) != pid])
    assert "no sign of life" not in device.log()
