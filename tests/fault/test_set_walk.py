# SPDX-License-Identifier: ISC
"""A seeded random walk of SETs over a real snmpd, beside a model of RowStatus that shares no code with the program."""

import copy
import os
import random

import pytest

from harness.snmp import ADDRESSES, OPERATIONS, Manager, RowStatus, Snmpd, address_row, row

pytestmark = pytest.mark.agent_only

STEPS = int(os.environ.get("FAULT_STEPS", "250"))
LOOK_EVERY = 25
VRIDS = (31, 32, 33)
ADDRESS = "198.51.100.{}"
HOSTS = (1, 2, 3)
PRIORITY, INTERVAL, PREEMPT, ACCEPT, STATUS = 7, 9, 10, 11, 13
DEFAULTS = {PRIORITY: 100, INTERVAL: 100, PREEMPT: 1, ACCEPT: 2}
VALUES = {PRIORITY: (0, 1, 100, 254, 255, 300), INTERVAL: (0, 1, 100, 4095, 4096), PREEMPT: (0, 1, 2, 3),
          ACCEPT: (1, 2, 3), STATUS: (0, 1, 2, 3, 4, 5, 6, 7)}
RANGES = {PRIORITY: (1, 254), INTERVAL: (1, 4095), PREEMPT: (1, 2), ACCEPT: (1, 2)}


class Refused(Exception):
    pass


class Router:
    def __init__(self, serves):
        self.serves = serves
        self.values = dict(DEFAULTS)
        self.addresses = {}  # host number -> in service

    def status(self):
        if self.serves:
            return RowStatus.ACTIVE
        return RowStatus.NOT_IN_SERVICE if any(self.addresses.values()) else RowStatus.NOT_READY


class Model:
    """What RFC 2579 and RFC 6527 say of the two tables; a PDU counts as one, whatever its order."""

    def __init__(self):
        self.routers = {}

    def apply(self, changes):
        """changes: (vrid, column, host number or None, value). Raises Refused and is as before, or has changed."""
        for _, column, _, value in changes:
            self._check_range(column, value)
        if len({change[:3] for change in changes}) != len(set(changes)):
            raise Refused("two values for one")
        before = copy.deepcopy(self.routers)
        try:
            for vrid in VRIDS:
                self._apply_router(vrid, sorted({change for change in changes if change[0] == vrid}, key=str))
        except Refused:
            self.routers = before
            raise

    @staticmethod
    def _check_range(column, value):
        low, high = RANGES.get(column, (1, 6))
        if not low <= value <= high or (column == STATUS and value == 3):
            raise Refused("out of range")

    def _apply_router(self, vrid, changes):
        wanted = next((value for _, column, host, value in changes if column == STATUS and host is None), None)
        others = [change for change in changes if change[1] != STATUS or change[2] is not None]
        router = self.routers.get(vrid)
        if wanted in (RowStatus.CREATE_AND_GO, RowStatus.CREATE_AND_WAIT):
            if router:
                raise Refused("is there")
            router = self.routers[vrid] = Router(wanted == RowStatus.CREATE_AND_GO)
        elif wanted == RowStatus.DESTROY:
            self.routers.pop(vrid, None)
            if any(column != STATUS or value != RowStatus.DESTROY for _, column, _, value in others):
                raise Refused("changed and destroyed")
            return
        elif wanted is not None:
            if not router or (wanted == RowStatus.NOT_IN_SERVICE and router.status() == RowStatus.NOT_READY):
                raise Refused("not possible")
            router.serves = wanted == RowStatus.ACTIVE
        for _, column, host, value in others:
            self._apply_other(router, column, host, value)
        if router and router.serves and changes and not any(router.addresses.values()):
            raise Refused("without an address")

    @staticmethod
    def _apply_other(router, column, host, value):
        if column != STATUS:
            if not router:
                raise Refused("no router")
            router.values[column] = value
            return
        if not router:
            if value == RowStatus.DESTROY:
                return
            raise Refused("no router for the address")
        there = host in router.addresses
        if value in (RowStatus.CREATE_AND_GO, RowStatus.CREATE_AND_WAIT):
            if there:
                raise Refused("the address is there")
            router.addresses[host] = value == RowStatus.CREATE_AND_GO
        elif value == RowStatus.DESTROY:
            router.addresses.pop(host, None)
        elif not there:
            raise Refused("no such address")
        else:
            router.addresses[host] = value == RowStatus.ACTIVE

    def rows(self):
        """What a walk of the writable columns of both tables shows."""
        found = {}
        for vrid, router in self.routers.items():
            found.update({(vrid, column, None): value for column, value in router.values.items()})
            found[vrid, STATUS, None] = router.status()
            found.update({(vrid, STATUS, host): RowStatus.ACTIVE if serves else RowStatus.NOT_IN_SERVICE
                          for host, serves in router.addresses.items()})
        return found


