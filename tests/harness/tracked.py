# SPDX-License-Identifier: ISC
"""Routers that track something, on the device and on keepalived with the same configuration."""

from .config import Instance, configuration
from .wait import wait_for

INTERVAL = 0.2
PATIENCE = 20
FAULT = None


def track(kind, *lines):
    return (f"{kind} {{", *(f"    {line}" for line in lines), "}")


class Both:
    """The device, "ours", and keepalived, "theirs", each alone on its VRIDs: who is not in fault is Active.

    Each is on a host of its own unless `hosts` says where.
    """

    patience = PATIENCE

    def __init__(self, network, devices, kinds, files="", hosts=None, interval=INTERVAL):
        self.capture = network.capture()
        self.hosts = hosts or {name: network.host(name) for name in kinds}
        self.devices = {name: devices(kind, self.hosts[name], name) for name, kind in kinds.items()}
        self.interval = interval
        self.files = files
        self.names = ()

    def text(self, name, uses, files=None):
        first, net = {"ours": (1, 1), "theirs": (101, 2)}[name]
        self.names = tuple(uses)
        return configuration(
            [Instance(use, first + number, (f"198.51.10{net}.{100 + number}/32",), priority, self.interval, extra=lines)
             for number, (use, (priority, lines)) in enumerate(uses.items())],
            ("dynamic_interfaces",), self.files if files is None else files)

    def start(self, uses):
        for name, device in self.devices.items():
            device.start(self.text(name, uses))

    def adverts(self, name, number, since=0.0):
        """Those of the instance with this place among `uses`."""
        return self.capture.adverts(self.hosts[name].name, {"ours": 1, "theirs": 101}[name] + number, since=since)

    def priority(self, name, number):
        """The last one on the wire, FAULT if that is 0 or long ago: keepalived says no farewell with priority 255."""
        seen = self.adverts(name, number)
        if not seen or self.capture.last_time() - seen[-1].time > 5 * self.interval:
            return FAULT
        return seen[-1].priority or FAULT

    def expect(self, what, table):
        def differing():
            return {f"{name} {use}": self.priority(name, number) for name in self.devices
                    for number, use in enumerate(self.names) if self.priority(name, number) != table[use]}

        wait_for(lambda: not differing(), self.patience,
                 lambda: f"{what}: {differing()} instead of {table}\n{self.devices['ours'].log()[-2500:]}")


# name: what the tracker has, and what follows its name in the instance
PROCESSES = {
    "fault": ("", ""),
    "plus": ("weight 10", ""),
    "minus": ("weight -20", "weight -20"),
    "back": ("weight 10", "weight 10 reverse"),
    "two": ("quorum 2\n    weight 10", ""),
    "one": ("quorum_max 1\n    weight 10", ""),
    "none": ("quorum_max 0\n    weight 10", ""),
}


def of_count(count):
    return {"fault": 100 if count else FAULT, "plus": 110 if count else 100, "minus": 100 if count else 80,
            "back": 90 if count else 100, "two": 110 if count >= 2 else 100, "one": 110 if count == 1 else 100,
            "none": 100 if count else 110}
