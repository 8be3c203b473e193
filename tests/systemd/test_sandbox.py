# SPDX-License-Identifier: ISC
"""What the units forbid, and what works in spite of it."""

import json
import re

import pytest

from harness.config import Instance, configuration
from harness.wait import wait_for

ONE_WORKER = "systemd"
ONE = Instance("one", 111, ("198.51.100.11/24",), interval=0.2, priority=150)
EXPOSURE = {"vrrp-agent.service": 3.0, "vrrp-agent-check.service": 8.6}


@pytest.mark.parametrize("unit", EXPOSURE)
def test_exposure(service, machine, unit):
    text = machine.sh(f"systemd-analyze security --offline=true --no-pager /lib/systemd/system/{unit}")
    found = float(re.search(r"Overall exposure level for .*: ([0-9.]+)", text).group(1))
    assert found <= EXPOSURE[unit], text


def test_forbidden(service, machine):
    """By what the kernel does to the very process, and to one in its place."""
    service.start(configuration([ONE]))
    status = machine.read(f"/proc/{service.pid}/status")
    assert re.search(r"^CapBnd:\s+0*8000003000$", status, re.M), status  # BPF, NET_ADMIN, NET_RAW
    for kind in ("Prm", "Eff"):  # BPF is gone, and can't come back without new privileges
        assert re.search(rf"^Cap{kind}:\s+0*3000$", status, re.M), status
    assert re.search(r"^NoNewPrivs:\s+1$", status, re.M)
    assert re.search(r"^Seccomp:\s+2$", status, re.M)

    def inside(script):
        return machine.run("nsenter", f"--target={service.pid}", "--mount", "sh", "-c", script, check=False).returncode

    assert inside("echo 1 >/run/vrrp-agent/x && rm /run/vrrp-agent/x") == 0
    assert inside("echo 1 >/proc/sys/net/ipv6/conf/eth0/autoconf") == 0
    for path in ("/etc/x", "/usr/x", "/run/x", "/root/x", "/var/x", "/proc/sys/kernel/printk", "/dev/x"):
        assert inside(f"echo 1 >{path}") != 0, path


def test_agentx_confines_itself_further(service, machine):
    """What the unit's filter lets it do for that."""
    service.start(configuration([ONE]))

    def filters(pid):
        return int(re.search(r"^Seccomp_filters:\s+(\d+)$", machine.read(f"/proc/{pid}/status"), re.M).group(1))

    def agentx():
        return machine.run("pgrep", "-P", str(service.pid), "-f", "role=agentx", check=False).stdout.strip()

    wait_for(lambda: agentx() and filters(agentx()) > filters(service.pid), 20, machine.journal)
    assert not re.search("no system calls can be filtered|no Landlock", machine.journal())


def test_kernel_filter(service, machine):
    """It is there under the unit, and what is executed in place of the agent, which may not make one, goes on with it."""
    service.start(configuration([ONE], ("vrrp_keep_on_restart",)))

    def path():
        told = machine.run("vrrpctl", "--json", "show", check=False)
        return told.returncode == 0 and json.loads(told.stdout)["engine"]["kernel_filter"]

    wait_for(lambda: path() == "on", 30, machine.journal)
    machine.sh(f"kill -USR2 {service.pid}")
    wait_for(lambda: "going on where the former program stopped" in machine.journal(), 30, machine.journal)
    wait_for(lambda: path() == "on", 30, machine.journal)


def test_processors_that_wake_in_time(service, machine):
    """The one device of the machine that the unit lets in; by a value that no processor is so slow as to notice."""
    device = "/dev/cpu_dma_latency"
    if machine.run("test", "-e", device, check=False).returncode:
        pytest.skip(f"there is no {device} here")
    service.start(configuration([ONE], ("vrrp_cpu_latency 1999999999",)))
    wait_for(lambda: device in machine.sh(f"ls -l /proc/{service.pid}/fd"), 30, machine.journal)
    service.configure(configuration([ONE]))
    service.systemctl("reload")
    wait_for(lambda: device not in machine.sh(f"ls -l /proc/{service.pid}/fd"), 30, machine.journal)


