# SPDX-License-Identifier: ISC
"""The receiving end of sd_notify(3)."""

import os
import socket
import threading
import time

from .wait import wait_for


class NotifySocket:
    """Records (time.monotonic(), {NAME: value}) of every message; `environment` goes to the program."""

    def __init__(self, folder, watchdog_usec=None):
        self.path = os.path.join(str(folder), "notify")
        self.messages = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.path)
        self.environment = {"NOTIFY_SOCKET": self.path}
        if watchdog_usec:
            self.environment["WATCHDOG_USEC"] = str(watchdog_usec)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        while True:
            octets = self._socket.recv(65536)
            if octets == b"close":
                return
            fields = dict(line.split("=", 1) for line in octets.decode().splitlines() if "=" in line)
            self.messages.append((time.monotonic(), fields))

    def times(self, name, value=None, since=0.0):
        """When `name` (with this value) was sent."""
        return [stamp for stamp, fields in list(self.messages)
                if stamp >= since and name in fields and value in (None, fields[name])]

    def values(self, name):
        return [fields[name] for _, fields in list(self.messages) if name in fields]

    def wait(self, name, value=None, since=0.0, timeout=10):
        return wait_for(lambda: self.times(name, value, since), timeout,
                        lambda: f"{name}={value}; received: {self.messages}")[0]

    def close(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
            end.sendto(b"close", self.path)
        self._thread.join()
        self._socket.close()
