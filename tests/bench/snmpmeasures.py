# SPDX-License-Identifier: ISC
"""What is measured through snmpd: objects that are read, in numbers."""

import contextlib
import random
import tempfile
import time

from harness.namespace import Network
from harness.snmp import AGENT, Snmpd
from harness.wait import wait_for

from .aims import NUMBERS, NUMBERS_CPU
from .field import cpu_seconds
from .registry import Reading, measure
from .snmpclient import OPERATIONS, VRRPV3, Client
from .snmpfield import ACCESS, QUIET, SnmpField, is_keepalived
from .tools import Counter

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
        taken, used = _walked(client, -(-objects // found), field.cpu)
    finally:
        field.close()
    yield Reading("walk, per varbind", "us", [taken], routers)
    yield Reading("walk, CPU of the agent per varbind", "us", [used], routers)


def _walked(client, rounds, cpu):
    """(time, CPU) in microseconds that one object takes in so many walks."""
    before, begin = cpu(), time.monotonic()
    walked = sum(client.walk(VRRPV3, REPETITIONS) for _ in range(rounds))
    return (time.monotonic() - begin) / walked * 1e6, (cpu() - before) / walked * 1e6


@measure(brief=[{}], smoke=[{"objects": 200}], seconds=lambda objects=0: 4)
def walk_of_numbers(kind, objects=20000):
    """The same walk of a subagent that only counts, which is neither device's: what the way through snmpd costs."""
    if is_keepalived(kind):
        return
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="va"))
        network = stack.enter_context(contextlib.closing(Network()))
        host = network.host("dut", ["10.0.0.1/16"])
        snmpd = Snmpd(host, folder, access=ACCESS)
        stack.callback(snmpd.kill)
        snmpd.start()
        counter = stack.enter_context(contextlib.closing(Counter(host, snmpd.socket, objects)))
        client = stack.enter_context(contextlib.closing(Client(host.namespace, AGENT)))
        wait_for(lambda: client.walk(VRRPV3, REPETITIONS) == objects, 10, "the subagent in snmpd")
        taken, used = _walked(client, 1, lambda: cpu_seconds([counter.pid]))
    yield Reading(NUMBERS, "us", [taken])
    yield Reading(NUMBERS_CPU, "us", [used])


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
