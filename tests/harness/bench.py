# SPDX-License-Identifier: ISC
"""One device with many virtual routers, and a tester that puts crafted frames before it.

Each case of a conformance table gets a virtual router (a VRID) of its own, so all of them run at once.
The tester's kernel is silent: whatever comes from its port was sent by the test.
"""

import time

from .config import Instance, configuration
from .folder import ShortFolder
from .frame import Advert
from .namespace import Network
from .wait import observe, wait_for

# The tester's address is the greater one; LOWER is below the device's. All are on one link.
DUT = {4: "10.9.2.10", 6: "fe80::10"}
TESTER = {4: "10.9.2.20", 6: "fe80::20"}
LOWER = {4: "10.9.2.5", 6: "fe80::5"}
BROADCAST = "10.255.255.255"
# An advertisement may leave the device while the frame that would have kept it back is on its way.
CROSSING = 0.010

# name: (version, family, interval in seconds, interval as it stands in an advertisement)
FLAVOURS = {"v2": (2, 4, 1.0, 1), "v3": (3, 4, 0.5, 50), "v6": (3, 6, 0.5, 50)}


class Router:
    """A virtual router of the device, and the frames that concern it."""

    def __init__(self, bench, name, flavour, vrid, changes):
        self.bench = bench
        self.name = name
        self.flavour = flavour
        self.vrid = vrid
        self.version, self.family, interval, wire_interval = FLAVOURS[flavour]
        if self.family == 4:
            self.addresses = (f"198.51.100.{vrid}",)
            length = 32
        else:
            self.addresses = (f"fe80::5e:{vrid:x}", f"2001:db8:1::{vrid:x}")
            length = 128
        plain = Instance(
            name=name, vrid=vrid, interval=interval, version=self.version,
            addresses=tuple(f"{address}/{length}" for address in self.addresses))
        self.instance = plain.but(**changes)
        self.interval = self.instance.interval
        scale = self.interval / interval
        self.probe = Advert(
            vrid=vrid, source=TESTER[self.family], addresses=self.addresses,
            version=self.version, interval=round(wire_interval * scale))

    @property
    def skew(self):
        """Seconds, at its own interval."""
        return (256 - self.instance.priority) / 256 * (1 if self.version == 2 else self.interval)

    @property
    def active_down(self):
        return 3 * self.interval + self.skew

    def adverts(self, since=0.0, until=None):
        """What the device sent for this router."""
        return self.bench.capture.adverts("dut", self.vrid, self.family, since, until)

    def announcements(self, since=0.0, until=None):
        """Gratuitous ARPs or neighbour advertisements of the device for this router's addresses."""
        capture = self.bench.capture
        if self.family == 4:
            seen = [each for each in capture.arps("dut", since, until) if each.gratuitous]
        else:
            seen = capture.neighbour_adverts("dut", since, until)
        return [each for each in seen if each.target in self.addresses]

    def gap_after(self, stamp):
        """Seconds from a stamp to the device's next advertisement; None when there is none."""
        later = self.adverts(since=stamp)
        return later[0].time - stamp if later else None


    def silence_after(self, stamp):
        """The same for a frame that ends the device's turn: what crossed it on its way does not count."""
        later = self.adverts(since=stamp + CROSSING)
        return later[0].time - stamp if later else None


class Sent:
    """Something that was put on the wire; its stamp is the switch's."""

    def __init__(self, bench, first, count):
        self._bench = bench
        self._last = first + count - 1

    @property
    def time(self):
        def stamped():
            frames = [seen for seen in self._bench.capture.frames() if seen.host == "tester"
                      and seen.interface == "eth0"]
            return frames[self._last : self._last + 1]

        return wait_for(stamped, 5, "the tester's own frame on the wire")[0].time


class Bench:
    def __init__(self, kind, folder):
        """The device's files end up in `folder`, which may have a name too long for a Unix socket."""
        self._folder = ShortFolder(folder)
        self.network = Network()
        self.dut = self.network.host("dut", [f"{DUT[4]}/8", f"{DUT[6]}/64", "2001:db8::10/64"])
        self.tester = self.network.host("tester", addresses=())
        self.tester.sysctl({"net/ipv6/conf/all/disable_ipv6": 1})
        self.capture = self.network.capture()
        self.device = kind(self.dut, self._folder.path)
        self.routers = []
        self._next = {4: 1, 6: 1}
        self._sent = 0

    def router(self, name, flavour, vrid=None, **changes):
        """A virtual router with a free VRID (or the given one); `changes` are those of Instance."""
        family = FLAVOURS[flavour][1]
        if vrid is None:
            vrid = self._next[family]
            self._next[family] += 1
        made = Router(self, name, flavour, vrid, changes)
        self.routers.append(made)
        return made

    def start(self, global_lines=(), other_instances=()):
        self.device.start(configuration(
            [router.instance for router in self.routers] + list(other_instances), global_lines))

    def tell_neighbours(self):
        """Lets the device send to the tester's addresses, whose kernel answers nothing."""
        for address in (*TESTER.values(), *LOWER.values()):
            self.dut.ip("neigh", "replace", address, "lladdr", self.tester.mac(), "dev", "eth0")

    def wait_active(self, timeout=20):
        """Until the device has sent two advertisements for every router."""
        def missing():
            counts = self.capture.routers("dut")
            return [router.name for router in self.routers
                    if counts.get((router.family, router.vrid), 0) < 2]

        wait_for(lambda: not missing(), timeout,
                 lambda: f"advertisements for {missing()}; the device's log:\n{self.device.log()[-3000:]}", 0.1)

    def send(self, what):
        """An Advert, or frames as bytes."""
        frames = what.frames() if isinstance(what, Advert) else what
        self.tester.send(frames)
        sent = Sent(self, self._sent, len(frames))
        self._sent += len(frames)
        return sent

    def play(self, schedule):
        """Sends [(seconds from now, frame)], in order of time; returns the Sent in the given order."""
        start = time.monotonic()
        sent = {}
        for place in sorted(range(len(schedule)), key=lambda place: schedule[place][0]):
            offset, what = schedule[place]
            left = start + offset - time.monotonic()
            if left > 0:
                time.sleep(left)
            sent[place] = self.send(what)
        return [sent[place] for place in range(len(schedule))]

    @staticmethod
    def look_on(seconds, why):
        observe(seconds, why)

    def close(self):
        try:
            self.device.finish()
        finally:
            self.device.kill()
            self.network.close()
            self._folder.close()
