# SPDX-License-Identifier: ISC
"""Two hosts whose devices run several virtual routers, some of them first on the one, some on the other."""

from .pair import Pair, Side
from .wait import wait_for

FIRST, SECOND = 150, 100


class Duo:
    """make(kind, host) makes a device; `kinds` are those of "ours" and "theirs", the names of the hosts."""

    def __init__(self, network, make, kinds):
        self.network = network
        self.hosts = {name: network.host(name) for name in kinds}
        self.capture = network.capture()
        self.devices = {name: make(kind, self.hosts[name]) for name, kind in kinds.items()}
        self.pairs = []
        self._among = {name: [] for name in kinds}

    def pair(self, instance, first, **fields):
        """Adds an instance which the host named `first` is to be Active for. Returns its Pair."""
        sides = []
        for name in sorted(self.hosts, key=lambda name: name != first):
            own = instance.but(priority=FIRST if name == first else SECOND)
            self._among[name].append(own)
            sides.append(Side(self.devices[name], own, self._among[name]))
        self.pairs.append(Pair(self.capture, *sides, **fields))
        return self.pairs[-1]

    def everywhere(self, instance):
        """Adds an instance to both as it is."""
        for among in self._among.values():
            among.append(instance)

    def add_interface(self, interface, network, segment):
        """Another interface of each host, on a segment of its own; addresses from 10.NETWORK.0.0/24."""
        self.network.add_segment(segment)
        for host in self.hosts.values():
            host.add_interface(interface, [f"10.{network}.0.{host.number}/24"], segment=segment)

    def settle(self, timeout=60):
        """Both devices run, and every pair's first side is Active and the only one with the addresses."""
        for pair in self.pairs:
            pair.settle(timeout)
        for pair in self.pairs:
            wait_for(pair.backup.holds_none, timeout, f"{pair.backup.host.name} without {pair.backup.instance.name}'s")

    def fail_over(self, name, timeout=30):
        """The device `name` is killed; the other one takes over all that it was the first of. Then it comes back.

        Returns the seconds by which each takeover was later than the protocol's time.
        """
        excess, since = [], self.capture.last_time()
        self.devices[name].kill()
        for pair in self.pairs:
            if pair.active.host.name == name:
                excess.append(pair.takeover_excess(since, timeout)[0])
                pair.wait_active(pair.backup, pair.active, timeout)
        self.settle()
        return excess

    def of(self, name):
        """The pairs that a host is first in."""
        return [pair for pair in self.pairs if pair.active.host.name == name]
