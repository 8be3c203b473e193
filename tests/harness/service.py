# SPDX-License-Identifier: ISC
"""The package on a machine of its own: what tests/systemd/prepare made, booted, and the service on it."""

import os

from .folder import ShortFolder
from .machine import CONFIGURATION, Machine
from .wait import wait_for

MADE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "build", "systemd")


def booted(packages, host, tmp_path_factory, devices=()):
    """devices: those of this machine that it has as well."""
    folder = ShortFolder(tmp_path_factory.mktemp("machine"))
    made = Machine(os.path.realpath(os.path.join(MADE, "root")), host,
                   os.path.join(folder.path, "console"),
                   {"/packages": packages, **{device: device for device in devices if os.path.exists(device)}})
    yield made
    made.close()
    folder.close()


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
