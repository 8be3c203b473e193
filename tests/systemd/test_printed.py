# SPDX-License-Identifier: ISC
"""What README and docs tell an administrator to type, typed on a bare Debian: block after block, as it is printed."""

import os
import re
import subprocess

import pytest

from harness.machine import CONFIGURATION
from harness.printed import TOP, blocks, quoted, read
from harness.service import booted, installed
from harness.wait import wait_for

ONE_WORKER = "systemd"
SNMPD_CONF = "/etc/snmp/snmpd.conf"
# What the pages say shows scripts as well.
BOTH_UNITS = "journalctl -u 'vrrp-agent*'"
# Who types is root already.
SUDO = "#!/bin/sh\nexec \"$@\"\n"


@pytest.fixture(scope="module")
def reader_machine(packages, net, tmp_path_factory):
    """One on which nothing was done yet; its network is README's."""
    for made in booted(packages, net.hosts["reader"], tmp_path_factory):
        made.write("/usr/local/bin/sudo", SUDO, "755")
        made.write("/etc/hosts", "127.0.0.1 localhost\n")  # the installer's
        yield made


@pytest.fixture
def typed(reader_machine):
    """typed(block, where): what the commands print."""
    def run(block, where="/root"):
        return reader_machine.run("bash", "-ec", f"cd {where}\n{block}").stdout

    return run


def test_readme(reader_machine, typed, capture):
    """From the package to a SET: README's commands in the order of the page."""
    machine = reader_machine
    (trying, package, configuration, start, users, snmpd, manage) = blocks("README.md")
    for script in re.findall(r"tests/\w+", trying):
        assert os.access(os.path.join(TOP, script), os.X_OK), script
    needs, build, install = package.splitlines()
    assert build == read("tests/systemd/prepare").split("-- package as README says: ", 1)[1].splitlines()[0]
    _simulated(needs)
    machine.sh("mkdir -p /build/tree && cp -L /packages/vrrp-agent_*.deb /build/")
    typed(install, "/build/tree")
    assert machine.property("vrrp-agent.service", "ActiveState") == "inactive"

    assert f"`{CONFIGURATION}`" in read("README.md")
    machine.write(CONFIGURATION, configuration)
    since = capture.last_time()
    typed(start)
    capture.wait_advert(30, host="reader", vrid=51, since=since + 1e-9)
    shown = wait_for(lambda: re.search(r"^gateway +active.*$", typed("vrrpctl show"), re.M), 20, machine.journal)
    assert "192.0.2.1/24" in shown.group(0)

    typed(users)
    assert not re.search(r"^r[ow]user (reader|writer)$", machine.read(SNMPD_CONF), re.M)
    machine.sh(f"cat >>{SNMPD_CONF}", input_text=snmpd)
    typed(quoted(read("README.md").split("trap2sink", 1)[1], "sudo")[0])
    manage = manage.replace(".2.51.1 u", f".{machine.host.index()}.51.1 u")
    walk, change = (block for block in re.split(r"^#.*\n", manage, flags=re.M) if block)
    wait_for(lambda: re.search(r"51\.1 = .*", machine.sh(f"cd /root; {walk.strip()} || true")), 30,
             lambda: machine.sh(walk) + machine.journal())
    assert "150" in typed(change)
    assert re.search(r"^gateway +active .* 150\* ", typed("vrrpctl show"), re.M), typed("vrrpctl show")
    assert "priority 150" in typed("vrrpctl config diff")
    wait_for(lambda: "PROBLEM" not in machine.sh("vrrpctl doctor || true"), 20, lambda: machine.sh("vrrpctl doctor || true"))
    typed("vrrpctl config revert")
    assert typed("vrrpctl config diff") == ""


KEEPALIVED = """vrrp_instance VI_1 {
    state MASTER
    interface eth0
    virtual_router_id 52
    priority 150
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass 1111
    }
    virtual_ipaddress {
        192.0.2.2/24
    }
}
"""


