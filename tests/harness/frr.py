# SPDX-License-Identifier: ISC
"""FRR's vrrpd as a peer: zebra beside it, and the macvlans made beforehand that it wants."""

import json
import os
import shutil
import tempfile

from .device import Device
from .frame import virtual_mac
from .pair import Side
from .process import Process
from .wait import wait_for

_DAEMONS = "/usr/lib/frr"


class Frr(Device):
    """zebra and vrrpd of the distribution in one network namespace, everything they write in the own folder.

    vrrpd neither makes its virtual MAC devices nor sets addresses: both must be there, and it takes the devices
    down and up (protodown) with the state of the virtual router.
    """

    kind = "frr"

    def __init__(self, host, folder, name=None):
        super().__init__(host, folder, name)
        self.zebra = None
        # The daemons give root up for their own user, who may not look into a test's folder.
        self.own = tempfile.mkdtemp(prefix="va-frr-")
        shutil.chown(self.own, "frr", "frr")

    def _daemon(self, name):
        at = self.own
        return Process(
            [f"{_DAEMONS}/{name}", "-f", f"{at}/{name}.conf", "-i", f"{at}/{name}.pid", "-z", f"{at}/api",
             "--vty_socket", at, "-A", "127.0.0.1", "-P", "0", "--log", "stdout"],
            f"{self.folder}/{name}.log", self.host.namespace)

    def prepare(self, instance):
        """The virtual MAC device with its addresses; nothing happens when it is there."""
        family = 6 if ":" in instance.addresses[0] else 4
        device = self.device_of(instance)
        if device in self.host.interfaces:
            return
        self.host.ip("link", "add", device, "link", instance.interface,
                     "address", virtual_mac(instance.vrid, family), "type", "macvlan", "mode", "bridge")
        own = [f"fe80::{instance.vrid:x}:{self.host.number}/64"] if family == 6 else []
        for address in (*own, *instance.addresses):
            self.host.ip("addr", "add", address, "dev", device, *(["nodad"] if family == 6 else []))
        self.host.ip("link", "set", device, "up")
        self.host.interfaces[device] = virtual_mac(instance.vrid, family)

    @staticmethod
    def device_of(instance):
        return f"mv{instance.vrid}"

    def start(self, text=None):
        for name, content in (("zebra", ""), ("vrrpd", text)):
            if content is not None:
                with open(f"{self.own}/{name}.conf", "w", encoding="ascii") as stream:
                    stream.write(f"log stdout\n{content}")
        self.zebra = self._daemon("zebra")
        wait_for(lambda: os.path.exists(f"{self.own}/api"), 10, lambda: f"zebra; {self.zebra.log()[-2000:]}")
        self.process = self._daemon("vrrpd")
        return self

    def stop(self):
        super().stop()
        self._stop_zebra()

    def kill(self):
        super().kill()
        self._stop_zebra()

    def _stop_zebra(self):
        if self.zebra is not None:
            self.zebra.kill()
        if os.path.exists(f"{self.own}/api"):
            os.unlink(f"{self.own}/api")
        self.zebra = None

    def finish(self):
        try:
            super().finish()
        finally:
            self.kill()
            shutil.rmtree(self.own, ignore_errors=True)


def configuration(instance):
    """vrrpd's configuration of one Instance of version 3."""
    family = "ipv6" if ":" in instance.addresses[0] else "ip"
    lines = [f"vrrp {instance.vrid} version 3", f"vrrp {instance.vrid} priority {instance.priority}",
             f"vrrp {instance.vrid} advertisement-interval {round(instance.interval * 1000)}",
             *(f"vrrp {instance.vrid} {family} {address.partition('/')[0]}" for address in instance.addresses)]
    return f"interface {instance.interface}\n" + "".join(f" {line}\n" for line in lines)


class FrrSide(Side):
    """A side that vrrpd runs. It holds the addresses while their device is up."""

    def start(self):
        self.device.prepare(self.instance)
        self.device.start(configuration(self.instance))

    def _is_up(self):
        links = json.loads(self.host.ip("-j", "link", "show", "dev", self.device.device_of(self.instance)).stdout)
        return "LOWER_UP" in links[0]["flags"]

    def holds_addresses(self):
        return self._is_up()

    def holds_none(self):
        return not self._is_up()
