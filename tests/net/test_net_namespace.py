# SPDX-License-Identifier: ISC
"""net_namespace: the program lives in the namespace that the file names, wherever it was started."""

import os
import signal

import pytest

from harness.config import Instance, configuration
from harness.process import Process
from harness.snmp import Manager, Snmpd, row
from harness.wait import wait_for

ONE = Instance("one", 61, ("198.51.100.1/24",), interval=0.3)
OWNER = ONE.but(priority=255)
TWO = Instance("two", 62, ("198.51.100.2/24",), interval=0.3, priority=255)
PRIORITY = "1.3.6.1.2.1.207.1.1.1.1.7"


@pytest.fixture
def ours(network):
    return network.host("ours")


@pytest.fixture
def elsewhere(network):
    """Where the program is started: with an interface of the same name."""
    return network.host("elsewhere")


@pytest.fixture
def capture(network, ours, elsewhere):
    assert ours.namespace != elsewhere.namespace
    return network.capture()


@pytest.fixture
def device(devices, dut_kind, elsewhere):
    return devices(dut_kind, elsewhere)


def within(host, text):
    return f"net_namespace {host.namespace}\n" + text


def inode(host):
    return os.stat(f"/run/netns/{host.namespace}").st_ino


def check_alone(capture, ours, elsewhere):
    """It is Active in ours, and nothing of it is elsewhere."""
    capture.wait_advert(20, host="ours", vrid=ONE.vrid, since=capture.last_time())
    wait_for(lambda: ours.has("198.51.100.1"), 10, "the address")
    assert not elsewhere.has("198.51.100.1")
    assert not capture.adverts("elsewhere", ONE.vrid)


def script(folder, name, told):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(f"#!/bin/sh\nreadlink /proc/self/ns/net >>{told}\n")
    os.chmod(path, 0o755)
    os.chmod(folder, 0o777)
    return path


def lines(path):
    if not os.path.exists(path):
        return set()
    with open(path, encoding="utf-8") as stream:
        return set(stream.read().split())


def test_all_of_it_is_there(capture, ours, elsewhere, device, folder):
    """Packets, addresses, notify scripts and tracking scripts, as with keepalived."""
    notified, tracked = (os.path.join(folder, name) for name in ("notified", "tracked"))
    extra = (f"notify {script(folder, 'notify.sh', notified)}", "track_script {", "    track", "}")
    tracker = f"vrrp_script track {{\n    script {script(folder, 'track.sh', tracked)}\n    interval 1\n}}\n"
    device.start(within(ours, configuration([ONE.but(extra=extra)], ("script_user nobody",), tracker)))
    check_alone(capture, ours, elsewhere)
    for path in (notified, tracked):
        wait_for(lambda path=path: lines(path), 10, path)
        assert lines(path) == {f"net:[{inode(ours)}]"}, "the scripts are where the program is"
    device.stop()
    assert not ours.has("198.51.100.1")


@pytest.mark.agent_only
def test_reload_and_successor_stay(capture, ours, elsewhere, devices, device, folder, ended):
    """Another name, or none, is refused; a successor stays, whatever the file says by then."""
    master = ended(Snmpd(elsewhere, folder).start())
    device.agentx = master.socket
    device.start(within(ours, configuration([ONE], ("vrrp_keep_on_restart",))))
    check_alone(capture, ours, elsewhere)
    oid = f"{PRIORITY}.{row(ours, ONE.vrid)}"
    Manager(elsewhere).wait_served(oid)
    for text in (configuration([TWO]), within(elsewhere, configuration([TWO]))):
        device.configure(text)
        said = device.control("config", "check", check=False)
        refused = device.control("config", "reload", check=False)
        assert refused.returncode != 0
        for told in (said, refused):
            assert f"net_namespace {ours.namespace}, and only a restart" in told.stdout + told.stderr
    device.configure(within(ours, configuration([ONE, TWO], ("vrrp_keep_on_restart",))))
    device.control("config", "reload")
    capture.wait_advert(10, host="ours", vrid=TWO.vrid)
    device.configure(within(elsewhere, configuration([ONE, TWO], ("vrrp_keep_on_restart",))))
    device.process.signal(signal.SIGUSR2)
    wait_for(lambda: "going on where the former program stopped" in device.log(), 20, device.log)
    check_alone(capture, ours, elsewhere)
    assert not [seen for seen in capture.adverts("ours", ONE.vrid) if seen.priority == 0]
    Manager(elsewhere).wait_served(oid)


@pytest.mark.agent_only
def test_what_a_crash_left_is_found(capture, ours, elsewhere, device):
    """By --release, and by the next start: whatever that one's file says, and wherever it goes."""
    release = [device.program(), "--release", "--run-dir", device.run_dir]
    here = within(ours, configuration([OWNER]))
    device.start(here)
    check_alone(capture, ours, elsewhere)
    device.kill()
    assert ours.has("198.51.100.1")
    elsewhere.run(release)
    assert not ours.has("198.51.100.1")
    for text in (here.replace("priority 255", "priority 300"), within(elsewhere, configuration([TWO])),
                 configuration([TWO])):
        device.start(here)
        wait_for(lambda: ours.has("198.51.100.1"), 10, device.log)
        device.kill()
        assert ours.has("198.51.100.1")
        device.start(text)
        wait_for(lambda: not ours.has("198.51.100.1"), 10, device.log)
        if "priority 300" in text:
            assert device.process.wait_exit(10) == 2
        else:
            wait_for(lambda: elsewhere.has("198.51.100.2"), 10, device.log)
            device.kill()
    assert elsewhere.has("198.51.100.2"), "of the last one, which entered nothing"
    device.start(here)
    wait_for(lambda: ours.has("198.51.100.1"), 10, device.log)
    assert not elsewhere.has("198.51.100.2")


@pytest.mark.agent_only
def test_what_can_not_be_entered(network, ours, elsewhere, device, folder):
    """No such namespace, no namespace at all, and no power to enter it: nothing starts, and it is said why."""
    missing = configuration([OWNER]).replace("", f"net_namespace {ours.namespace}-none\n", 1)
    device.configure(missing)
    status, said = device.check()
    assert status == 1 and f"ip netns add {ours.namespace}-none" in said
    device.start(missing)
    assert device.process.wait_exit(10) == 1
    assert f"ip netns add {ours.namespace}-none" in device.log()
    device.configure("net_namespace ../other\n" + configuration([OWNER]))
    assert device.check()[0] == 2
    device.configure(within(ours, configuration([OWNER])))
    assert device.check()[0] == 0, "and eth0 is looked for there"
    bounded = ["setpriv", "--bounding-set", "-sys_admin", "--inh-caps", "-all"]
    log = os.path.join(folder, "bounded")
    powerless = Process([*bounded, *device.command()], log, elsewhere.namespace, device.environment)
    assert powerless.wait_exit(10) == 3
    assert f"NetworkNamespacePath=/run/netns/{ours.namespace}" in powerless.log()
    assert not ours.has("198.51.100.1")
    there = Process([*bounded, *device.command()], log, ours.namespace, device.environment)
    wait_for(lambda: ours.has("198.51.100.1"), 20, there.log)
    assert there.terminate() == 0, "as with NetworkNamespacePath="
