# SPDX-License-Identifier: ISC
"""The installed package under a real systemd: what an administrator does to the service, seen on the wire."""

import contextlib
import time

import pytest

from harness.config import Instance, configuration
from harness.monitor import AddressMonitor
from harness.wait import observe, wait_for

ONE_WORKER = "systemd"
ONE = Instance("one", 101, ("198.51.100.1/24",), interval=0.2, priority=150)
TWO = Instance("two", 102, ("198.51.100.2/24",), interval=0.2, priority=150)
KEEP = ("vrrp_keep_on_restart",)


@pytest.fixture
def active(service, capture):
    """active(lines): one router that has announced its address; the time of its first advertisement."""
    def start(*lines):
        since = capture.last_time()
        service.start(configuration([ONE], lines))
        first = capture.wait_advert(30, host="ours", vrid=ONE.vrid, since=since + 1e-9)
        wait_for(lambda: service.machine.host.has("198.51.100.1"), 10, "the address")
        return first.time

    return start


def pause(capture, since, vrid=ONE.vrid):
    """The longest gap between advertisements, in ms."""
    seen = [each.time for each in capture.adverts("ours", vrid, since=since)]
    return 1000 * max(later - earlier for earlier, later in zip(seen, seen[1:]))


def check_pause(capture, since, record_property):
    """Tells it, in the results; a peer with the usual interval of a second must not have noticed."""
    record_property("pause_ms", round(pause(capture, since)))
    assert pause(capture, since) < 3000


def priorities(capture, since):
    return [each.priority for each in capture.adverts("ours", ONE.vrid, since=since)]


def test_start_and_status(active, service, machine):
    active()
    service.wait_status("1 active, 0 backup, 0 fault, 0 initialize")
    assert machine.property(service.unit, "ActiveState") == "active"
    assert machine.property(service.unit, "NRestarts") == "0"
    assert "198.51.100.1/24" in machine.sh("vrrpctl show")


def test_reload(active, service, machine, capture):
    """A good one takes effect; a bad one changes nothing and says where it is wrong; the service stays up."""
    active()
    pid = service.pid
    since = capture.last_time()
    service.configure(configuration([ONE, TWO]))
    service.systemctl("reload")
    capture.wait_advert(20, host="ours", vrid=TWO.vrid, since=since)
    since = capture.last_time()
    service.configure(configuration([ONE.but(priority="many"), TWO]))
    service.systemctl("reload")
    wait_for(lambda: "vrrp-agent.conf:" in machine.journal() and "many" in machine.journal(), 20, machine.journal)
    observe(1, "priority 0, or another", lambda: set(priorities(capture, since)) - {ONE.priority})
    assert capture.adverts("ours", TWO.vrid, since=since)
    machine.wait_property(service.unit, "ActiveState", "active")
    assert service.pid == pid


def test_watchdog(active, service, machine, capture):
    """An engine that stands still is replaced, and its address is held again."""
    active()
    pid = service.pid
    machine.run("kill", "-STOP", str(pid))
    wait_for(lambda: service.pid not in (0, pid), 30, machine.journal)
    since = capture.last_time()
    capture.wait_advert(20, host="ours", vrid=ONE.vrid, since=since + 1e-9)
    assert "atchdog timeout" in machine.journal()
    assert machine.property(service.unit, "NRestarts") == "1"


def test_killed(active, service, machine, capture):
    """Its addresses go before the next run takes them, and the check process does not outlive it."""
    active()
    pid, check = service.pid, wait_for(service.check_pid, 10, "the check process")
    with AddressMonitor(machine.host) as monitor:
        machine.run("kill", "-KILL", str(pid))
        wait_for(lambda: service.pid not in (0, pid), 30, machine.journal)
        since = capture.last_time()
        capture.wait_advert(20, host="ours", vrid=ONE.vrid, since=since + 1e-9)
        wait_for(lambda: len([event for event in monitor.events if event[2] == "198.51.100.1"]) >= 2, 20,
                 lambda: f"the address gone and back in {monitor.events}")
    wait_for(lambda: service.check_pid() not in (0, check), 20, machine.journal)


def test_restart_keeps_all(active, service, machine, capture, record_property):
    active(*KEEP)
    pid = service.pid
    since = capture.last_time()
    with AddressMonitor(machine.host) as monitor:
        service.systemctl("restart")
        assert service.pid != pid
        observe(1, "a late loss")
        assert not [event for event in monitor.events if event[2] == "198.51.100.1"]
    assert set(priorities(capture, since)) == {ONE.priority}
    check_pause(capture, since, record_property)
    assert "going on where the former program stopped" in machine.journal()


