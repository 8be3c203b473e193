# SPDX-License-Identifier: ISC
"""Each counter of VRRPV3-MIB and VRRP-MIB is provoked by a frame made for it: it rises by exactly one, and no
other counter of any router moves."""

from dataclasses import dataclass

import pytest

from harness.bench import DUT, Bench
from harness.config import password
from harness.device import VrrpAgent
from harness.snmp import Manager, Snmpd
from harness.wait import observe, wait_for

ONE_WORKER = "snmp-counters"

pytestmark = pytest.mark.agent_only

V3, V2 = ".1.3.6.1.2.1.207.1.2", ".1.3.6.1.2.1.68.2"
# name: (place in vrrpv3Statistics, place in vrrpStatistics); None: the MIB has no such counter
SCALARS = {"checksum": ("1.0", "1.0"), "version": ("2.0", "2.0"), "vrid": ("3.0", "3.0")}
COLUMNS = {
    "transitions": ("5.1.1", "4.1.1"), "received": ("5.1.3", "4.1.2"), "interval": ("5.1.4", "4.1.3"),
    "ttl": ("5.1.5", "4.1.5"), "stop received": ("5.1.7", "4.1.6"), "stop sent": ("5.1.8", "4.1.7"),
    "type": ("5.1.9", "4.1.8"), "list": ("5.1.10", "4.1.9"), "length": ("5.1.11", "4.1.12"),
    "auth failed": (None, "4.1.4"), "auth unknown": (None, "4.1.10"), "auth differs": (None, "4.1.11"),
}
REASON = f"{V3}.5.1.6"


def but(**changes):
    """A frame that is right and of low priority, so that it changes nothing, but for these fields."""
    return lambda router: router.probe.but(**{"priority": 50, **changes})


def _unicast(router):
    return router.probe.but(priority=50, destination=DUT[router.family], mac_destination=router.bench.dut.mac())


def _other_list(router):
    return router.probe.but(priority=50, addresses=("198.51.100.250",) if router.family == 4 else ("fe80::fa",))


def _other_interval(router):
    return router.probe.but(priority=50, interval=router.probe.interval * 2)


@dataclass(frozen=True)
class Case:
    id: str
    routers: tuple
    frame: object
    counters: tuple
    reason: int = None


ALL = ("v2", "v3", "v6")
LATER = ("v3", "v6")
CASES = [
    Case("good", ALL, but(), ("received",)),
    Case("priority-0", ALL, but(priority=0), ("received", "stop received")),
    Case("ttl", ALL, but(ttl=254), ("ttl",), 1),
    Case("version-unknown", ALL, but(version=4), ("version",), 2),
    Case("version-differs", ("v3",), but(version=2, interval=1), ("version",), 2),
    Case("checksum", ALL, but(checksum="bad"), ("checksum",), 3),
    Case("vrid", ALL, but(wire_vrid=254), ("vrid",)),
    Case("vrid-0", ALL, but(wire_vrid=0), ("vrid",)),
    Case("type", ALL, but(type=2), ("type",)),
    Case("interval", ("v2",), _other_interval, ("interval",)),
    Case("interval-noted", LATER, _other_interval, ("interval", "received")),
    Case("list", ("v2",), _other_list, ("list",)),
    Case("list-noted", LATER, _other_list, ("list", "received")),
    Case("too-short", ALL, but(cut=7), ("length",)),
    Case("too-long", ALL, but(trailing=bytes(8)), ("length",)),
    Case("no-address", ALL, but(addresses=()), ("length",)),
    Case("interval-0", ALL, but(interval=0), ("interval",)),
    Case("auth-unknown", ("v2",), but(auth_type=3), ("auth unknown",)),
    Case("auth-differs", ("v2",), but(auth_type=1), ("auth differs",)),
    Case("auth-failed", ("pass",), but(auth_type=1, auth=b"wrong"), ("auth failed",)),
    Case("unicast", ALL, _unicast, ()),
]


