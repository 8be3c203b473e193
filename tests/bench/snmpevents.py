# SPDX-License-Identifier: ISC
"""What is measured through snmpd: how soon something follows from something else."""

import time
from collections import Counter

from harness.snmp import NEW_MASTER, OPERATIONS, SINK, Snmptrapd
from harness.wait import observe, wait_for

from .field import BETTER
from .registry import Reading, measure, note
from .snmpclient import SYS_UP_TIME, Sink
from .snmpfield import QUIET, SnmpField, is_keepalived


@measure(brief=[{"tries": 20}], smoke=[{"tries": 2}], seconds=lambda tries: 2 + tries * 0.01)
def set_to_wire(kind, tries):
    """From the request to the new priority on the wire. keepalived's objects are read-only."""
    if is_keepalived(kind):
        return
    field = SnmpField(kind, 1, 1)
    try:
        client = field.start_served(capture=True)
        router = field.routers[0]
        wire, answer = [], []
        for priority in range(101, 101 + tries):
            sent, answered = client.set_unsigned(field.priority(router), priority)
            seen = field.capture.wait_first("dut", router, sent, priority)
            wire.append((seen.time - sent) * 1e3)
            answer.append((answered - sent) * 1e3)
    finally:
        field.close()
    yield Reading("SET to its answer", "ms", answer)
    yield Reading("SET to the priority on the wire", "ms", wire)


@measure(brief=[{"routers": 40}], smoke=[{"routers": 2}], seconds=lambda routers: 1.5 + routers * 0.025)
def takeover_to_trap(kind, routers, interval=0.1):
    """From the first advertisement of a takeover to its notification at the sink; one router after the other."""
    field = SnmpField(kind, routers, interval, traps=True)
    sink = Sink(field.host.namespace, SINK)
    try:
        field.start_served(capture=True)
        wait_for(lambda: len(sink.new_masters()) >= routers, 20, "a notification of each start", 0.05)
        field.play([(place * 0.025 + beat * interval, router, BETTER)
                    for place, router in enumerate(field.routers) for beat in range(4)])
        taken = field.taken_over(field.lasts_of_peer())
        since = min(taken.values())

        def told():
            found = {row: stamp for stamp, row in reversed(sink.new_masters()) if stamp >= since}
            return len(found) == routers and found

        stamps = wait_for(told, 20, "a notification of each takeover", 0.05)
    finally:
        sink.close()
        field.close()
    yield Reading("takeover on the wire to its notification", "ms",
                  [(stamps[field.row(router)] - stamp) * 1e3 for router, stamp in taken.items()])


@measure(brief=[{"routers": 50}], smoke=[{"routers": 2}], seconds=lambda routers: 8, trials=5)
def snmpd_returns(kind, routers):
    """snmpd ends and is started again: from its start until it answers for a router."""
    field = SnmpField(kind, routers)
    try:
        client = field.start_served()
        oid = field.priority(field.routers[0])
        field.snmpd.process.terminate()
        begin = time.monotonic()
        field.snmpd.start()
        wait_for(lambda: client.serves(SYS_UP_TIME), 20, "snmpd itself", 0.01)
        wait_for(lambda: client.serves(oid), 60, "the device behind it", 0.01)
        taken = time.monotonic() - begin
    finally:
        field.close()
    yield Reading("back after snmpd's restart", "s", [taken], routers)


@measure(brief=[{"routers": 50, "hung": 20}], smoke=[{"routers": 2, "hung": 2, "restless": 2, "patience": 3}], trials=3,
         seconds=lambda routers, hung, restless=10, patience=15: 2 + hung)
def snmpd_hangs(kind, routers, hung, interval=0.1, restless=10, patience=15):
    """snmpd is stopped, while some more routers change hands each second, of which notifications tell: what is lost of
    the others' advertisements, of takeovers, and of their notifications, until none came for so many seconds."""
    field = SnmpField(kind, routers + restless, interval, traps=True)
    sink = None
    try:
        sink = Snmptrapd(field.host, field.folder)
        field.start_served(capture=True)
        wait_for(lambda: len(_new_masters(sink)) >= len(field.routers), 20, "a notification of each start", 0.2)
        told = Counter(_new_masters(sink))
        changing = field.routers[routers:]
        begin = time.time()
        field.snmpd.pause()
        field.play([(beat + place / restless / 2, router, BETTER)
                    for beat in range(1, hung) for place, router in enumerate(changing)])
        end = begin + hung
        observe(max(0, end - time.time()), "what is sent meanwhile is counted")
        field.snmpd.resume()
        field.capture.wait_past("dut", end, 60)
        sent = sum(seen.time <= end and seen.router not in changing for seen in field.capture.adverts("dut", begin))
        field.taken_over(field.lasts_of_peer())
        taken = Counter({field.row(router): _takeovers(field, router, begin) for router in changing})
        untold = _untold(sink, taken + told, patience)
    finally:
        if sink is not None:
            sink.kill()
        field.close()
    lost = {"advertisements lost": max(0, round(routers * hung / interval) - sent),
            "takeovers missed": restless * (hung - 1) - taken.total(), "notifications lost": untold}
    note(f"{taken.total()} takeovers were seen on the wire")
    for what, number in lost.items():
        yield Reading(f"snmpd stopped {hung} s: {what}", "lost", [number], routers, interval)


def _new_masters(sink):
    """The row of each vrrpv3NewMaster that has arrived."""
    names = [next(value.oid for value in each if value.oid.startswith(OPERATIONS + "."))
             for each in sink.received(NEW_MASTER)]
    return [tuple(int(part) for part in name.split(".")[-3:]) for name in names]


def _untold(sink, wanted, patience):
    """How many notifications of what is wanted, {row: number}, never come."""
    missing, since = None, time.monotonic()
    while time.monotonic() - since < patience:
        now = (wanted - Counter(_new_masters(sink))).total()
        if not now:
            return 0
        if now != missing:
            missing, since = now, time.monotonic()
        time.sleep(0.2)
    return missing


def _takeovers(field, router, begin):
    """After how many advertisements of its peer a router advertised before the next one."""
    seen = sorted((each.time, host) for host in ("peer", "dut") for each in field.capture.adverts(host, begin)
                  if each.router == router)
    return sum((one[1], other[1]) == ("peer", "dut") for one, other in zip(seen, seen[1:]))