def test_restart_gives_up(active, service, machine, capture, record_property):
    """Without vrrp_keep_on_restart it is a stop and a start."""
    active()
    since = capture.last_time()
    service.systemctl("restart")
    wait_for(lambda: 0 in priorities(capture, since) and priorities(capture, since)[-1], 30, machine.journal)
    record_property("pause_ms", round(pause(capture, since)))
    wait_for(lambda: machine.host.has("198.51.100.1"), 10, "the address")


def test_upgrade_keeps_all(active, service, machine, capture, record_property):
    active(*KEEP)
    pid = service.pid
    since = capture.last_time()
    with AddressMonitor(machine.host) as monitor:
        machine.run("dpkg", "--install", "/packages/next.deb")
        assert not [event for event in monitor.events if event[2] == "198.51.100.1"]
    assert machine.sh("dpkg-query -W -f '${Version}' vrrp-agent").endswith("+next")
    assert service.pid != pid
    assert machine.sh(f"readlink /proc/{service.pid}/exe").strip() == "/usr/sbin/vrrp-agent"
    assert set(priorities(capture, since)) == {ONE.priority}
    check_pause(capture, since, record_property)


def test_refused_file_does_not_spin(active, service, machine, capture):
    """A crash starts it anew; if the file was spoilt meanwhile nothing is left behind, the unit has failed and says why,
    and is not started on and on; a good file brings it up again."""
    active()
    pid = service.pid
    machine.run("kill", "-KILL", str(pid))
    wait_for(lambda: service.pid not in (0, pid), 30, machine.journal)
    service.wait_status("1 active, 0 backup, 0 fault, 0 initialize")
    wait_for(lambda: machine.host.has("198.51.100.1"), 10, "the address")
    restarts = int(machine.property(service.unit, "NRestarts"))
    service.configure(configuration([ONE.but(priority="many")]))
    machine.run("kill", "-KILL", str(service.pid))
    machine.wait_property(service.unit, "ActiveState", "failed")
    assert not machine.host.has("198.51.100.1")
    assert (machine.property(service.unit, "ExecMainStatus"), machine.property(service.unit, "Result")) == ("2", "exit-code")
    observe(2, "another start", lambda: int(machine.property(service.unit, "NRestarts")) > restarts + 1)
    status = service.systemctl("status", check=False)
    assert status.returncode == 3 and "priority many" in status.stdout, status.stdout
    assert service.systemctl("start", check=False).returncode, "it was refused again, and nobody was told"
    machine.wait_property(service.unit, "ActiveState", "failed")
    since = capture.last_time()
    service.configure(configuration([ONE]))
    service.systemctl("reload-or-restart")
    capture.wait_advert(20, host="ours", vrid=ONE.vrid, since=since + 1e-9)
    machine.wait_property(service.unit, "ActiveState", "active")


@contextlib.contextmanager
def dropped_in(machine, unit, lines):
    """The unit with these lines besides, while the block runs."""
    folder = f"/run/systemd/system/{unit}.d"
    machine.write(f"{folder}/test.conf", "[Service]\n" + "\n".join(lines) + "\n")
    machine.run("systemctl", "daemon-reload")
    try:
        yield
    finally:
        machine.sh(f"rm -r {folder} && systemctl daemon-reload")


def test_missing_rights_do_not_spin(service, machine):
    """The unit has failed, and is not started on and on."""
    service.systemctl("stop")
    service.configure(configuration([ONE]))
    with dropped_in(machine, service.unit, ["CapabilityBoundingSet=", "CapabilityBoundingSet=CAP_NET_ADMIN"]):
        assert service.systemctl("start", check=False).returncode
        machine.wait_property(service.unit, "ActiveState", "failed")
        assert machine.property(service.unit, "ExecMainStatus") == "3"
        restarts = machine.property(service.unit, "NRestarts")
        observe(2, "another start", lambda: machine.property(service.unit, "NRestarts") != restarts)
        status = service.systemctl("status", check=False)
        assert "start it as root, or with CAP_NET_ADMIN and CAP_NET_RAW" in status.stdout, status.stdout


