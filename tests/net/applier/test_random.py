# SPDX-License-Identifier: ISC
"""Wishes, images, thieves and interfaces at random: in the end the kernel has what is wished, and nothing else."""

import random

import pytest

from applier_lab import router
from harness.wait import observe, wait_for

pytestmark = pytest.mark.agent_only

SLOTS, STEPS = 40, 250
INTERFACES = ("eth0", "dum0", "dum1")
POOLS = {4: [f"10.50.0.{number}" for number in range(1, 61)], 6: [f"fd00:5::{number:x}" for number in range(1, 61)]}
OURS = ("10.50.", "fd00:5:")


class Chaos:
    """What was wished of the applier, and the means to disturb it."""

    def __init__(self, host, applier, seed):
        self.host, self.applier, self.random = host, applier, random.Random(seed)
        self.routers = {}  # slot: (interface, family, addresses)
        self.owning = set()
        self.whole_image()

    def _router(self):
        family = self.random.choice((4, 6))
        length = self.random.choice((24, 32) if family == 4 else (64, 128))
        chosen = self.random.sample(POOLS[family], self.random.randint(1, 8))
        return self.random.choice(INTERFACES), family, [f"{address}/{length}" for address in chosen]

    def _lines(self, slots):
        for slot in sorted(slots):
            interface, family, addresses = self.routers[slot]
            yield router(slot, addresses, interface, family, repeat=2, delay=20)

    def whole_image(self):
        self.routers = {slot: self._router() for slot in range(self.random.randint(5, SLOTS))}
        self.owning = set()
        self.applier.tell(f"own 0 {SLOTS - 1} 0", *self._lines(self.routers), "image whole", "go")

    def delta_image(self):
        removed = sorted(slot for slot in self.routers if self.random.random() < 0.1)
        changed = [slot for slot in range(SLOTS) if slot not in removed and self.random.random() < 0.1]
        lines = []
        for slot in removed:
            del self.routers[slot]
            lines += [f"own {slot} {slot} 0", f"remove {slot}"]
        for slot in changed:
            new = self._router()
            if self.routers.get(slot, new)[:2] != new[:2]:  # another router in that slot
                self.owning.discard(slot)
                lines.append(f"own {slot} {slot} 0")
            self.routers[slot] = new
        self.owning -= set(removed)
        self.applier.tell(*lines, *self._lines(changed), "image delta", "go")

    def wish(self):
        for slot in self.random.sample(sorted(self.routers), min(10, len(self.routers))):
            own = self.random.random() < 0.6
            (self.owning.add if own else self.owning.discard)(slot)
            self.applier.tell(f"own {slot} {slot} {int(own)}", f"announce {slot} {slot}")
        self.applier.tell("go")

    def steal(self):
        present = [each for each in self.host.addresses() if each["local"].startswith(OURS)]
        for each in self.random.sample(present, min(3, len(present))):
            self.host.ip("addr", "del", f"{each['local']}/{each['prefixlen']}", "dev", each["dev"], check=False)

    def shake_interface(self):
        interface = self.random.choice(INTERFACES[1:])
        for words in self.random.choice((
                (("set", interface, "down"), ("set", interface, "up")),
                (("del", interface), ("add", interface, "type", "bridge"), ("set", interface, "up")),
                (("set", interface, "name", "away0"), ("set", "away0", "name", interface)))):
            self.host.ip("link", *words)

    def step(self):
        self.random.choices((self.whole_image, self.delta_image, self.wish, self.steal, self.shake_interface),
                            (1, 5, 8, 2, 2))[0]()

    def wished(self):
        """(interface, address) pairs: on one interface, an address is one thing whatever its prefix length."""
        return {(interface, address.partition("/")[0]) for slot, (interface, _, addresses) in self.routers.items()
                if slot in self.owning for address in addresses}

    def present(self):
        return {(each["dev"], each["local"]) for each in self.host.addresses() if each["local"].startswith(OURS)}


@pytest.mark.parametrize("seed", range(3))
def test_kernel_ends_up_with_what_is_wished(host, appliers, seed):
    for interface in INTERFACES[1:]:
        host.ip("link", "add", interface, "type", "bridge")
        host.ip("link", "set", interface, "up")
    applier = appliers(host, slots=SLOTS)
    chaos = Chaos(host, applier, seed)
    for _ in range(STEPS):
        chaos.step()
    chaos.wish()
    assert chaos.wished(), "nothing is wished: the test tests nothing"
    wait_for(lambda: chaos.wished() == chaos.present(), 5,
             lambda: f"missing {chaos.wished() - chaos.present()}, too many {chaos.present() - chaos.wished()}")
    observe(0.3, "and it stays so", lambda: chaos.wished() != chaos.present())
    applier.tell(f"own 0 {SLOTS - 1} 0", "go")
    wait_for(lambda: not chaos.present(), 5, lambda: f"left over: {chaos.present()}")
