# SPDX-License-Identifier: ISC
"""The package's life: installed, removed, purged."""

import os
import re
import subprocess

from harness.config import Instance, configuration
from harness.machine import CONFIGURATION

ONE_WORKER = "systemd"
ONE = Instance("one", 121, ("198.51.100.21/24",), interval=0.2, priority=150)
# What dpkg, systemd and the other programs of the machine write as they run.
RUNNING = ("/var/log", "/var/lib/dpkg", "/var/lib/snmp", "/var/lib/systemd", "/var/cache", "/run", "/proc", "/sys", "/dev",
           "/tmp", "/var/tmp", "/etc/group-", "/etc/gshadow-", "/root", "/var/agentx", "/packages")


def files(machine):
    pruned = " -o ".join(f"-path {path}" for path in RUNNING)
    return set(machine.sh(f"find / \\( {pruned} \\) -prune -o -print").splitlines())


def first_configuration():
    """README's."""
    with open(os.path.join(os.path.dirname(__file__), "..", "..", "README.md"), encoding="utf-8") as stream:
        return re.search(r"^```\n(global_defs .*?)^```", stream.read(), re.M | re.S).group(1)


def test_installed_and_purged(machine, capture):
    """Without a configuration it is installed and at rest; purged, nothing of it is left."""
    machine.run("dpkg", "--purge", "vrrp-agent")
    before = files(machine)
    machine.run("dpkg", "--install", "/packages/first.deb")
    assert machine.property("vrrp-agent.service", "ActiveState") == "inactive"
    assert machine.property("vrrp-agent.service", "UnitFileState") == "enabled"
    assert machine.run("vrrp-agent", "--version").stdout
    assert machine.run("getent", "group", "vrrp-agent").stdout

    since = capture.last_time()
    machine.write(CONFIGURATION, first_configuration())
    machine.run("systemctl", "start", "vrrp-agent")
    capture.wait_advert(30, host="ours", vrid=51, since=since + 1e-9)
    assert "gateway" in machine.run("vrrpctl", "show").stdout
    machine.write(CONFIGURATION, configuration([ONE]))
    machine.run("systemctl", "reload", "vrrp-agent")
    capture.wait_advert(30, host="ours", vrid=ONE.vrid, since=since + 1e-9)
    machine.run("dpkg", "--remove", "vrrp-agent")
    assert capture.adverts("ours", ONE.vrid)[-1].priority == 0
    assert not machine.host.has("198.51.100.21")
    assert ONE.name in machine.read(CONFIGURATION), "removing is not purging"
    assert not machine.sh("pgrep -x vrrp-agent || true")

    machine.run("dpkg", "--purge", "vrrp-agent")
    assert files(machine) == before


def test_the_archive_is_in_order(packages):
    """Neither error nor warning, but for what is argued in the overrides."""
    changes = next(name for name in os.listdir(packages) if name.endswith(".changes"))
    done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", os.path.join(packages, changes)],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_file_of_keepalived(packages, need):
    """Both can be installed: keepalived's MIB modules too."""
    need("keepalived")
    ours = {line.split(None, 5)[5].lstrip(".") for line in subprocess.run(
        ["dpkg", "--contents", os.path.join(packages, "first.deb")],
        capture_output=True, text=True, check=True).stdout.splitlines() if not line.endswith("/")}
    theirs = set(subprocess.run(["dpkg", "--listfiles", "keepalived"], capture_output=True, text=True,
                                check=True).stdout.split())
    assert "/usr/sbin/vrrp-agent" in ours and "/usr/sbin/keepalived" in theirs
    assert not ours & {path for path in theirs if not os.path.isdir(path)}


def test_build_needs_are_declared():
    """Each library that tests/packages.txt has for building."""
    top = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    with open(os.path.join(top, "tests", "packages.txt"), encoding="utf-8") as stream:
        build = next(line.split()[1:] for line in stream if line.startswith("build "))
    with open(os.path.join(top, "debian", "control"), encoding="utf-8") as stream:
        declared = re.findall(r"[a-z0-9.+-]+", stream.read().partition("Standards-Version")[0])
    libraries = {name for name in build if name.endswith("-dev") and name != "libc6-dev"}
    assert len(libraries) > 5 and libraries <= set(declared), libraries - set(declared)