def test_migration(reader_machine, typed, capture):
    """A keepalived that is active gives way to the agent with its own file, and comes back."""
    machine = reader_machine
    installed(machine).systemctl("stop")
    machine.write("/etc/keepalived/keepalived.conf", KEEPALIVED)
    machine.run("systemctl", "enable", "--now", "keepalived")
    capture.wait_advert(30, host="reader", vrid=52)
    steps = re.findall(r"^\d\. .*(?:\n   .*)*", read("docs/migration.md"), re.M)
    tested, copied, exchanged, looked = steps
    (check,) = quoted(tested, "vrrp-agent")
    said = machine.run("bash", "-c", check, check=False)
    assert said.returncode == 1 and said.stderr.count("warning: ") == 1, said.stderr
    assert "192.0.2.2 is an address of this node on eth0 already" in said.stderr
    assert CONFIGURATION in copied
    typed(f"cp /etc/keepalived/keepalived.conf {CONFIGURATION}")
    since = capture.last_time()
    for command in quoted(exchanged, "systemctl"):
        typed(command)
    wait_for(lambda: 150 in [each.priority for each in capture.adverts("reader", 52, since=since)][1:], 30, machine.journal)
    assert 0 in [each.priority for each in capture.adverts("reader", 52, since=since)]
    show, doctor = quoted(looked, "vrrpctl")
    wait_for(lambda: re.search(r"^VI_1 +active .*192\.0\.2\.2/24", typed(show), re.M), 20, machine.journal)
    assert "no keepalived runs beside the agent" in typed(f"{doctor} || true")
    _manual(machine, typed)
    for command in quoted(exchanged, "systemctl"):
        names = {"keepalived": "vrrp-agent", "vrrp-agent": "keepalived"}
        typed(re.sub("keepalived|vrrp-agent", lambda found: names[found.group(0)], command))
    since = capture.last_time()
    capture.wait_advert(30, host="reader", vrid=52, priority=150, since=since)
    assert machine.property("vrrp-agent.service", "ActiveState") == "inactive"
    _log(typed)
    machine.run("systemctl", "disable", "--now", "keepalived")
    machine.run("systemctl", "enable", "vrrp-agent")


def _manual(machine, typed):
    """What the pages quote in passing, of the router that runs here."""
    (explained, history, both) = quoted(read("man/vrrp-agent.8").replace("\\(aq", "'"), "journalctl")
    assert both == BOTH_UNITS
    assert "Documentation: man:vrrp-agent(8)" in typed(explained)
    assert len(re.findall(r"VI_1: \w+ -> \w+: ", typed(history))) >= 2
    (change,) = quoted(read("man/vrrpctl.1"), "set")
    typed(f"vrrpctl {change}")
    wait_for(lambda: machine.host.has("192.0.2.1") and not machine.host.has("192.0.2.2"), 20, machine.journal)
    typed("vrrpctl config revert")


def _log(typed):
    """The commands and the pattern for alarms, behind a takeover and a stop: they find those, and nothing else."""
    page = read("docs/migration.md")
    active, ended, both = next(block for block in blocks("docs/migration.md") if "journalctl" in block).splitlines()
    assert both == BOTH_UNITS
    told = typed(active.replace(" -f ", " -q -o cat "))
    assert told and all(re.search(r"^\w+: \w+ -> active: ", line) for line in told.splitlines()), told
    told = typed(ended.replace("journalctl ", "journalctl -q -o cat "))
    assert told and all(re.search(r"^VI_1: \w+ -> (fault|initialize): ", line) for line in told.splitlines()), told
    (pattern,) = re.findall(r"A pattern for a file of syslog: `([^`]+)`", page)
    lines = typed("journalctl -q -o short -t vrrp-agent").splitlines()
    assert any(re.search(pattern, line) for line in lines), lines
    assert all("vrrp-agent[" in line for line in lines if re.search(pattern, line)), lines


def test_units_as_the_page_changes_them(reader_machine, typed):
    """docs/service.md: scripts run as their user where the check unit is closed further; the other drop-in is shipped."""
    machine = reader_machine
    service = installed(machine)
    closed, reload = (block for block in blocks("docs/service.md") if block.startswith("["))
    shipped = machine.read("/usr/share/doc/vrrp-agent/examples/notify-reload.conf")
    assert "".join(line for line in shipped.splitlines(True) if not line.startswith("#")) == reload
    drop_in = "/etc/systemd/system/vrrp-agent-check.service.d/override.conf"
    machine.write(drop_in, closed)
    machine.run("systemctl", "daemon-reload")
    script = "/usr/local/bin/who"
    machine.write(script, "#!/bin/sh\necho \"I am $(id -un)\"\ngrep CapBnd /proc/self/status\n", "755")
    service.start(KEEPALIVED.replace("    state MASTER", f"    notify_master {script} nobody"))
    wait_for(lambda: "I am nobody" in machine.journal(), 30, machine.journal)
    assert re.search(r"CapBnd:\s+0*e0\b", machine.journal()), machine.journal()
    assert "I am nobody" in typed(BOTH_UNITS) and "I am nobody" not in typed("journalctl -u vrrp-agent")
    service.systemctl("stop")
    machine.run("rm", drop_in)
    machine.run("systemctl", "daemon-reload")


def _simulated(command):
    """Apt itself says whether it would do it; what the tests need is here, so nothing is fetched."""
    done = subprocess.run(["bash", "-ec", 'sudo() { "$1" "$2" --simulate "${@:3}"; }\n' + command], cwd=TOP,
                          capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0 and "0 to remove" in done.stdout, done.stdout + done.stderr
