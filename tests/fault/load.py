# SPDX-License-Identifier: ISC
"""Fifty routers that are Active, fifty that flap and notify, fifty Backups whose Active dies: one device."""

import threading
import time

from harness.config import Instance, configuration
from harness.frame import Advert
from harness.rhythm import Lateness, add_rhythm
from harness.snmp import VRRPV3
from harness.wait import wait_for

EACH = 50
INTERVAL = 0.1
SKEW = 156 / 256 * INTERVAL
# An advertisement may leave while the frame that ends it is still on its way.
CROSSING = 0.01
ACTIVE_DOWN = 3 * INTERVAL + SKEW
EARLY = 0.01
# All Backups take over within one interval: one moment of the machine shows in several of them.
TAKEOVERS = 0.1
STEADY = range(1, EACH + 1)
FLAPPING = range(101, 101 + EACH)
WAITING = range(201, 201 + EACH)
GLOBAL = ("enable_snmp_rfcv3", "enable_traps")


def _instance(vrid, priority=100):
    return Instance(f"i{vrid}", vrid, (f"198.51.100.{vrid}/32",), priority=priority, interval=INTERVAL)


class Load:
    """ours: the device. theirs: the Active that dies. tester: a host whose frames make routers flap. stalls: Stalls."""

    def __init__(self, capture, ours, theirs, tester, stalls):
        self.capture = capture
        self.stalls = stalls
        self.ours = ours
        self.theirs = theirs
        self.tester = tester
        self._stop = threading.Event()
        self._manager = None
        self.walks = 0
        self._thread = threading.Thread(target=self._flap, daemon=True)
        self._walker = threading.Thread(target=self._walk, daemon=True)

    def start(self):
        self.theirs.start(configuration([_instance(vrid, 200) for vrid in WAITING]))
        wait_for(lambda: self._active("theirs") >= set(WAITING), 15, "the other side as Active")
        self.ours.start(configuration([_instance(vrid) for vrid in (*STEADY, *FLAPPING, *WAITING)], GLOBAL))
        wait_for(lambda: self._active("ours") >= {*STEADY, *FLAPPING}, 15,
                 lambda: f"the device as Active; its log:\n{self.ours.log()[-3000:]}")

    def _active(self, host):
        return {seen.vrid for seen in self.capture.adverts(host, since=self.capture.last_time() - 2 * INTERVAL)}

    def start_flapping(self):
        self._thread.start()

    def start_walking(self, manager):
        """One walk of VRRPV3-MIB after the other, until the flapping stops; those that fail are asked again."""
        self._manager = manager
        self._walker.start()

    def _walk(self):
        while not self._stop.wait(0.5):
            self.walks += bool(self._manager.walk(VRRPV3, check=False))

    def _flap(self):
        """One flapping router after the other, each about once in a second."""
        while True:
            for vrid in FLAPPING:
                frame = Advert(vrid=vrid, source="192.0.2.99", addresses=(f"198.51.100.{vrid}",),
                               interval=round(INTERVAL * 100))
                self.tester.send(frame.frames())
                if self._stop.wait(1 / EACH):
                    return

    def stop_flapping(self):
        self._stop.set()
        self._thread.join()
        if self._walker.is_alive():
            self._walker.join()

    def check_steady(self, since, until, late):
        lateness = Lateness(late, INTERVAL, self.stalls)
        for vrid in STEADY:
            add_rhythm(lateness, self.capture.adverts("ours", vrid, since=since, until=until), INTERVAL, until)
        lateness.judge()

    def check_flaps(self, since, until, late):
        """After each frame that won, the router is back exactly after Active_Down."""
        lateness = Lateness(late, INTERVAL, self.stalls)
        count = 0
        for vrid in FLAPPING:
            own = self.capture.adverts("ours", vrid, since=since, until=until)
            won = [each.time for each in self.capture.adverts("tester", vrid, since=since, until=until - 1)]
            for stamp in won:
                self._exact(lateness, vrid, stamp, own)
                count += 1
        assert count >= EACH, f"only {count} flaps were seen"
        lateness.judge()

    def check_takeover(self, died, late):
        """Every Backup whose Active died took over in the protocol's time."""
        lateness = Lateness(late, INTERVAL, self.stalls, TAKEOVERS)
        for vrid in WAITING:
            mine = self.capture.adverts("ours", vrid, since=died - 1)
            assert mine, f"VRID {vrid} was not taken over"
            last = self.capture.adverts("theirs", vrid, until=mine[0].time)[-1].time
            self._exact(lateness, vrid, last, mine)
        lateness.judge()

    def _exact(self, lateness, vrid, last, own):
        """Of `own`, the first that is an answer to the frame at `last`: due Active_Down after it was heard."""
        heard = self.stalls.ready(last)
        taken = next(each.time for each in own if each.time > heard + CROSSING)
        early = last + ACTIVE_DOWN - taken
        assert early <= EARLY, f"VRID {vrid}: {early * 1000:.1f} ms before Active_Down"
        lateness.came(f"VRID {vrid}", heard + ACTIVE_DOWN, taken)


def now():
    """The clock of the capture's stamps."""
    return time.time()
