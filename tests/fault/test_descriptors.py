# SPDX-License-Identifier: ISC
"""Out of descriptors, or too many clients: VRRP does not notice, nothing spins, and whoever asks is told."""

import contextlib
import os
import resource
import signal
import socket

import pytest

from harness.config import Instance, configuration
from harness.rhythm import assert_rhythm
from harness.wait import observe, wait_for

pytestmark = pytest.mark.agent_only

INTERVAL = 0.1
LATE = 0.15
INSTANCE = Instance("one", 87, ("198.51.100.1/24",), interval=INTERVAL)
CLIENTS = 32
CLIENT_SECONDS = 10  # the agent drops a client that says nothing


@pytest.fixture
def pair(snmp_pair):
    made = snmp_pair(INSTANCE)
    wait_for(lambda: made.active.device.control("show", check=False).returncode == 0, 10, "an answer to vrrpctl")
    return made


def _check_untouched(pair, since):
    wait_for(lambda: len(pair.adverts(pair.active, since)) >= 5, 10, "its advertisements")
    assert not pair.adverts(pair.backup, since), "a takeover"
    assert_rhythm(pair.adverts(pair.active, since), INTERVAL, LATE, pair.capture.last_time())
    assert pair.active.holds_addresses()


@contextlib.contextmanager
def _no_more_descriptors(pids):
    """None of the processes can open another; what they have stays open."""
    before = {pid: resource.prlimit(pid, resource.RLIMIT_NOFILE) for pid in pids}
    for pid, (_, hard) in before.items():
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (0, hard))
    try:
        yield
    finally:
        for pid, limits in before.items():
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)


def _cpu(pid):
    """Seconds of processor time so far."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as stream:
        fields = stream.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _connected(device):
    client = socket.socket(socket.AF_UNIX)
    client.connect(f"{device.run_dir}/control.sock")
    return client


def _all(device):
    return [device.pid, *(device.role(role) for role in ("core", "agentx", "check"))]


def test_no_descriptors(pair):
    """Of no process of the program. Who connects meanwhile is answered when there are some again."""
    device = pair.active.device
    core = device.role("core")
    since = pair.capture.last_time()
    with contextlib.ExitStack() as opened, _no_more_descriptors(_all(device)):
        client = opened.enter_context(_connected(device))
        client.settimeout(20)
        wait_for(lambda: "lets nobody in: Too many open files" in device.log(), 10, "the reason in the log")
        used = _cpu(core)
        observe(3, "an effect on VRRP", lambda: pair.adverts(pair.backup, since))
        assert _cpu(core) - used < 1, "core spins"
        assert device.log().count("lets nobody in") == 1
        opened.pop_all()
    with client:
        client.sendall(b'{"command":"show"}\n')
        assert client.recv(1) == b"{"
    assert device.show()["routers"][0]["state"] == "active"
    assert device.role("core") == core
    _check_untouched(pair, since)


def test_reload_without_descriptors(pair):
    """The configuration can't get to the engine: that is said at once, and is over when there are some again."""
    device = pair.active.device
    since = pair.capture.last_time()
    device.configure(configuration([pair.active.instance.but(priority=151)]))
    with _no_more_descriptors([device.pid]):
        refused = device.control("config", "reload", check=False)
        assert refused.returncode == 1
        assert "Too many open files" in refused.stdout + refused.stderr
        observe(1, "an effect on VRRP", lambda: pair.adverts(pair.backup, since))
    _check_untouched(pair, since)
    wait_for(lambda: device.control("config", "reload", check=False).returncode == 0, 10, "the same reload")
    pair.capture.wait_advert(10, host="ours", vrid=INSTANCE.vrid, priority=151)
    device.control("set", "one", "priority", "152")
    pair.capture.wait_advert(10, host="ours", vrid=INSTANCE.vrid, priority=152)


def test_reload_that_was_refused_twice(pair):
    """Nor does the second one take effect later, when there are descriptors again: whoever asked was told no."""
    device = pair.active.device
    since = pair.capture.last_time()
    device.configure(configuration([pair.active.instance.but(priority=151)]))
    with _no_more_descriptors([device.pid]):
        for _ in range(2):
            refused = device.control("config", "reload", check=False)
            assert refused.returncode == 1 and "Too many open files" in refused.stdout + refused.stderr, refused
    wait_for(lambda: device.control("set", "one", "preempt_delay", "1", check=False).returncode == 0, 10, "a change")
    assert device.show()["routers"][0]["priority"] == pair.active.instance.priority
    _check_untouched(pair, since)


def test_reload_that_nobody_waits_for(alone):
    """Whoever asked has gone before it could begin: it doesn't, when the engine goes on."""
    one = Instance("one", 87, ("198.51.100.1/24",), priority=150, interval=0.1)
    alone.start(configuration([one]))
    wait_for(lambda: alone.host.has("198.51.100.1"), 20, alone.log)
    alone.configure(configuration([one.but(priority=151)]))
    os.kill(alone.pid, signal.SIGSTOP)
    try:
        refused = alone.control("config", "reload", check=False)
        assert refused.returncode == 1 and "did not answer" in refused.stderr, refused
        with _connected(alone) as client:
            client.sendall(b'{"command":"reload"}\n')
            alone.control("show")
    finally:
        os.kill(alone.pid, signal.SIGCONT)
    wait_for(lambda: alone.control("set", "one", "preempt_delay", "1", check=False).returncode == 0, 20, "a change")
    assert alone.show()["routers"][0]["priority"] == one.priority


def test_no_descriptors_while_children_die(pair):
    """Nothing can be put in their place until there are descriptors again; VRRP goes on without."""
    device = pair.active.device
    since = pair.capture.last_time()
    old = {role: device.role(role) for role in ("core", "agentx", "check")}
    with _no_more_descriptors([device.pid]):
        for pid in old.values():
            os.kill(pid, 9)
        observe(3, "an effect on VRRP", lambda: pair.adverts(pair.backup, since))
    for role, pid in old.items():
        wait_for(lambda role=role, pid=pid: device.role(role) not in (None, pid), 60, f"another {role}")
    wait_for(lambda: device.control("show", check=False).returncode == 0, 30, "an answer to vrrpctl")
    _check_untouched(pair, since)


def test_too_many_clients(pair):
    """As many as may be say nothing: the next one is told so, and let in when they are gone."""
    device = pair.active.device
    since = pair.capture.last_time()
    with contextlib.ExitStack() as opened:
        clients = [opened.enter_context(_connected(device)) for _ in range(CLIENTS - 1)]
        device.control("show")
        clients.append(opened.enter_context(_connected(device)))
        refused = device.control("show", check=False)
        assert refused.returncode == 1
        assert "too many others" in refused.stderr
        with _connected(device) as more:
            more.settimeout(CLIENT_SECONDS)
            assert b'"error"' in more.recv(4096)
        for client in clients:
            client.close()
        wait_for(lambda: device.control("show", check=False).returncode == 0, 5, "an answer")
    _check_untouched(pair, since)


def test_every_client_in_turn(pair):
    """A crowd that asks at once and leaves at once costs the routers nothing."""
    device = pair.active.device
    since = pair.capture.last_time()
    for _ in range(300):
        with _connected(device) as client:
            client.sendall(b'{"command":"show"}\n')
    wait_for(lambda: device.control("show", check=False).returncode == 0, CLIENT_SECONDS, "an answer")
    _check_untouched(pair, since)
