# SPDX-License-Identifier: ISC
"""The applier program in a host's namespace, spoken to line by line."""

import json
import os
import subprocess
import threading
import time

from harness.wait import wait_for

PROGRAM = os.environ.get("APPLIER_PROGRAM") or os.path.join(
    os.environ.get("TOP_BUILDDIR") or os.path.join(os.path.dirname(__file__), "..", "..", ".."),
    "tests", "net", "applier", "applier")


class Applier:
    """Runs in `host` with its journal in `folder`; said: what it printed, as dicts."""

    def __init__(self, host, folder, slots=4096):
        self.host = host
        self.said = []
        self.errors = open(os.path.join(folder, "applier.log"), "a+", encoding="utf-8")
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "nsenter", f"--net=/run/netns/{host.namespace}",
             PROGRAM, str(folder), str(slots)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        self.wait("its start", lambda line: line.get("started"))

    @property
    def pid(self):
        return self._process.pid

    def _read(self):
        for line in self._process.stdout:
            self.said.append({**json.loads(line), "heard": time.monotonic()})

    def tell(self, *lines):
        self._process.stdin.write("\n".join(lines) + "\n")
        self._process.stdin.flush()

    def wait(self, what, matches, since=0, timeout=10):
        """The first line from number `since` on that matches."""
        def found():
            return [line for line in self.said[since:] if matches(line)]

        return wait_for(found, timeout, lambda: f"{what}; it said {self.said[-5:]} {self.log()}", poll=0.002)[0]

    def results(self, since=0):
        return [line for line in self.said[since:] if "slot" in line]

    def own(self, first, last, own, timeout=20):
        """Wishes, and waits for the last result of each slot to say so; returns these results by slot."""
        since = len(self.said)
        self.tell(f"own {first} {last} {int(own)}", "go")

        def answered():
            latest = {line["slot"]: line for line in self.results(since) if line["owned"] == own}
            return len(latest) == last - first + 1 and latest

        return wait_for(answered, timeout, lambda: f"{last - first + 1} results; it said {self.said[-5:]} {self.log()}",
                        poll=0.002)

    def interface(self, name):
        """The newest row of an interface."""
        rows = [line for line in list(self.said) if line.get("name") == name]
        return rows[-1] if rows else None

    def wait_interface(self, name, matches, timeout=10):
        return wait_for(lambda: self.interface(name) and matches(self.interface(name)) and self.interface(name),
                        timeout, lambda: f"{name}: {self.interface(name)}")

    def signal(self, number):
        self._process.send_signal(number)

    def kill(self):
        self._process.kill()
        self._process.wait()

    def stop(self):
        """Ends it in order; a sanitizer's finding is a failure."""
        if self._process.poll() is None:
            self._process.stdin.close()
            self._process.wait(20)
        self._thread.join()
        assert self._process.returncode == 0, self.log()
        assert any(line.get("stopped") for line in self.said)

    def log(self):
        self.errors.seek(0)
        return self.errors.read()


def router(slot, addresses, interface="eth0", family=4, repeat=0, delay=0, refresh=0, vrid=None):
    """A line for the program: a virtual router; delay and refresh in ms."""
    vrid = vrid or slot % 255 + 1
    return f"router {slot} {interface} {family} {vrid} {repeat} {delay} {refresh} {' '.join(addresses)}"
