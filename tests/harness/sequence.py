# SPDX-License-Identifier: ISC
"""Which states instances and sync groups went through, as a device tells it: {name: [STATE, ...]}, in keepalived's
words. keepalived is asked by its FIFO, vrrp-agent by its log."""

import os
import re
import threading

from .device import Keepalived

WORDS = {"initialize": "STOP", "backup": "BACKUP", "active": "MASTER", "fault": "FAULT"}
_TOLD = re.compile(r"core: (sync group )?(\S+): \w+ -> (\w+): ")
_LINE = re.compile(r'(?:INSTANCE|GROUP) "(.*)" (\w+) \d+')


class Sequences:
    """Of one device, from before its start. global_lines() belong into its configuration."""

    def __init__(self, device, folder):
        self.device = device
        self._lines = []
        self._fd = None
        if isinstance(device, Keepalived):
            self._path = os.path.join(folder, f"{device.name}.fifo")
            os.mkfifo(self._path)
            self._fd = os.open(self._path, os.O_RDWR)
            threading.Thread(target=self._read, daemon=True).start()

    def global_lines(self):
        return (f"vrrp_notify_fifo {self._path}",) if self._fd is not None else ()

    def _read(self):
        with os.fdopen(self._fd, encoding="utf-8", closefd=False) as stream:
            for line in stream:
                self._lines.append(line)

    def told(self):
        """[(name, STATE)] in the order in which they were told."""
        if self._fd is not None:
            found = [_LINE.match(line) for line in list(self._lines)]
            return [match.groups() for match in found if match]
        return [(name, WORDS[state]) for _, name, state in _TOLD.findall(self.device.log())]

    def of_each(self):
        found = {}
        for name, state in self.told():
            found.setdefault(name, []).append(state)
        return found

    def now(self, name):
        """The last state of an instance or a group; None before its first."""
        return (self.of_each().get(name) or [None])[-1]
