# SPDX-License-Identifier: ISC
"""What each process may do: its users and capabilities, read from /proc for every thread."""

import grp
import os
import pwd
import socket

import pytest

from harness.config import Instance, configuration
from harness.snmp import OPERATIONS, Manager, Snmpd, row
from harness.wait import observe, wait_for

pytestmark = pytest.mark.agent_only

INSTANCE = Instance("one", 82, ("198.51.100.1/24",), interval=0.2)
CHOWN, KILL, SETGID, SETUID, NET_ADMIN, NET_RAW, SYS_ADMIN = (1 << bit for bit in (0, 5, 6, 7, 12, 13, 21))
NOTHING = 0


@pytest.fixture
def running(network, devices, dut_kind, folder):
    """With an AgentX socket that nobody serves, so that every role has its process."""
    device = devices(dut_kind, network.host("ours"), agentx=os.path.join(folder, "nobody"))
    capture = network.capture()
    device.start(configuration([INSTANCE]))
    capture.wait_advert(10, host="ours")
    return device


def statuses(pid):
    """{thread's name: its /proc status as a dict}."""
    found = {}
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/status", encoding="utf-8") as stream:
            fields = dict(line.rstrip("\n").split(":\t", 1) for line in stream if ":\t" in line)
        found[f"{fields['Name']}/{task}"] = fields
    return found


def settled(device, role):
    """The statuses of a role's process, once it has given up what it does not need."""
    def dropped():
        pid = device.role(role)
        found = statuses(pid) if pid else {}
        return found if found and not any(mask(each, "CapEff") & SYS_ADMIN for each in found.values()) else None

    return wait_for(dropped, 10, f"a process of role {role} that gave up SYS_ADMIN")


def mask(status, name):
    return int(status[name], 16)


@pytest.mark.parametrize("role, allowed", [
    ("core", NOTHING), ("agentx", NOTHING), ("check", CHOWN | SETUID | SETGID | KILL)])
def test_child_has_no_more_than_it_needs(running, role, allowed):
    for name, status in settled(running, role).items():
        for which in ("CapPrm", "CapEff", "CapInh", "CapAmb"):
            assert mask(status, which) & ~allowed == 0, f"{name}: {which} {status[which]}"
        assert status["Uid"].split() == ["0"] * 4


@pytest.mark.parametrize("role", ["core", "agentx"])
def test_child_cannot_gain_anything(running, role):
    """Check may: a script that is configured to run as root gets what root gets."""
    for name, status in settled(running, role).items():
        assert mask(status, "CapBnd") == 0, f"{name}: the bounding set {status['CapBnd']}"
        assert status["NoNewPrivs"] == "1", f"{name} may gain privileges"


def perms(group):
    """For the members of a group alone: agentx is uid 0, but without the power to pass."""
    return f"0660 0755 nobody {group}"


def check_group(device, group):
    Manager(device.host).wait_served(f"{OPERATIONS}.6.{row(device.host, INSTANCE.vrid)}")
    for name, status in settled(device, "agentx").items():
        assert status["Groups"].split() == [str(grp.getgrnam(group).gr_gid)]
        assert mask(status, "CapEff") == NOTHING, name


@pytest.mark.parametrize("early", [True, False], ids=["snmpd-first", "snmpd-later"])
@pytest.mark.parametrize("said", ["-x", "snmp_socket"])
def test_agentx_has_the_group_of_the_socket(network, devices, dut_kind, folder, ended, said, early):
    """What `agentXPerms 0660 0755 Debian-snmp GROUP` gives to a subagent without capabilities."""
    host = network.host("ours")
    capture = network.capture()
    snmpd = ended(Snmpd(host, folder, perms("daemon")))
    if early:
        snmpd.start()
    device = devices(dut_kind, host, agentx=snmpd.socket if said == "-x" else "")
    device.start(configuration([INSTANCE], () if said == "-x" else (f"snmp_socket unix:{snmpd.socket}",)))
    capture.wait_advert(10, host="ours")
    if not early:
        settled(device, "agentx")
        snmpd.start()
    check_group(device, "daemon")


def test_agentx_follows_the_socket_to_another_group(network, devices, dut_kind, folder, ended):
    host = network.host("ours")
    snmpd = ended(Snmpd(host, folder, perms("daemon"))).start()
    device = devices(dut_kind, host, agentx="")
    device.start(configuration([INSTANCE], (f"snmp_socket unix:{snmpd.socket}",)))
    check_group(device, "daemon")
    snmpd.kill()
    second = ended(Snmpd(host, folder, perms("games"))).start()
    check_group(device, "games")
    second.kill()
    other = ended(Snmpd(host, f"{folder}/other", perms("man"))).start()
    device.configure(configuration([INSTANCE], (f"snmp_socket unix:{other.socket}",)))
    device.reload()
    check_group(device, "man")


def test_agentx_gives_up_joining_where_it_does_not_help(network, devices, dut_kind, folder):
    """Nobody is let in: it goes on without SNMP, says why, and is not started again and again."""
    path = os.path.join(folder, "closed", "x")
    os.makedirs(os.path.dirname(path))
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    os.chown(path, pwd.getpwnam("nobody").pw_uid, grp.getgrnam("daemon").gr_gid)
    os.chmod(path, 0o600)
    device = devices(dut_kind, network.host("ours"), agentx=path)
    device.start(configuration([INSTANCE]))
    wait_for(lambda: "agentXPerms" in device.log(), 10, "the advice")
    pid = device.role("agentx")
    observe(2, "another agentx in its place", lambda: device.role("agentx") != pid)
    listener.close()


def test_check_can_run_scripts_as_their_users(running):
    for status in settled(running, "check").values():
        assert mask(status, "CapEff") & (SETUID | SETGID) == SETUID | SETGID


def test_engine_and_applier(running):
    """Threads of the main process: the engine and the applier hold what the network needs, and no more."""
    threads = statuses(running.pid)
    assert len(threads) >= 3, f"supervisor, engine and applier expected: {sorted(threads)}"
    others = {name: status for name, status in threads.items() if not name.endswith(f"/{running.pid}")}
    for name, status in others.items():
        assert mask(status, "CapEff") & ~(NET_ADMIN | NET_RAW) == 0, f"{name}: {status['CapEff']}"
    assert any(mask(status, "CapEff") & NET_ADMIN for status in others.values())
    assert all(mask(status, "CapEff") & SYS_ADMIN == 0 for status in threads.values())