def test_virtual_mac_device(service, machine):
    """It needs settings that only the files of /proc/sys have."""
    six = Instance("six", 112, ("fe80::5e:1/64", "2001:db8::5e:1/64"), interval=0.2, priority=150, extra=("use_vmac",))
    service.start(configuration([ONE.but(extra=("use_vmac",)), six]))
    wait_for(lambda: {"198.51.100.11", "2001:db8::5e:1"} <= machine.host.held(), 30, machine.journal)
    settings = machine.sh("cd /proc/sys/net/ipv6/conf && grep . vrrp*/disable_ipv6 vrrp*/accept_ra vrrp*/autoconf")
    assert "vrrp.111/disable_ipv6:1" in settings, settings
    for name in ("accept_ra", "autoconf"):
        assert re.search(rf"112/{name}:0", settings) or re.search(rf"112.*/{name}:0", settings), settings


def test_script_as_its_user(service, machine):
    """The check process may become another user; it and what it runs are in a unit of their own."""
    machine.sh("rm -f /tmp/told")
    script = "/usr/local/bin/tell"
    machine.write(script, "#!/bin/sh\nid -un >/tmp/told.new\ncat /proc/self/cgroup >>/tmp/told.new\n"
                          "mv /tmp/told.new /tmp/told\n", "755")
    service.start(configuration([ONE.but(extra=(f"notify_master {script} nobody",))]))
    told = wait_for(lambda: machine.read("/tmp/told"), 30, machine.journal)
    assert told.splitlines()[0] == "nobody"
    assert "vrrp-agent-check.service" in told


def test_check_is_replaced(service, machine):
    """Killed, or stopped and silent: systemd starts another for the same agent, in the same unit."""
    service.start(configuration([ONE]))
    pid = service.pid
    for signal in ("KILL", "STOP"):
        check = wait_for(service.check_pid, 20, machine.journal)
        machine.run("kill", f"-{signal}", str(check))
        wait_for(lambda before=check: service.check_pid() not in (0, before), 30, machine.journal)
    assert service.pid == pid


def test_without_the_unit(service, machine):
    """Where the check unit can't be had, the agent runs its check process itself."""
    machine.run("systemctl", "mask", "--runtime", "--now", "vrrp-agent-check.socket")
    try:
        service.start(configuration([ONE]))
        wait_for(lambda: "role=check" in machine.sh(f"pgrep -a -P {service.pid}"), 20, machine.journal)
        assert service.check_pid() == 0
    finally:
        machine.run("systemctl", "unmask", "--runtime", "vrrp-agent-check.socket")


def test_agentx_socket_of_a_group(service, machine):
    """snmpd lets a group in, which the unit is a member of."""
    machine.write("/etc/snmp/snmpd.conf", "agentAddress udp:127.0.0.1:161\nrocommunity public 127.0.0.1\n"
                                          "master agentx\nagentXPerms 0660 0755 Debian-snmp vrrp-agent\n")
    machine.sh("systemctl restart snmpd")
    service.start(configuration([ONE]))
    wait_for(lambda: ".207.1.1.1.1." in machine.sh(
        "snmpwalk -v2c -c public -On 127.0.0.1 1.3.6.1.2.1.207.1.1.1 2>/dev/null || true"), 30, machine.journal)
    assert "vrrp-agent" in machine.sh("stat -c %G /var/agentx/master")


def test_units_are_good(service, machine):
    """systemd itself finds nothing wrong with them."""
    done = machine.run("systemd-analyze", "verify", "--man=no", *(
        f"/lib/systemd/system/{unit}" for unit in (*EXPOSURE, "vrrp-agent-check.socket")), check=False)
    assert not [line for line in (done.stdout + done.stderr).splitlines() if "vrrp-agent" in line], done.stderr
