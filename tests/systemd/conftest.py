# SPDX-License-Identifier: ISC
"""One machine with systemd for all tests of this folder, and the packages of tests/systemd/prepare."""

import os

import pytest

from harness.folder import ShortFolder
from harness.machine import CONFIGURATION, Machine
from harness.namespace import Network
from harness.process import run
from harness.wait import wait_for

HERE = os.path.dirname(os.path.abspath(__file__))
MADE = os.path.join(HERE, "..", "..", "build", "systemd")


def pytest_collection_modifyitems(items):
    for item in items:
        if str(item.path).startswith(HERE + os.sep):
            item.add_marker(pytest.mark.agent_only)


@pytest.fixture(scope="session")
def packages():
    """The folder with first.deb and next.deb."""
    run([os.path.join(HERE, "prepare")], timeout=1800)
    return os.path.realpath(os.path.join(MADE, "packages"))


@pytest.fixture(scope="session")
def net():
    with Network() as made:
        made.host("ours")
        made.host("other")
        yield made


def booted(packages, host, tmp_path_factory):
    folder = ShortFolder(tmp_path_factory.mktemp("machine"))
    made = Machine(os.path.realpath(os.path.join(MADE, "root")), host,
                   os.path.join(folder.path, "console"), {"/packages": packages})
    yield made
    made.close()
    folder.close()


@pytest.fixture(scope="session")
def machine(packages, net, tmp_path_factory):
    """Booted, with no package of ours."""
    yield from booted(packages, net.hosts["ours"], tmp_path_factory)


@pytest.fixture
def other_machine(packages, net, tmp_path_factory):
    """One that may be switched off."""
    yield from booted(packages, net.hosts["other"], tmp_path_factory)


@pytest.fixture(scope="session")
def capture(net):
    return net.capture()


class Service:
    """vrrp-agent.service, as its administrator uses it."""

    unit = "vrrp-agent.service"
    check = "vrrp-agent-check.service"

    def __init__(self, machine):
        self.machine = machine

    def systemctl(self, *words, **options):
        return self.machine.run("systemctl", *words, self.unit, **options)

    def start(self, text):
        """Anew, with this configuration."""
        self.systemctl("stop")
        self.machine.sh("rm -rf /var/lib/vrrp-agent/*")
        self.configure(text)
        self.systemctl("start")

    def configure(self, text):
        self.machine.write(CONFIGURATION, text)

    @property
    def pid(self):
        return int(self.machine.property(self.unit, "MainPID"))

    def check_pid(self):
        """The check process that runs in its own unit; 0: none."""
        return int(self.machine.property(self.check, "MainPID"))

    def wait_status(self, words):
        wait_for(lambda: words in self.machine.property(self.unit, "StatusText"), 30,
                 lambda: f"{words} in {self.machine.property(self.unit, 'StatusText')}\n{self.machine.journal()[-3000:]}")


def installed(machine):
    if machine.run("dpkg-query", "--status", "vrrp-agent", check=False).returncode:
        machine.run("dpkg", "--install", "/packages/first.deb")
    return Service(machine)


@pytest.fixture
def service(machine):
    """Installed; stopped at the end."""
    made = installed(machine)
    yield made
    made.systemctl("stop", check=False)


@pytest.fixture
def other_service(other_machine):
    return installed(other_machine)
