# SPDX-License-Identifier: ISC
"""What is measured through snmpd: how soon something follows from something else."""

import time

from harness.snmp import SINK
from harness.wait import observe, wait_for

from .field import BETTER
from .registry import Reading, measure
from .snmpclient import SYS_UP_TIME, Sink
from .snmpfield import QUIET, SnmpField, is_keepalived


@measure(brief=[{"tries": 20}], smoke=[{"tries": 2}], seconds=lambda tries: 5 + tries)
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


@measure(brief=[{"routers": 40}], smoke=[{"routers": 2}], seconds=lambda routers: 8 + routers * 0.03)
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


@measure(brief=[{"routers": 50}], smoke=[{"routers": 2}], seconds=lambda routers: 15, trials=5)
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


@measure(brief=[{"routers": 50, "hung": 20}], smoke=[{"routers": 2, "hung": 2}], trials=3,
         seconds=lambda routers, hung: 10 + hung)
def snmpd_hangs(kind, routers, hung, interval=0.1):
    """snmpd is stopped, while one router more than those changes hands each second, of which notifications tell."""
    field = SnmpField(kind, routers + 1, interval, traps=True)
    try:
        field.start_served(capture=True)
        restless = field.routers[routers]
        begin = time.time()
        field.snmpd.pause()
        field.play([(beat, restless, BETTER) for beat in range(1, hung)])
        end = begin + hung
        observe(max(0, end - time.time()), "what is sent meanwhile is counted")
        field.snmpd.resume()
        field.capture.wait_past("dut", end, 60)
        sent = sum(seen.time <= end and seen.router != restless for seen in field.capture.adverts("dut", begin))
    finally:
        field.close()
    wanted = routers * hung / interval
    yield Reading(f"snmpd stopped {hung} s: advertisements lost", "lost", [max(0, round(wanted) - sent)],
                  routers, interval)
