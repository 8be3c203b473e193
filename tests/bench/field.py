# SPDX-License-Identifier: ISC
"""One device with many virtual routers, and a silent host that plays the peer of all of them.

The peer is the same for every device that is measured: frames made beforehand, sent from here. Everything
is timed by the kernel's stamps in the switch.
"""

import json
import os
import shutil
import tempfile
import time

from harness.config import Instance
from harness.frame import Advert
from harness.namespace import Network
from harness.process import children
from harness.wait import wait_for

PER_LINK = 250
# Instance's own, and the peer's.
PRIORITY, BETTER = 100, 200


class Field:
    """`count` routers, PER_LINK on an interface, each with an address; `changes` are those of all instances."""

    def __init__(self, kind, count, interval, **changes):
        self.interval = interval
        self._folder = tempfile.mkdtemp(prefix="va")
        self.network = Network()
        self.host = self.network.host("dut", ["10.0.0.1/16"])
        self.peer = self.network.host("peer", addresses=())
        self.peer.sysctl({"net/ipv6/conf/all/disable_ipv6": 1})
        for link in range(1, (count - 1) // PER_LINK + 1):
            self.network.add_segment(f"br{link}")
            self.host.add_interface(f"eth{link}", [f"10.{link}.0.1/16"], segment=f"br{link}")
            self.peer.add_interface(f"eth{link}", segment=f"br{link}")
        self.routers = [(f"eth{number // PER_LINK}", number % PER_LINK + 1) for number in range(count)]
        self.device = kind(self.host, self._folder)
        self.text = "global_defs {\n    router_id bench\n}\n" + "".join(
            Instance(f"r{number}", vrid, (f"{self.address(link, vrid)}/32",), interface=link, interval=interval)
            .but(**changes).text() for number, (link, vrid) in enumerate(self.routers))
        self._frames = {}
        self._sent = 0
        self.capture = None

    @staticmethod
    def address(link, vrid):
        return f"10.{link[3:]}.1.{vrid}"

    @property
    def skew(self):
        return (256 - PRIORITY) / 256 * self.interval

    def start(self, capture=True):
        """capture: not where there are too many advertisements for it."""
        if capture:
            self.capture = self.network.capture()
        self.device.start(self.text)

    def start_active(self, capture=True):
        """Until every router has its address."""
        self.start(capture)
        wanted = {self.address(*router) for router in self.routers}
        wait_for(lambda: wanted <= self.host.held(), 60, "every router as Active", 0.2)

    def frames_sent(self):
        """How many frames the device's interfaces have sent, as the switch counts them."""
        links = json.loads(self.network.switch_run("ip", "-s", "-j", "link", "show").stdout)
        ports = {self.network.port_of("dut", link) for link, _ in self.routers}
        return sum(link["stats64"]["rx"]["packets"] for link in links if link["ifname"] in ports)

    def _frame(self, router, priority):
        """An advertisement of the peer, made once."""
        key = router, priority
        if key not in self._frames:
            link, vrid = router
            self._frames[key] = Advert(vrid, f"10.{link[3:]}.0.2", (self.address(link, vrid),), priority=priority,
                                       interval=round(self.interval * 100)).frames()
        return self._frames[key]

    def play(self, schedule):
        """Sends [(seconds from now, router, priority)]; they are made before the first is sent."""
        schedule = [(offset, router[0], self._frame(router, priority)) for offset, router, priority in sorted(schedule)]
        begin = time.monotonic()
        for offset, link, frame in schedule:
            left = begin + offset - time.monotonic()
            if left > 0:
                time.sleep(left)
            self.peer.send(frame, link)
            self._sent += 1

    def firsts(self, frames):
        """{router: time of the first} of frames of one kind."""
        found = {}
        for seen in frames:
            found.setdefault((seen.interface, seen.vrid), seen.time)
        return found

    def lasts_of_peer(self):
        """{router: time of the last advertisement of the peer}, once all that was sent has been captured."""
        wait_for(lambda: len(self.capture.adverts("peer")) == self._sent, 10, "the peer's own frames", 0.05)
        return {(seen.interface, seen.vrid): seen.time for seen in self.capture.adverts("peer")}

    def taken_over(self, lasts):
        """{router: time of the first advertisement after the peer's last}, waited for."""
        def all_first():
            first = {}
            for seen in self.capture.adverts("dut"):
                key = seen.interface, seen.vrid
                if key in lasts and seen.time > lasts[key]:
                    first.setdefault(key, seen.time)
            return len(first) == len(lasts) and first

        return wait_for(all_first, 4 * self.interval + 15, "the takeover of all", 0.1)

    def announced(self, since):
        """{router: time of the first gratuitous ARP for its address}."""
        of_address = {self.address(*router): router for router in self.routers}
        found = {}
        for seen in self.capture.arps("dut", since):
            if seen.gratuitous and seen.target in of_address:
                router = of_address[seen.target]
                found[router] = min(found.get(router, seen.time), max(seen.time, since))
        return found

    def cpu(self):
        """Seconds that all threads of all processes of the device have run."""
        total = 0
        for pid in self.processes():
            for task in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as stream:
                    total += int(stream.read().split()[0])
        return total / 1e9

    def processes(self):
        """Of the device, and theirs."""
        found, waiting = [], [self.device.pid]
        while waiting:
            pid = waiting.pop()
            found.append(pid)
            waiting += children(pid)
        return found

    def memory(self):
        """Octets that all processes of the device have in memory; what they share is counted once."""
        total = 0
        for pid in self.processes():
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as stream:
                total += sum(int(line.split()[1]) for line in stream if line.startswith("Pss:"))
        return total * 1024

    def close(self):
        self.device.kill()
        self.network.close()
        shutil.rmtree(self._folder, ignore_errors=True)
