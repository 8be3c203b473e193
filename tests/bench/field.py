# SPDX-License-Identifier: ISC
"""One device with many virtual routers, and a silent host that plays the peer of all of them.

The peer is the same for every device that is measured: frames made beforehand, sent by a program that does nothing
else. Everything is timed by the kernel's stamps in the switch.
"""

import os
import re
import shutil
import tempfile

from harness.config import Instance
from harness.frame import Advert
from harness.namespace import Network, inside
from harness.process import children
from harness.wait import wait_for

from .memory import resident
from .registry import note
from .tools import Addresses, Pacer, Recorder

PER_LINK = 250
# Instance's own, and the peer's.
PRIORITY, BETTER = 100, 200


def cpu_seconds(pids):
    """That all threads of these processes have run."""
    total = 0
    for pid in pids:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as stream:
                total += int(stream.read().split()[0])
    return total / 1e9


class Field:
    """`count` routers, PER_LINK on an interface, each with an address; `words` are further lines of global_defs,
    `changes` those of all instances."""

    def __init__(self, kind, count, interval, words=(), **changes):
        self.interval = interval
        self.words = words
        self.changes = changes
        self.folder = tempfile.mkdtemp(prefix="va")
        self.network = Network()
        self.host = self.network.host("dut", ["10.0.0.1/16"])
        self.peer = self.network.host("peer", addresses=())
        self.peer.sysctl({"net/ipv6/conf/all/disable_ipv6": 1})
        for link in range(1, (count - 1) // PER_LINK + 1):
            self.network.add_segment(f"br{link}")
            self.host.add_interface(f"eth{link}", [f"10.{link}.0.1/16"], segment=f"br{link}")
            self.peer.add_interface(f"eth{link}", segment=f"br{link}")
        self.routers = [(f"eth{number // PER_LINK}", number % PER_LINK + 1) for number in range(count)]
        self.device = kind(self.host, self.folder)
        self.text = self.configuration()
        self._frames = {}
        self._tools = []
        self.capture = None

    def configuration(self, changed=(), **changes):
        """The whole file; the routers whose numbers are in `changed` have a further address, and these `changes`."""
        changed = set(changed)
        words = "".join(f"    {line}\n" for line in ("router_id bench", *self.words))
        return f"global_defs {{\n{words}}}\n" + "".join(
            self._instance(number, *router).but(**(changes if number in changed else {}), **(
                {"addresses": (f"{self.address(*router)}/32", f"{self.further(*router)}/32")} if number in changed
                else {})).text() for number, router in enumerate(self.routers))

    def _instance(self, number, link, vrid):
        return Instance(f"r{number}", vrid, (f"{self.address(link, vrid)}/32",), interface=link,
                        interval=self.interval).but(**self.changes)

    @staticmethod
    def address(link, vrid):
        return f"10.{link[3:]}.1.{vrid}"

    @staticmethod
    def further(link, vrid):
        """The address that a change adds."""
        return f"10.{link[3:]}.2.{vrid}"

    @property
    def skew(self):
        return (256 - PRIORITY) / 256 * self.interval

    def record(self, keep=True):
        """A recorder of what enters the switch from now on."""
        made = Recorder(self.network, tempfile.mkdtemp(dir=self.folder), keep)
        self._tools.append(made)
        return made

    def listen(self):
        """A listener to addresses of the device that are added from now on."""
        made = Addresses(self.host, self.folder)
        self._tools.append(made)
        return made

    def start(self, capture=True):
        """capture: not where nothing is to be seen by it."""
        if capture:
            self.capture = self.record()
        self.device.start(self.text)

    def start_active(self, capture=True):
        """Until every router has its address."""
        self.start(capture)
        wanted = {self.address(*router) for router in self.routers}
        wait_for(lambda: wanted <= self.host.held(), 30 + len(wanted) / 100,
                 lambda: f"every router as Active; log:\n{self.device.log()[-1000:]}", 0.1 + len(wanted) / 10000)

    def frames_sent(self):
        """How many frames the device's interfaces have sent."""
        return self._count("tx_packets")

    def frames_heard(self):
        return self._count("rx_packets")

    def _count(self, what):
        def read():
            with open("/proc/thread-self/net/dev", encoding="ascii") as stream:
                lines = [line.replace(":", " ").split() for line in stream if ":" in line]
            place = {"rx_packets": 2, "tx_packets": 10}[what]
            return sum(int(line[place]) for line in lines if line[0].startswith("eth"))

        return inside(self.host.namespace, read)

    def _frame(self, router, priority):
        """An advertisement of the peer, made once."""
        key = router, priority
        if key not in self._frames:
            link, vrid = router
            self._frames[key] = Advert(vrid, f"10.{link[3:]}.0.2", (self.address(link, vrid),), priority=priority,
                                       interval=round(self.interval * 100)).frames()[0]
        return self._frames[key]

    def peers(self, schedule, rounds=1, period=0.0):
        """Begins to send [(seconds from the begin of each round, router, priority)]; returns the Pacer."""
        made = Pacer(self.peer, [(offset, router[0], self._frame(router, priority))
                                 for offset, router, priority in schedule], rounds, period)
        self._tools.append(made)
        return made

    def play(self, schedule, rounds=1, period=0.0):
        """The same, until all of it is sent and captured; tells how late it was, and returns what 99 of 100 frames
        were not later than, in ms."""
        before = len(self.capture.adverts("peer"))
        pacer = self.peers(schedule, rounds, period)
        said = pacer.wait(60 + rounds * period + max(each[0] for each in schedule))
        note("the peers: " + said)
        wait_for(lambda: len(self.capture.adverts("peer")) - before == rounds * len(schedule), 10, "the peers' frames")
        return int(re.search(r"(\d+) us \(99 %\)", said)[1]) / 1e3

    def lasts_of_peer(self):
        """{router: time of the peer's last advertisement}."""
        return {seen.router: seen.time for seen in self.capture.adverts("peer")}

    def taken_over(self, lasts):
        """{router: time of the device's first advertisement after its peer's last}; of all these, waited for."""
        def firsts():
            first = {}
            for seen in self.capture.adverts("dut", min(lasts.values())):
                if seen.time > lasts.get(seen.router, seen.time):
                    first.setdefault(seen.router, seen.time)
            return len(first) == len(lasts) and first

        return wait_for(firsts, 4 * self.interval + 15, "the takeover of all", 0.2)

    def cpu(self):
        """Seconds that all threads of all processes of the device have run."""
        return cpu_seconds(self.processes())

    def processes(self):
        """Of the device, and theirs."""
        found, waiting = [], [self.device.pid]
        while waiting:
            pid = waiting.pop()
            found.append(pid)
            waiting += children(pid)
        return found

    def memory(self):
        """Octets that all processes of the device have in memory, and those which are no file's."""
        return resident(self.processes())

    def close(self):
        self.device.kill()
        for tool in self._tools:
            tool.close()
        self.network.close()
        shutil.rmtree(self.folder, ignore_errors=True)
