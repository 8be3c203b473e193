# SPDX-License-Identifier: ISC
"""Who is Active by the wire alone, and whether the protocol allows it.

The rules, for a router of two hosts; what is said of a host holds while its program runs, its links are up and the
router is in service there, and of the path while both hosts' frames reach each other:

1. The wire is not silent for longer than Active_Down of who speaks next (its skew, after priority 0), counted from
   the last advertisement, or from when there was a host that could send one. The interval is the one that was heard,
   which after priority 0 is that of who leaves, or a longer one that management replaced meanwhile. In a sync group it
   may be twice that: a member whose time is up waits anew if another member has heard the Active meanwhile.
2. Nobody begins to be Active while a better router, whole and heard for its Active_Down at least, still is.
3. Two are not Active at once for longer than one advertisement interval, counted from when the path became whole.
4. After each rest exactly one is Active, and it is the best one if it preempts.

Each with a tolerance for the machine, and less what the machine itself was late by (harness/stalls.py).
"""

import os
import threading
import time

from harness.compiler import compile_c
from harness.process import Process
from harness.wait import wait_for

from .model import HOSTS

SOURCE = os.path.join(os.path.dirname(__file__), "observer.c")


class Observer:
    """The program observer.c in the switch. told(fields) gets each line that begins with + or -."""

    def __init__(self, folder, namespace, ports, told):
        program = os.path.join(str(folder), "observer")
        compile_c(SOURCE, program, "-O2")
        self._told = told
        self._lines = []
        self._answers = {}
        self._asked = 0
        self.lost = self.frames = 0
        self.process = Process([program, *ports], os.path.join(str(folder), "observer.log"), namespace, pipes=True)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        for line in self.process.output:
            kind, *fields = line.split()
            if kind == "=":
                self._lines.append(fields)
            elif kind == "!":
                self.frames, self.lost = map(int, fields)
            elif kind == ".":
                self._answers[fields[0]] = self._lines
                self._lines = []
            else:
                self._told(kind, *map(float, fields))

    def look(self):
        """{(segment, family, vrid): {host: (priority, claims, count, interval)}} at this moment."""
        self._asked += 1
        word = str(self._asked)
        self.process.tell(word + "\n")
        wait_for(lambda: word in self._answers, 60, lambda: f"the observer; {self.process.log()}")
        found = {}
        for _, port, family, vrid, priority, interval, claims, count in self._answers.pop(word):
            key = int(port) // 2, int(family), int(vrid)
            found.setdefault(key, {})[HOSTS[int(port) % 2]] = int(priority), claims == "1", int(count), float(interval)
        return found

    def close(self):
        self.process.kill()
        self._thread.join()


