# SPDX-License-Identifier: ISC
"""What two hosts are configured to do, and who must be Active for it: shares no code with the program.

A router's settings are those of the file, and over them those that management has set. East's priorities are even,
west's are odd, and what trackers add is even: no two are ever equal, so that it is always told who is better.
"""

from dataclasses import dataclass, field

HOSTS = ("east", "west")
LOWEST, HIGHEST = 50, 200
PER_SEGMENT = 125
FIRST_SPARE = 201
WEIGHT = 2


@dataclass
class Settings:
    """interval in centiseconds."""

    priority: int
    interval: int = 100
    preempt: bool = True
    accept: bool = True


@dataclass
class Router:
    """One on both hosts. `needs`: the segments without which it is in fault; made: by management, in no file; previous:
    of a host, the interval that management replaced last, and when."""

    segment: int
    family: int
    vrid: int
    version: int = 3
    tracked: bool = False
    device: str = ""
    group: str = ""
    needs: tuple = ()
    made: bool = False
    file: dict = field(default_factory=dict)
    over: dict = field(default_factory=lambda: {host: {} for host in HOSTS})
    previous: dict = field(default_factory=dict)
    absent: set = field(default_factory=set)
    drained: set = field(default_factory=set)

    @property
    def key(self):
        return self.segment, self.family, self.vrid

    @property
    def name(self):
        if self.made:
            return f"snmp-eth{self.segment}-{self.vrid}-{self.family}"
        return f"s{self.segment}f{self.family}v{self.vrid}"

    @property
    def address(self):
        return f"10.{self.segment}.1.{self.vrid}" if self.family == 4 else f"fe80::a{self.segment:x}:{self.vrid:x}"

    def setting(self, host, name):
        return self.over[host].get(name, getattr(self.file[host], name))

    def manage(self, host, over, moment):
        """What management has set is this, from that moment on."""
        before = self.setting(host, "interval")
        self.over[host] = over
        if self.setting(host, "interval") != before:
            self.previous[host] = before, moment

    def longest_interval(self, host, since):
        """Of those that were set at any time since."""
        previous, replaced = self.previous.get(host, (0, 0))
        return max(self.setting(host, "interval"), previous if replaced > since else 0)

    def serves(self, host):
        return host not in self.absent and host not in self.drained

    def text(self, host):
        own = self.file[host]
        lines = [f"state BACKUP\n    interface eth{self.segment}\n    version {self.version}",
                 f"virtual_router_id {self.vrid}", f"priority {own.priority}", f"advert_int {own.interval / 100:g}",
                 "preempt" if own.preempt else "nopreempt", "accept" if own.accept else "no_accept"]
        if self.device:
            lines.append(f"use_vmac {self.device}")
        if self.tracked:
            lines.append(f"track_file {{\n        load weight {WEIGHT}\n    }}")
        lines.append(f"virtual_ipaddress {{\n        {self.address}/{32 if self.family == 4 else 128}\n    }}")
        return f"vrrp_instance {self.name} {{\n    " + "\n    ".join(lines) + "\n}\n"


class Model:
    def __init__(self, rng, count, segments):
        self.segments = segments
        self.load = {host: 0 for host in HOSTS}
        self.routers = {}
        self.groups = {}
        self.names = {}
        for number in range(count):
            segment, place = number % segments, number // segments
            family = 4 if place % 2 == 0 else 6
            vrid = place // 2 + 1
            assert vrid < FIRST_SPARE, "more routers than the segments have room for"
            self._add(rng, Router(segment, family, vrid, needs=(segment,)), place)
        self._make_groups(rng, max(1, count // 100))

    def _add(self, rng, router, place):
        router.version = 2 if router.family == 4 and place % 3 == 0 else 3
        router.tracked = place % 10 == 1
        if router.family == 4 and router.version == 3 and place % 40 == 2:
            router.device = f"vm{router.segment}x{router.vrid}"
        for host in HOSTS:
            router.file[host] = Settings(some_priority(rng, host))
        self.put(router)

    def put(self, router):
        self.routers[router.key] = router
        self.names[router.key] = router.name

    def _make_groups(self, rng, count):
        """Each of two routers on two segments."""
        plain = [router for router in self.routers.values() if not router.tracked and not router.device]
        for number in range(count):
            pair = rng.sample([router for router in plain if not router.group], 2)
            if pair[0].segment == pair[1].segment:
                continue
            name = f"g{number}"
            self.groups[name] = pair
            for router in pair:
                router.group = name
                router.needs = tuple(each.segment for each in pair)
                for host in HOSTS:
                    router.file[host].priority = pair[0].file[host].priority

    def text(self, host, tracked_file):
        """The configuration file of a host."""
        head = ("global_defs {\n    router_id " + host + "\n    enable_traps\n    vrrp_garp_master_repeat 1\n"
                "    vrrp_garp_master_delay 0\n    vrrp_keep_on_restart\n}\n"
                f"track_file load {{\n    file {tracked_file}\n    init_file 0\n}}\n")
        groups = "".join(
            f"vrrp_sync_group {name} {{\n    group {{\n" + "".join(f"        {each.name}\n" for each in pair) + "    }\n}\n"
            for name, pair in self.groups.items())
        return head + groups + "".join(router.text(host) for router in self.routers.values()
                                       if not router.made and host not in router.absent)

    def free(self, host=None):
        """The routers that one may change; with a host: those that it has."""
        return [router for router in self.routers.values()
                if not router.group and (host is None or host not in router.absent)]

    def priority(self, router, host):
        """The effective one."""
        value = router.setting(host, "priority") + (WEIGHT * self.load[host] if router.tracked else 0)
        return min(max(value, 1), 254)

    def may_be_active(self, router):
        """The hosts of which one must be, when both run and their path is whole and long was."""
        hosts = [host for host in HOSTS if router.serves(host)]
        if len(hosts) < 2:
            return hosts
        best = max(hosts, key=lambda host: self.priority(router, host))
        return [best] if router.setting(best, "preempt") else hosts


def some_priority(rng, host):
    return rng.randrange(LOWEST, HIGHEST, 2) + HOSTS.index(host)