def oid(host, change):
    vrid, column, number, _ = change
    if number is None:
        return f"{OPERATIONS}.{column}.{row(host, vrid)}"
    return f"{ADDRESSES}.2.{address_row(host, vrid, ADDRESS.format(number))}"


def varbind(host, change):
    return oid(host, change), "u" if change[1] == PRIORITY else "i", str(change[3])


def some_changes(rng):
    """One to four changes, mostly of one router, mostly sensible."""
    vrid = rng.choice(VRIDS)
    changes = []
    for _ in range(rng.choice((1, 1, 1, 2, 3, 4))):
        column = rng.choice((PRIORITY, INTERVAL, PREEMPT, ACCEPT, STATUS, STATUS, STATUS, STATUS))
        number = rng.choice(HOSTS) if column == STATUS and rng.random() < 0.6 else None
        values = (1, 2, 4, 5, 6) if column == STATUS and rng.random() < 0.9 else VALUES[column]
        changes.append((vrid if rng.random() < 0.9 else rng.choice(VRIDS), column, number, rng.choice(values)))
    return changes


def shown(host, manager):
    """The same as Model.rows() of the real tables."""
    prefixes = {f".{row(host, vrid)}": vrid for vrid in VRIDS}
    found = {}
    for value in manager.walk(OPERATIONS):
        column, index = value.oid[len(OPERATIONS) + 1:].split(".", 1)
        if int(column) in VALUES:
            found[prefixes[f".{index}"], int(column), None] = value.number
    for value in manager.walk(ADDRESSES):
        index = "." + value.oid[len(f"{ADDRESSES}.2."):]
        vrid = next(vrid for prefix, vrid in prefixes.items() if index.startswith(prefix + "."))
        found[vrid, STATUS, int(index.rsplit(".", 1)[1])] = value.number
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_random_walk(network, devices, dut_kind, folder, ended, need, seed):
    need("snmpd", "snmpset", "snmpbulkwalk")
    host = network.host("ours")
    snmpd = ended(Snmpd(host, folder)).start()
    device = devices(dut_kind, host, agentx=snmpd.socket)
    device.start("global_defs {\n    router_id walk\n}\n")
    manager = Manager(host)
    manager.wait_served(f"{OPERATIONS[:-len('.1.1.1')]}.2.1.0")
    rng, model, accepted = random.Random(seed), Model(), 0
    for step in range(STEPS // 2):
        changes = some_changes(rng)
        said = manager.set(*sum((varbind(host, change) for change in changes), ()))
        try:
            model.apply(changes)
            expected = True
            accepted += 1
        except Refused:
            expected = False
        assert (said == "") == expected, f"seed {seed}, step {step}: {changes}: {said or 'accepted'}"
        if step % LOOK_EVERY == 0:
            assert shown(host, manager) == model.rows(), f"seed {seed}, step {step}"
    assert accepted >= STEPS // 20
    assert shown(host, manager) == model.rows()
    device.kill()
    device.start()
    manager.wait_served(f"{OPERATIONS[:-len('.1.1.1')]}.2.1.0")
    if model.routers:
        manager.wait_served(f"{OPERATIONS}.13.{row(host, min(model.routers))}")
    assert shown(host, manager) == model.rows()
