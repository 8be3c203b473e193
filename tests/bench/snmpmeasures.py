# SPDX-License-Identifier: ISC
"""What is measured through snmpd: objects that are read, in numbers."""

import random
import time

from .registry import Reading, measure
from .snmpclient import OPERATIONS, VRRPV3
from .snmpfield import QUIET, SnmpField, is_keepalived

KEEPALIVED_MOST = 4000  # routers, beyond which a walk takes minutes
OBJECTS = 24  # at least so many of a router
REPETITIONS = 50
# As pollers do it: a few columns of all rows at once, ten rows at a time.
COLUMNS, ROWS = (3, 6, 7, 9, 12), 10
SEED = 8


@measure(brief=[{"routers": routers} for routers in (100, 1000, 2000, 4000)],
         sweep=[{"routers": routers} for routers in (1, 10, 10000, 16000)], smoke=[{"routers": 3, "objects": 200}],
         seconds=lambda routers, objects=0: (
             4 + routers * 0.005 + (routers / 800) ** 2 if routers <= KEEPALIVED_MOST else 2 + routers * 0.001))
def walk(kind, routers, objects=20000):
    """VRRPV3-MIB as a whole by GETBULK, at least so many objects, and the CPU of all processes of the device."""
    if is_keepalived(kind) and routers > KEEPALIVED_MOST:
        return
    field = SnmpField(kind, routers)
    try:
        client = field.start_served()
        found = client.walk(VRRPV3, REPETITIONS)
        assert found >= routers * OBJECTS, found
        rounds = -(-objects // found)
        before, begin = field.cpu(), time.monotonic()
        walked = sum(client.walk(VRRPV3, REPETITIONS) for _ in range(rounds))
        taken, used = time.monotonic() - begin, field.cpu() - before
    finally:
        field.close()
    yield Reading("walk, per varbind", "us", [taken / walked * 1e6], routers)
    yield Reading("walk, CPU of the agent per varbind", "us", [used / walked * 1e6], routers)


@measure(brief=[{"routers": 1000}], sweep=[{"routers": 10}, {"routers": 4000}],
         smoke=[{"routers": 3, "rounds": 1}], seconds=lambda routers, rounds=0: 0.5 + routers * 0.001)
def bulk(kind, routers, rounds=4):
    """Five columns at once, ten rows at a time, as pollers ask for them."""
    field = SnmpField(kind, routers)
    try:
        client = field.start_served()
        roots = [(*OPERATIONS, column) for column in COLUMNS]
        begin = time.monotonic()
        walked = sum(client.walk_columns(roots, ROWS) for _ in range(rounds))
        taken = time.monotonic() - begin
        assert walked == rounds * routers * len(COLUMNS), walked
    finally:
        field.close()
    yield Reading("GETBULK of 5 columns, per varbind", "us", [taken / walked * 1e6], routers)


@measure(brief=[{"routers": 1000}], sweep=[{"routers": 10}, {"routers": 4000}],
         smoke=[{"routers": 3, "questions": 20}], seconds=lambda routers, questions=0: 1 + routers * 0.001)
def get(kind, routers, questions=3000):
    """GETs of one object, of routers by chance, that are at rest."""
    yield Reading("GET", "us", _latencies(kind, routers, questions, QUIET), routers)


@measure(brief=[{"routers": 1000}], smoke=[{"routers": 3, "questions": 20}],
         seconds=lambda routers, questions=0: 5 + routers * 0.001)
def get_busy(kind, routers, questions=3000):
    """The same while every router advertises each second."""
    yield Reading("GET while all advertise", "us", _latencies(kind, routers, questions, 1), routers, 1)


def _latencies(kind, routers, questions, interval):
    chance = random.Random(SEED)
    field = SnmpField(kind, routers, interval)
    try:
        client = field.start_served()
        oids = [field.priority(chance.choice(field.routers)) for _ in range(questions)]
        client.latencies(oids[:100])
        return client.latencies(oids)
    finally:
        field.close()