class Judge:
    """Rules 1 to 3, as the observer tells; complain(text) is called for each that is broken."""

    def __init__(self, model, windows, stalls, tolerance, complain):
        self._model = model
        self._windows = windows
        self._stalls = stalls
        self._tolerance = tolerance
        self._complain = complain
        self._lock = threading.Lock()
        self.begun = self.excused = self.overlaps = 0
        self.worst_takeover = self.worst_gap = self.worst_overlap = 0.0
        self.noted = []

    def told(self, kind, *fields):
        with self._lock:
            (self._begins if kind == "+" else self._ends)(*fields)

    def _things(self, router, host):
        return [("host", host), ("router", host, router.key), *(("link", host, each) for each in router.needs)]

    def since(self, router, host, moment):
        """Since when this host could have been Active; None: it could not."""
        return self._windows.whole_since(self._things(router, host), moment)

    def _path_since(self, router, moment):
        things = [("split", router.segment)]
        for host in HOSTS:
            things += self._things(router, host)
        return self._windows.whole_since(things, moment)

    def _router(self, port, family, vrid):
        return self._model.routers.get((int(port) // 2, int(family), int(vrid)))

    def _excess(self, due, moment):
        """Seconds by which something came later than due, less those that the machine was late by."""
        if moment - due <= self._tolerance:
            return moment - due
        own = moment - self._stalls.ready(due)
        if own <= self._tolerance:
            self.excused += 1
        return own

    @staticmethod
    def _skew(router, priority, interval):
        return (256 - priority) / 256 * (1 if router.version == 2 else interval)

    def _active_down(self, router, priority, interval):
        return (3 * interval + self._skew(router, priority, interval)) * (2 if router.group else 1)

    def _begins(self, moment, port, family, vrid, priority, interval, last, peer_last, peer_priority, peer_interval,
                peer_began):
        router = self._router(port, family, vrid)
        host, other = HOSTS[int(port) % 2], HOSTS[1 - int(port) % 2]
        what = f"{host} {int(port) // 2}/{int(family)}/{int(vrid)} priority {int(priority)}"
        if router is None:
            self._complain(f"{what}: advertises, and nobody is configured to", moment)
            return
        self.begun += 1
        own = self.since(router, host, moment)
        peer = self.since(router, other, moment)
        if own is None or max(last, peer_last) == 0:
            return
        newest = max(last, peer_last)
        longest = max(interval, peer_interval)
        # Of a sync group all must have waited: one that was told to hurry waits for those that were not.
        heard = peer_last == newest >= own and self._windows.whole_since([("split", router.segment)], newest) is not None
        if heard and peer_priority == 0 and not router.group:
            due = newest + self._skew(router, priority, peer_interval)
        else:
            waited = max(newest, own)
            due = waited + self._active_down(
                router, priority, max(longest, router.longest_interval(host, waited) / 100))
        if peer is not None:
            waited = max(newest, peer)
            longest = max(longest, router.longest_interval(other, waited) / 100)
            due = min(due, waited + self._active_down(router, self._model.priority(router, other), longest))
        excess = self._excess(due, moment)
        if last > peer_last and own < last:
            self.worst_gap = max(self.worst_gap, moment - last)
        else:
            self.worst_takeover = max(self.worst_takeover, excess)
        if excess > self._tolerance:
            self._complain(f"{what}: the wire was silent for {moment - max(last, peer_last):.3f} s, "
                           f"{excess:.3f} s too long", moment)
        if peer_priority > priority and peer_began:
            self._check_rank(router, what, moment, peer_last, peer_priority, peer_interval, peer_began)

    def _check_rank(self, router, what, moment, peer_last, peer_priority, peer_interval, peer_began):
        """Rule 2."""
        whole = self._path_since(router, moment)
        if whole is None or max(whole, peer_began) > peer_last - 4 * peer_interval - self._tolerance:
            return
        if self._stalls.ready(peer_last + peer_interval) > peer_last + 2 * peer_interval:
            self.excused += 1
            return
        if self._windows.break_after(self._things(router, what.split()[0]), moment) < moment + self._tolerance:
            return
        self._complain(f"{what}: begins {moment - peer_last:.3f} s after an advertisement of the other "
                       f"with priority {int(peer_priority)}", moment)

    def _ends(self, moment, port, family, vrid, _priority, interval, began, peer_last, peer_began, peer_interval):
        router = self._router(port, family, vrid)
        begin, end = max(began, peer_began), min(moment, peer_last)
        # When the other was the first to end, that was judged then.
        if router is None or end <= begin or moment - peer_last > 2 * peer_interval:
            return
        whole = self._path_since(router, end)
        if whole is None or end - max(begin, whole) <= 0:
            return
        self.overlaps += 1
        allowed = max(interval, peer_interval)
        excess = self._excess(max(begin, whole) + allowed, end)
        self.worst_overlap = max(self.worst_overlap, end - max(begin, whole))
        if excess > self._tolerance:
            self._complain(f"{int(port) // 2}/{int(family)}/{int(vrid)}: two were Active for "
                           f"{end - max(begin, whole):.3f} s, {excess:.3f} s too long", end)


def wrong(model, seen):
    """Rule 4: [(key, who may be Active, who is)] of all that is not as it must be now."""
    found = []
    for key, router in list(model.routers.items()):
        claims = [host for host, (_, active, _, _) in seen.get(key, {}).items() if active]
        wanted = model.may_be_active(router)
        if len(claims) != min(1, len(wanted)) or not set(claims) <= set(wanted):
            found.append((key, wanted, claims))
    for key in set(seen) - set(model.routers):
        if any(active for _, active, _, _ in seen[key].values()):
            found.append((key, [], "somebody"))
    return found


def now():
    """The clock of the observer's stamps."""
    return time.time()