def test_what_may_pass_is_tried_slowly(service, machine, capture):
    """Somebody has the run directory: a start in a second, and one that succeeds as soon as nobody has it."""
    service.systemctl("stop")
    service.configure(configuration([ONE]))
    machine.sh("mkdir -p /run/vrrp-agent && systemd-run --unit=holder flock /run/vrrp-agent/lock sleep infinity")
    try:
        machine.wait_property("holder.service", "ActiveState", "active")
        assert service.systemctl("start", check=False).returncode
        first = int(machine.property(service.unit, "NRestarts"))
        since = time.monotonic()
        observe(4, "many starts",
                lambda: int(machine.property(service.unit, "NRestarts")) - first > 1 + (time.monotonic() - since))
        assert int(machine.property(service.unit, "NRestarts")) > first
    finally:
        since = capture.last_time()
        machine.run("systemctl", "stop", "holder.service")
    capture.wait_advert(20, host="ours", vrid=ONE.vrid, since=since + 1e-9)


def test_stop_waits_for_scripts(service, machine, capture):
    """As long as they have, however little the unit says; and the one of the end comes last."""
    drop_in = f"/run/systemd/system/{service.unit}.d"
    machine.sh(f"mkdir -p {drop_in} && printf '[Service]\\nTimeoutStopSec=2\\n' > {drop_in}/stop.conf "
               "&& systemctl daemon-reload && rm -f /var/tmp/told")
    for name in ("last", "over"):
        machine.write(f"/usr/local/bin/{name}", f"#!/bin/sh\nsleep 7\necho {name} >> /var/tmp/told\n", "755")
    try:
        since = capture.last_time()
        service.start(configuration([ONE.but(extra=("notify_stop /usr/local/bin/last",))],
                                    ("script_user root", "shutdown_script /usr/local/bin/over")))
        capture.wait_advert(30, host="ours", vrid=ONE.vrid, since=since + 1e-9)
        assert machine.property(service.unit, "TimeoutStopUSec") == "2s"
        service.systemctl("stop")
        assert machine.property(service.unit, "Result") == "success", machine.journal()
        assert machine.read("/var/tmp/told").split() == ["last", "over"], machine.journal()
    finally:
        machine.sh(f"rm -rf {drop_in} && systemctl daemon-reload")


def test_restart_where_run_is_full(service, machine, capture):
    """Nothing can be written any more; nothing of what has to be passed on needs it."""
    folder = "/run/vrrp-agent"
    service.systemctl("stop")
    machine.sh(f"mkdir -p {folder} && mount -t tmpfs -o size=64k tmpfs {folder}")
    try:
        since = capture.last_time()
        service.start(configuration([ONE], KEEP))
        capture.wait_advert(30, host="ours", vrid=ONE.vrid, since=since + 1e-9)
        wait_for(lambda: machine.host.has("198.51.100.1"), 10, "the address")
        machine.sh(f"cat /dev/zero > {folder}/full || true")
        assert machine.sh(f"echo more > {folder}/more && echo room || true").strip() == "", "the test tests nothing"
        pid = service.pid
        since = capture.last_time()
        with AddressMonitor(machine.host) as monitor:
            service.systemctl("restart")
            observe(2, "a late loss")
            assert not [event for event in monitor.events if event[2] == "198.51.100.1"], machine.journal()
        assert service.pid != pid
        assert set(priorities(capture, since)) == {ONE.priority}
        assert "198.51.100.1/24" in machine.sh("vrrpctl show")
        service.systemctl("stop")
        assert not machine.host.has("198.51.100.1")
    finally:
        service.systemctl("stop", check=False)
        machine.sh(f"umount {folder} && rmdir {folder}")


def test_stop(active, service, machine, capture):
    """Priority 0, the address, the processes of both units: all of it, in order."""
    active()
    wait_for(service.check_pid, 10, "the check process")
    since = capture.last_time()
    service.systemctl("stop")
    assert priorities(capture, since)[-1] == 0
    assert not machine.host.has("198.51.100.1")
    assert machine.property(service.unit, "Result") == "success"
    for unit in (service.check, "vrrp-agent-check.socket"):
        machine.wait_property(unit, "ActiveState", "inactive")
    assert not machine.sh("pgrep -x vrrp-agent || true")
    assert not machine.sh("ls /run | grep vrrp-agent || true")


def test_power_off(other_service, capture):
    """The agent stops first: its last transition still has its script, in the check unit."""
    machine, script = other_service.machine, "/usr/local/bin/tell"
    machine.write(script, "#!/bin/sh\nip address add 203.0.113.1/32 dev lo\n", "755")
    three = Instance("three", 103, ("198.51.100.3/24",), interval=0.2, extra=(f"notify_stop {script}",))
    other_service.start(configuration([three], ("script_user root",)))
    capture.wait_advert(30, host="other", vrid=three.vrid)
    machine.power_off()
    assert capture.adverts("other", three.vrid)[-1].priority == 0
    assert "198.51.100.3" not in machine.host.held()
    assert "203.0.113.1" in machine.host.held(), "the script was not run"
