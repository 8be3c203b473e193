# SPDX-License-Identifier: ISC
"""Addresses, routes and routing rules of a namespace, as iproute2 shows and reports them."""

import json
import subprocess
import threading
import time

from .process import run
from .wait import wait_for

# What differs between two hosts that are set up alike, or from one moment to the next.
_PASSING = {"ifindex", "link_index", "valid_life_time", "cache", "dynamic"}


def _plain(entry):
    """A hashable form of what `ip -j` says of one thing."""
    if isinstance(entry, dict):
        return tuple(sorted((key, _plain(value)) for key, value in entry.items() if key not in _PASSING))
    if isinstance(entry, list):
        return tuple(_plain(each) for each in entry)
    return entry


def _list(host, *words):
    return json.loads(run(["ip", "-n", host.namespace, "-j", "-d", *words]).stdout or "[]")


def routes(host, *words):
    """Those of all tables and both families that the kernel did not make itself."""
    found = []
    for family in ("-4", "-6"):
        listed = json.loads(run(["ip", "-n", host.namespace, family, "-j", "-d", "route", "show",
                                 "table", "all", *words]).stdout or "[]")
        found += [entry for entry in listed if entry.get("protocol") != "kernel"]
    return found


def rules(host):
    found = []
    for family in ("-4", "-6"):
        listed = json.loads(run(["ip", "-n", host.namespace, family, "-j", "-d", "rule"]).stdout or "[]")
        found += [{**entry, "family": family} for entry in listed if entry.get("protocol") != "kernel"]
    return found


def has_route(host, destination, *words):
    return any(entry["dst"] == destination for entry in routes(host, *words))


def has_rule(host, preference):
    return any(entry["priority"] == preference for entry in rules(host))


def installed(host):
    """Everything together, comparable between hosts."""
    addresses = []
    for entry in host.addresses():
        lifetime = entry.get("preferred_life_time", 0)
        entry["preferred_life_time"] = "some" if 0 < lifetime < 2**32 - 1 else lifetime
        addresses.append(_plain(entry))
    return {"addresses": set(addresses), "routes": set(map(_plain, routes(host))),
            "rules": set(map(_plain, rules(host)))}


class RoutingMonitor:
    """Records (time.monotonic(), line) of `ip monitor` until close()."""

    def __init__(self, host):
        self.events = []
        self._started = False
        self._process = subprocess.Popen(  # pylint: disable=consider-using-with
            ["ip", "-n", host.namespace, "-o", "-d", "monitor", "address", "route", "rule"],
            stdout=subprocess.PIPE, text=True)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        self._begin(host)

    def _begin(self, host):
        """Until it hears a change made for that purpose, it may still be starting."""
        def heard():
            run(["ip", "-n", host.namespace, "route", "replace", "blackhole", "203.0.113.255"])
            run(["ip", "-n", host.namespace, "route", "del", "blackhole", "203.0.113.255"])
            return self._started

        wait_for(heard, 10, "the start of ip monitor", poll=0.05)

    def _read(self):
        for line in self._process.stdout:
            if "203.0.113.255" in line:
                self._started = True
            else:
                self.events.append((time.monotonic(), line.strip()))

    def times(self, *words):
        """When all of these words were in one line. Without "Deleted" among them, it must not be there."""
        return [stamp for stamp, line in list(self.events)
                if all(word in line for word in words) and ("Deleted" in words) == ("Deleted" in line)]

    def wait(self, *words, count=1, timeout=5):
        return wait_for(lambda: len(self.times(*words)) >= count and self.times(*words), timeout,
                        lambda: f"{words} in {self.events[-20:]}")[count - 1]

    def close(self):
        self._process.kill()
        self._process.wait()
        self._thread.join()
        self._process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()
