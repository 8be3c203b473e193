# SPDX-License-Identifier: ISC
"""Rounds of things that happen, each followed by a rest in which everything must be as the model has it."""

import random
import re
import time
from collections import Counter

from harness.stalls import Pulse, Stalls
from harness.wait import Timeout, wait_for

from .account import Notifications, Resources, Tail
from .events import COLUMNS, DOWN, TABLE, Events
from .model import HOSTS, Model
from .site import Site
from .windows import Windows
from .wire import Judge, Observer, now, wrong

PHASE = 8
REST = 25
SETS = 2.0
STARVED = 0.3
SEVERE = re.compile(r"^\S+ (?:emerg|alert|crit|error) \S+ (.*)$", re.M)


class Endurance:
    """say(text) prints a line. tolerance: seconds, see wire.py."""

    def __init__(self, folder, seed, routers, segments, tolerance, say):
        self.seed = seed
        self.say = say
        self.counts = Counter()
        self.violations = []
        self.round = 0
        self.began = time.monotonic()
        self.rests = []
        self.happened = []
        self.severe = Counter()
        self._since = now()
        self._tolerance = tolerance
        self.model = Model(random.Random(f"{seed}"), routers, segments)
        self.windows = Windows()
        self.stalls = Stalls(folder)
        self.pulse = Pulse()
        self.site = Site(self.model, self.windows, folder)
        self.nodes = self.site.nodes
        self.judge = Judge(self.model, self.windows, self.stalls, tolerance, self.complain)
        self.observer = Observer(folder, self.site.network.switch, self.site.ports(), self.judge.told)
        self.events = Events(self.site, self.model, self._count, self.complain, self.starved)
        self.notifications = {name: Notifications(node, self.model.names) for name, node in self.nodes.items()}
        self.resources = Resources()
        self._logs = {name: Tail(f"{node.device.folder}/log") for name, node in self.nodes.items()}

    def _count(self, what):
        self.counts[what] += 1

    def starved(self, seconds):
        """Whether an ordinary process had to wait for a processor for long, so long ago: others may then be taken for dead."""
        return self.pulse.longest(now() - seconds, now()) > STARVED

    def complain(self, text, moment=None):
        stamp = time.strftime("%H:%M:%S", time.gmtime(moment or now()))
        self.violations.append(f"{stamp} seed {self.seed} round {self.round}: {text}")
        if len(self.violations) <= 50:
            self.say(f"VIOLATION {self.violations[-1]}")

    def start(self):
        for name in HOSTS:
            self.windows.begin(("host", name), now())
            self.site.write(name)
            self.site.start(name)
        self._rest()
        for node in self.nodes.values():
            node.pids = node.processes()

    def run_round(self):
        """One round: what happens is decided by the seed and its number alone."""
        self._since = now()
        self.round += 1
        rng = self.events.rng = random.Random(f"{self.seed}/{self.round}")
        plan = self._plan(rng)
        began = time.monotonic()
        while plan:
            at, what, act = plan.pop(0)
            delay = began + at - time.monotonic()
            if delay > 0:
                time.sleep(delay)
            act()
            if what:
                self.happened.append(f"{at:.1f} {what}")
        self._rest()

    def _plan(self, rng):
        """[(seconds from the round's beginning, its name or "", what to call)], in order."""
        self.happened = []
        down = False
        plan = []
        for _ in range(rng.choice((1, 2, 2, 3))):
            what, _, hosts, make, span = rng.choices(TABLE, [each[1] for each in TABLE])[0]
            name = rng.choice(hosts)
            if what in DOWN and down:
                continue
            down = down or what in DOWN
            begin, end = make(self.events, name)
            at = rng.uniform(0, PHASE / 2)
            plan.append((at, f"{name}: {what}", self._once(what, begin, None if what in DOWN or end else name)))
            if end:
                plan.append((at + rng.uniform(*span), "", self._once("", end)))
        at = 0.0
        while (at := at + rng.expovariate(SETS)) < PHASE:
            plan.append((at, "", self._once("", self.events.set_some)))
        return sorted(plan, key=lambda each: each[0])

    def _once(self, what, act, name=None):
        """name: a host that must run for it."""
        def call():
            if name and self.nodes[name].down:
                return
            if what:
                self._count(what)
            act()

        return call

    # The rest

    def _rest(self):
        began = time.monotonic()
        for node in self.nodes.values():
            node.wait_up()
        self._clear_doubts()
        self._wait_right()
        self.rests.append(time.monotonic() - began)
        for name, node in self.nodes.items():
            self._check_addresses(name, node)
            shown = node.show()
            self._check_settings(name, shown)
            self._check_processes(name, node)
            self._check_log(name)
            self._check_notifications(name, node, shown["notifications"])
        if self.observer.lost:
            self.complain(f"the observer lost {self.observer.lost} frames: its figures mean nothing")
        for node in self.nodes.values():
            node.killed.clear()
            node.bad_file = False

    def _wait_right(self):
        try:
            wait_for(lambda: not wrong(self.model, self.observer.look()), REST + 4 * self._tolerance, "", 0.5)
        except Timeout:
            found = wrong(self.model, self.observer.look())
            self.complain(f"after {REST + 4 * self._tolerance:.0f} s of rest {len(found)} routers are not as they must be: "
                          f"{found[:5]}; it happened: {self.happened}")

    def _clear_doubts(self):
        """A SET without an answer has been carried out or not: it is taken back, and what holds then is the model's.

        (A value that the file has as well shows only when the file's changes.)
        """
        for name, node in self.nodes.items():
            keys = {key for host, key in self.events.doubt if host == name} & set(self.model.routers)
            if not keys:
                continue
            node.wait_served()
            for router in map(self.model.routers.get, keys):
                self.windows.begin(("router", name, router.key), now())
                if not router.made:
                    node.ask("config", "revert", router.name)
                    router.over[name].clear()
            shown = _by_key(node.show())
            for key in keys & set(shown):
                router, is_now = self.model.routers[key], shown[key]
                for what in COLUMNS:
                    if router.setting(name, what) != is_now[what]:
                        router.over[name][what] = is_now[what]
                (router.drained.discard if is_now["in_service"] else router.drained.add)(name)
        self.events.doubt.clear()
        for router in self.model.routers.values():
            for name in HOSTS:
                if router.serves(name):
                    self.windows.end(("router", name, router.key), now())

    def _check_addresses(self, name, node):
        """Each is held by who is Active, as the wire has it, and by nobody else."""
        def differences():
            held, seen = node.host.held(), self.observer.look()
            return {router.address for key, router in self.model.routers.items()
                    if (router.address in held) != seen.get(key, {}).get(name, (0, False))[1]}

        try:
            wait_for(lambda: not differences(), 10 + self._tolerance, "", 0.5)
        except Timeout:
            self.complain(f"{name}: addresses held and not advertised, or the other way round: {differences()}")

    def _check_settings(self, name, shown):
        rows = _by_key(shown)
        for key, router in self.model.routers.items():
            if name in router.absent:
                if key in rows:
                    self.complain(f"{name}: {router.name} is shown, and not configured")
                continue
            wanted = {what: router.setting(name, what) for what in COLUMNS}
            wanted["in_service"] = name not in router.drained
            wanted["effective_priority"] = self.model.priority(router, name)
            found = rows.get(key) and {what: rows[key][what] for what in wanted}
            if found != wanted:
                self.complain(f"{name}: {router.name} is {found}, not {wanted}; it happened: {self.happened}")
        for key in set(rows) - set(self.model.routers):
            self.complain(f"{name}: {key} is shown, and nobody made it")

    def _check_processes(self, name, node):
        processes = node.processes()
        for role, pid in processes.items():
            if pid is None:
                self.complain(f"{name}: there is no {role}")
            elif node.pids and pid != node.pids[role] and not {role, ""} & node.killed:
                if self.starved(now() - self._since) and f"{role} gives no sign of life" in node.device.log():
                    self._count("children replaced because the machine was too slow for them")
                    continue
                self.complain(f"{name}: {role or 'the program'} was replaced, and nobody had killed it; "
                              f"it happened: {self.happened}")
        node.pids = processes
        self.resources.sample(name, processes, time.monotonic() - self.began)

    def _check_log(self, name):
        for text in SEVERE.findall(self._logs[name].read()):
            self.severe[re.sub(r"\d+", "N", text)] += 1
            if not (self.nodes[name].killed or self.nodes[name].bad_file):
                self.complain(f"{name}: logged as an error: {text}; it happened: {self.happened}")

    def _check_notifications(self, name, node, told):
        counted = self.notifications[name]
        deadline = time.monotonic() + 30 + self._tolerance
        while told["events_waiting"] and time.monotonic() < deadline:
            time.sleep(0.5)
            told = node.show()["notifications"]
        try:
            wait_for(lambda: (counted.read(), counted.is_whole())[1], 5 + self._tolerance, "", 0.3)
        except Timeout:
            pass
        counted.flush()
        lost = counted.sink_drops() + told["events_lost"] + told["refused"]
        differences = counted.differences()
        missing = sum(max(0, became - arrived) for became, arrived in differences.values())
        twice = sum(max(0, arrived - became) for became, arrived in differences.values())
        self.counts["notifications of takeovers that came twice"] += twice
        self.counts["notifications of takeovers counted as dropped"] += lost
        self.counts["notifications that died with their program"] += missing if "" in node.killed else 0
        if told["events_waiting"]:
            self.complain(f"{name}: {told['events_waiting']} events still wait to be told; it happened: {self.happened}")
        if missing > lost and "" not in node.killed:
            self.complain(f"{name}: {missing} notifications did not arrive, {lost} are counted as dropped: "
                          f"{list(differences.items())[:5]}; it happened: {self.happened}")
        if twice and not {"snmpd", "agentx", "core", ""} & node.killed:
            self.complain(f"{name}: {twice} notifications arrived twice: {list(differences.items())[:5]}; "
                          f"it happened: {self.happened}")

    # What it comes to

    def judge_resources(self):
        for life, bad in self.resources.judged():
            first, last = life.samples[len(life.samples) // 2], life.samples[-1]
            more = ", ".join(f"{count} more of {kind}" for kind, count in sorted(life.more().items())) or "none more"
            text = (f"{life.what} (pid {life.pid}): in its last {life.seconds():.0f} s {life.grown():+.0f} KiB of {first[1]}; "
                    f"descriptors: {first[2].total()}, at the end {last[2].total()}, {more}")
            self.say(text)
            if bad:
                self.complain(f"growth: {text}")

    def summary(self):
        judge = self.judge
        totals = sum((each.totals for each in self.notifications.values()), Counter())
        return (f"{(time.monotonic() - self.began) / 60:.1f} min, {self.round} rounds, {self.observer.frames} advertisements, "
                f"{judge.begun} claims; worst take-over {judge.worst_takeover * 1000:+.0f} ms, "
                f"worst overlap {judge.worst_overlap * 1000:.0f} ms, worst gap {judge.worst_gap * 1000:.0f} ms; "
                f"{totals['became']} became Active, {totals['arrived']} notifications, "
                f"{totals['new-master']} of them NewMaster; "
                f"{self.counts['SETs']} SETs; {judge.excused} excused by the machine; {len(self.violations)} violations")

    def finish(self):
        """Fails if a device does not stop in order, or a sanitizer found something."""
        for name, node in self.nodes.items():
            try:
                node.device.finish()
            except AssertionError as problem:
                self.complain(f"{name}: {problem}")

    def close(self):
        for node in self.nodes.values():
            node.device.kill()
        self.observer.close()
        self.stalls.kill()
        self.pulse.close()
        self.site.close()


def _by_key(shown):
    """{(segment, family, vrid): the router as shown, its values in the model's words}."""
    found = {}
    for each in shown["routers"]:
        key = int(each["interface"][3:]), 4 if each["family"] == "ipv4" else 6, each["vrid"]
        found[key] = {**each, "interval": round(each["advert_interval"] * 100)}
    return found