class Lab:
    def __init__(self, folder):
        self.bench = Bench(VrrpAgent, folder)
        self.snmpd = Snmpd(self.bench.dut, self.bench._folder.path).start()
        self.bench.device = VrrpAgent(self.bench.dut, self.bench._folder.path, agentx=self.snmpd.socket)
        self.manager = Manager(self.bench.dut)
        self._last = None
        self.routers = {name: self.bench.router(name, name) for name in ALL}
        self.routers["pass"] = self.bench.router("pass", "v2", extra=password("right"))

    def start(self):
        self.bench.start(("enable_snmp_rfcv2", "enable_snmp_vrrp"))
        self.bench.wait_active()
        for name in self.routers:
            self.manager.wait_served(f"{V3}.5.1.3.{self.index(name)}")
        self.manager.wait_served(f"{V2}.1.0")

    def index(self, name, mib=3):
        router = self.routers[name]
        short = f"{self.bench.dut.index('eth0')}.{router.vrid}"
        return f"{short}.{1 if router.family == 4 else 2}" if mib == 3 else short

    def counters(self):
        """{(MIB, counter, router or None): value} of everything that counts."""
        values = {value.oid: value for root in (V3, V2) for value in self.manager.walk(root)}
        names = {}
        for counter, places in SCALARS.items():
            for mib, root, place in zip((3, 2), (V3, V2), places):
                names[f"{root}.{place}"] = (mib, counter, None)
        for counter, places in COLUMNS.items():
            for router in self.routers:
                if places[0]:
                    names[f"{V3}.{places[0]}.{self.index(router)}"] = (3, counter, router)
                if self.routers[router].version == 2:
                    names[f"{V2}.{places[1]}.{self.index(router, 2)}"] = (2, counter, router)
        counting = {oid: value for oid, value in values.items() if value.type in ("Counter32", "Counter64")}
        assert set(counting) == set(names), "every counter has its name here"
        return {names[oid]: value.number for oid, value in counting.items()}

    def since(self):
        """What was counted when the last test had ended well: nothing may have moved since."""
        last, self._last = self._last, None
        return last or self.counters()

    def ended(self, counters):
        self._last = counters

    def close(self):
        try:
            self.bench.close()
        finally:
            self.snmpd.kill()


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    made = Lab(tmp_path_factory.mktemp("counters"))
    try:
        made.start()
        yield made
    finally:
        made.close()


def expected(lab, case, name):
    """What rises by one."""
    rising = set()
    for counter in case.counters:
        if counter in SCALARS:
            rising |= {(3, counter, None), (2, counter, None)}
            continue
        if COLUMNS[counter][0]:
            rising.add((3, counter, name))
        if lab.routers[name].version == 2:
            rising.add((2, counter, name))
    return rising


@pytest.mark.parametrize("case,name", [
    pytest.param(case, name, id=f"{case.id}-{name}") for case in CASES for name in case.routers])
def test_one_frame_one_counter(lab, case, name):
    before = lab.since()
    lab.bench.send(case.frame(lab.routers[name]))
    rising = expected(lab, case, name)
    moved = {}
    counted = []

    def risen():
        after = lab.counters()
        counted.append(after)
        moved.clear()
        moved.update({key: after[key] - before[key] for key in after if after[key] != before[key]})
        return set(moved) >= rising

    wait_for(risen, 10, lambda: f"{rising} to rise; what moved: {moved}")
    if not rising:
        observe(0.5, "nothing is counted")
        counted.append(lab.counters())
    after = counted[-1]
    assert {key: after[key] - before[key] for key in after if after[key] != before[key]} == dict.fromkeys(rising, 1)
    if case.reason is not None:
        assert lab.manager.get(f"{REASON}.{lab.index(name)}")[0].number == case.reason
    lab.ended(after)


@pytest.mark.parametrize("name", ["v2", "v3", "v6"])
def test_transitions_and_stops(lab, name):
    """Down by the administrator: priority 0 is sent once. Up again: master once more."""
    row_status = f".1.3.6.1.2.1.207.1.1.1.1.13.{lab.index(name)}"
    status = f".1.3.6.1.2.1.207.1.1.1.1.6.{lab.index(name)}"
    mibs = (3, 2) if lab.routers[name].version == 2 else (3,)
    before = lab.counters()
    assert lab.manager.set(row_status, "i", "2") == ""
    wait_for(lambda: lab.manager.get(status)[0].number == 1, 10, "initialize")
    after = lab.counters()
    assert {key: after[key] - before[key] for key in after if after[key] != before[key]} == {
        (mib, "stop sent", name): 1 for mib in mibs}
    assert lab.manager.set(row_status, "i", "1") == ""
    wait_for(lambda: lab.manager.get(status)[0].number == 3, 20, "master")
    before, after = after, lab.counters()
    assert {key: after[key] - before[key] for key in after if after[key] != before[key]} == {
        (mib, "transitions", name): 1 for mib in mibs}
