# SPDX-License-Identifier: ISC
"""What befalls the two hosts, at random: each a table row with a weight, a beginning and perhaps an end."""

import signal
from dataclasses import replace
from functools import partial

from harness.snmp import ADDRESSES, RowStatus
from harness.wait import wait_for

from .model import FIRST_SPARE, HOSTS, Router, Settings, some_priority
from .site import PATIENCE
from .wire import now

PRIORITY, INTERVAL, PREEMPT, ACCEPT, STATUS = 7, 9, 10, 11, 13
COLUMNS = {"priority": PRIORITY, "interval": INTERVAL, "preempt": PREEMPT, "accept": ACCEPT}
INTERVALS = (50, 100, 150)
BAD = ("vrrp_instance {\n", "vrrp_instance bad {\n    interface eth0\n    virtual_router_id 0\n}\n",
       "vrrp_instance bad {\n    interface eth0\n    virtual_router_id 250\n    priority 999\n"
       "    virtual_ipaddress {\n        10.0.1.250\n    }\n}\n", "global_defs {\n    router_id\n")


class Events:
    """doubt: {(host, router's key)} whose last SET was not answered, so that either value may hold.

    count(what) counts; complain(text) is for what must not be; starved(seconds) says whether the machine was too slow.
    """

    def __init__(self, site, model, count, complain, starved):
        self.site = site
        self.model = model
        self.count = count
        self.complain = complain
        self.starved = starved
        self.doubt = set()
        self.rng = None

    def disturbed(self, name):
        """Whether somebody whom a SET passes through was hurt lately, so that it may fail or stay without an answer."""
        return bool(self.site.nodes[name].killed) or self.starved(PATIENCE)

    # SETs

    def set_some(self):
        """A SET of one to three routers in one PDU, on one host."""
        name = self.rng.choice(HOSTS)
        kind = self.rng.random()
        if kind < 0.08:
            self._set_status(name)
        elif kind < 0.12:
            self._make_or_destroy()
        else:
            self._set_values(name)

    def _values(self, name, router):
        """{attribute: value} to be set."""
        found = {}
        for what in self.rng.sample(sorted(COLUMNS), self.rng.choice((1, 1, 2))):
            if what == "priority":
                found[what] = some_priority(self.rng, name)
            elif what == "interval":
                found[what] = 100 if router.version == 2 else self.rng.choice(INTERVALS)
            else:
                found[what] = self.rng.random() < 0.7
        return found

    def _set_values(self, name):
        node = self.site.nodes[name]
        chosen = self.rng.sample(self.model.free(name), self.rng.choice((1, 1, 2, 3)))
        changes = {router.key: self._values(name, router) for router in chosen}
        words = []
        for router in chosen:
            for what, value in changes[router.key].items():
                kind = "u" if what == "priority" else "i"
                text = str((1 if value else 2) if isinstance(value, bool) else value)
                words += [node.oid(COLUMNS[what], router), kind, text]
        if self._set(name, words, chosen):
            for router in chosen:
                router.manage(name, {**router.over[name], **changes[router.key]}, now())

    def _set(self, name, words, routers):
        said = self.site.nodes[name].manager.set(*words)
        self.count("SETs" if said == "" else "SETs that were not answered" if self.disturbed(name) else "SETs refused")
        if said == "":
            return True
        if not self.disturbed(name):
            self.complain(f"{name}: SET {' '.join(words)}: {said}")
        self.doubt |= {(name, router.key) for router in routers}
        return False

    def _set_status(self, name):
        """Takes a router out of service, or back into it."""
        router = self.rng.choice(self.model.free(name))
        out = name not in router.drained
        self.site.windows.begin(("router", name, router.key), now())
        value = RowStatus.NOT_IN_SERVICE if out else RowStatus.ACTIVE
        if self._set(name, [self.site.nodes[name].oid(STATUS, router), "i", str(value)], [router]):
            (router.drained.add if out else router.drained.discard)(name)
            if not out:
                self.site.windows.end(("router", name, router.key), now())

    def _make_or_destroy(self):
        """A router of management's own, on both hosts."""
        if any(map(self.disturbed, HOSTS)):
            return
        made = [router for router in self.model.routers.values() if router.made]
        if made and (len(made) >= 20 or self.rng.random() < 0.5):
            router = self.rng.choice(made)
            self._mark(router, True)
            for name in HOSTS:
                self._set(name, [self.site.nodes[name].oid(STATUS, router), "i", str(RowStatus.DESTROY)], [router])
            del self.model.routers[router.key]
            self.count("routers destroyed")
            return
        segment = self.rng.randrange(self.model.segments)
        taken = {each.vrid for each in made if each.segment == segment}
        router = Router(segment, 4, next(vrid for vrid in range(FIRST_SPARE, 255) if vrid not in taken),
                        needs=(segment,), made=True)
        self._mark(router, True)
        for name in HOSTS:
            router.file[name] = Settings(100, accept=False)
            router.over[name] = {"priority": some_priority(self.rng, name)}
        self.model.put(router)
        for name in HOSTS:
            self._make(name, router)
        self._mark(router, False)
        self.count("routers made")

    def _make(self, name, router):
        node = self.site.nodes[name]
        self._set(name, [
            node.oid(STATUS, router), "i", str(RowStatus.CREATE_AND_GO),
            node.oid(PRIORITY, router), "u", str(router.over[name]["priority"]),
            f"{ADDRESSES}.2.{node.row(router)}.4.{router.address}", "i", str(RowStatus.CREATE_AND_GO)], [router])

    def _mark(self, router, begins):
        for name in HOSTS:
            (self.site.windows.begin if begins else self.site.windows.end)(("router", name, router.key), now())

    # Files

    def _reload(self, name):
        """Other values for some routers, some routers less, those of the last time back."""
        routers = [router for router in self.model.routers.values() if not router.made and not router.group]
        for router in routers:
            router.absent.discard(name)
        gone = self.rng.sample(routers, len(routers) // 100)
        for router in gone:
            router.absent.add(name)
            self.site.windows.begin(("router", name, router.key), now())
        for router in self.rng.sample(routers, self.rng.choice((1, len(routers) // 20, len(routers) // 4))):
            router.file[name] = replace(router.file[name], priority=some_priority(self.rng, name),
                                        preempt=self.rng.random() < 0.8)
        self.site.write(name)
        self._take_file(name)
        for router in routers:
            if router.serves(name):
                self.site.windows.end(("router", name, router.key), now())

    def _take_file(self, name):
        """By SIGHUP, or by vrrpctl until it is taken: core may just have died."""
        node = self.site.nodes[name]
        if self.rng.random() < 0.3:
            node.device.reload()
        wait_for(lambda: node.ask("config", "reload")[0] == 0, 30,
                 lambda: f"{name}: a reload: {node.ask('config', 'reload')}", 0.2)

    def _reload_bad(self, name):
        """A file that must be refused, and change nothing."""
        node = self.site.nodes[name]
        node.bad_file = True
        node.device.configure(self.model.text(name, node.load_path) + self.rng.choice(BAD))
        node.device.reload()
        status, said = node.ask("config", "reload")
        if status == 0:
            self.complain(f"{name}: a bad file was taken: {said}")
        self.site.write(name)

    def _revert(self, name):
        """What management has set is taken back, of one router."""
        routers = [router for router in self.model.free(name)
                   if router.over[name] and not router.made and name not in router.drained]
        if not routers or self.disturbed(name):
            return
        router = self.rng.choice(routers)
        status, said = self.site.nodes[name].ask("config", "revert", router.name)
        if status != 0 and self.disturbed(name):
            self.doubt.add((name, router.key))
            return
        if status != 0:
            self.complain(f"{name}: revert of {router.name}: {said}")
        router.manage(name, {}, now())

    def _load(self, name):
        """Another value in the file that a tenth of the routers track."""
        self.model.load[name] = self.rng.randrange(-20, 21)
        self.site.nodes[name].write_load(self.model.load[name])

    # Each of the following makes (begin, end) of something that befalls a host; end may be None.

    def reload(self, name):
        return partial(self._reload, name), None

    def reload_bad(self, name):
        return partial(self._reload_bad, name), None

    def revert(self, name):
        return partial(self._revert, name), None

    def load(self, name):
        return partial(self._load, name), None

    def link(self, name):
        segment = self.rng.randrange(self.model.segments)
        return (lambda: self.site.link(name, segment, "down")), (lambda: self.site.link(name, segment, "up"))

    def split(self, _name):
        segment = self.rng.randrange(self.model.segments)
        return (lambda: self.site.split(segment, True)), (lambda: self.site.split(segment, False))

    def _hurt(self, name, what):
        self.site.nodes[name].killed.add(what)

    def snmpd_restart(self, name):
        def begin():
            self._hurt(name, "snmpd")
            self.site.nodes[name].snmpd.kill()

        def end():
            """It may have been killed twice."""
            if not self.site.nodes[name].snmpd.process.alive():
                self.site.nodes[name].snmpd.start()

        return begin, end

    def snmpd_pause(self, name):
        def begin():
            self._hurt(name, "snmpd paused")
            self.site.nodes[name].snmpd.pause()

        return begin, self.site.nodes[name].snmpd.resume

    def child(self, name, role, number):
        """Whom this signal ends, or stops for good, is replaced."""
        def begin():
            self._hurt(name, role)
            self.site.nodes[name].signal(number, role)

        return begin, None

    def restart(self, name, kill):
        def begin():
            self._hurt(name, "")
            self.site.stop(name, kill)

        return begin, (lambda: self.site.start(name))

    def pause(self, name):
        def begin():
            self._hurt(name, "paused")
            self.site.pause(name, True)

        return begin, (lambda: self.site.pause(name, False))


# What happens: its name, how often beside the others, to whom, how to make (begin, end) of it, for how long (seconds).
# West's program and its core and agentx are never killed, so that what they use can be watched for the whole run.
EAST = HOSTS[:1]
TABLE = (
    ("link flaps", 6, HOSTS, Events.link, (0.2, 7)),
    ("splits", 3, HOSTS, Events.split, (0.5, 8)),
    ("reloads", 4, HOSTS, Events.reload, None),
    ("bad reloads", 2, HOSTS, Events.reload_bad, None),
    ("tracked values", 3, HOSTS, Events.load, None),
    ("reverts", 2, HOSTS, Events.revert, None),
    ("snmpd kills", 3, HOSTS, Events.snmpd_restart, (0.1, 4)),
    ("snmpd pauses", 2, HOSTS, Events.snmpd_pause, (1, 7)),
    ("kills of check", 2, HOSTS, partial(Events.child, role="check", number=signal.SIGKILL), None),
    ("kills of agentx", 2, EAST, partial(Events.child, role="agentx", number=signal.SIGKILL), None),
    ("kills of core", 2, EAST, partial(Events.child, role="core", number=signal.SIGKILL), None),
    ("stops of check", 1, HOSTS, partial(Events.child, role="check", number=signal.SIGSTOP), None),
    ("stops of agentx", 1, EAST, partial(Events.child, role="agentx", number=signal.SIGSTOP), None),
    ("stops of core", 1, EAST, partial(Events.child, role="core", number=signal.SIGSTOP), None),
    ("kills of the program", 2, EAST, partial(Events.restart, kill=True), (0.5, 6)),
    ("orderly stops", 1, EAST, partial(Events.restart, kill=False), (0.5, 6)),
    ("pauses of the program", 2, HOSTS, Events.pause, (0.3, 6)),
)
DOWN = ("kills of the program", "orderly stops", "pauses of the program")
