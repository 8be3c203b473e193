# SPDX-License-Identifier: ISC
"""How late takeovers are: counted from the peer's last advertisement on the wire, less what the protocol says."""

import contextlib
import os
import struct
import time

from harness.device import VrrpAgent
from harness.process import Process
from harness.wait import wait_for

from .field import BETTER, Field
from .registry import Reading, measure, note
from .tools import number_of

# Advertisements of a peer before it dies.
BEATS = 4
# Where the kernel takes wishes for how soon a processor has to be awake, in us; not every container has it.
LATENCY = "/dev/cpu_dma_latency"
# {interval: (routers, times that the peer of each dies, once hard and once in order)}
DEATHS = {0.01: (20, 20), 0.1: (40, 6), 1: (120, 2)}


def _cycle(interval):
    """From one return of a peer to the next: long enough for a takeover that is late."""
    return (BEATS + 4) * interval + 0.3


def _lives(field, deaths):
    """The schedule of peers that live and die by turns, one after the other."""
    cycle = _cycle(field.interval)
    for place, router in enumerate(field.routers):
        for death in range(deaths):
            begin = (place / len(field.routers) + death) * cycle
            yield from ((begin + beat * field.interval, router, BETTER) for beat in range(BEATS))
            if death % 2:
                yield begin + (BEATS - 0.5) * field.interval, router, 0


def _takeovers(field, peer, own):
    """(whether in order, milliseconds after the protocol's time, whether there was none) for each death of a peer.
    peer, own: the advertisements of one router."""
    own = iter(own)
    mine = next(own, None)
    for last, back in zip(peer, [*peer[1:], None]):
        orderly = last.priority == 0
        wanted = field.skew if orderly else 3 * field.interval + field.skew
        if not orderly and back is not None and back.time - last.time < wanted:
            continue
        while mine is not None and mine.time <= last.time:
            mine = next(own, None)
        none = mine is None or (back is not None and mine.time > back.time)
        end = back.time if none and back is not None else mine.time if mine is not None else last.time + 10
        yield orderly, (end - last.time - wanted) * 1e3, none


def _by_router(adverts):
    found = {}
    for seen in adverts:
        found.setdefault(seen.router, []).append(seen)
    return found


@contextlib.contextmanager
def _hogs():
    """Two programs for each processor that never sleep, as a router has them that does something else as well."""
    with contextlib.ExitStack() as stack:
        for _ in range(2 * os.cpu_count()):
            stack.callback(Process(["sh", "-c", "while :; do :; done"], os.devnull).kill)
        yield


@contextlib.contextmanager
def _wakeful():
    """No processor sleeps so deeply that its host, or the hardware, takes its time to wake it."""
    with open(LATENCY, "wb", buffering=0) as quality:
        quality.write(struct.pack("i", 0))
        yield


@contextlib.contextmanager
def _kept(busy, wakeful, cpu_latency):
    """Keeps the machine so; what is said of it."""
    if cpu_latency is not None:
        yield f" with vrrp_cpu_latency {cpu_latency}"
    elif busy:
        with _hogs():
            yield " on a busy machine"
    elif wakeful:
        with _wakeful():
            yield " on a wakeful machine"
    else:
        yield ""


# What can be done about processors that sleep, by the bench and by a word of ours alone.
AWAKE = [{"wakeful": True}, {"cpu_latency": 0}]
KEPT = [{}, {"busy": True}, *(AWAKE if os.path.exists(LATENCY) else [])]


def _words(kind, cpu_latency):
    """keepalived has no such word."""
    return () if cpu_latency is None or kind.kind != VrrpAgent.kind else (f"vrrp_cpu_latency {cpu_latency}",)


@measure(brief=[*({"interval": interval} for interval in DEATHS), {"interval": 0.1, "busy": True},
                *({"interval": interval, **awake} for awake in AWAKE for interval in (0.1, 0.01))],
         smoke=[{"interval": 0.01, "routers": 2, "deaths": 2, **kept} for kept in KEPT],
         seconds=lambda interval, routers=None, deaths=None, busy=False, wakeful=False, cpu_latency=None: (
             0.5 + 8 * interval + _cycle(interval) * (deaths or DEATHS[interval][1])))
def failover(kind, interval, routers=None, deaths=None, busy=False, wakeful=False, cpu_latency=None):
    """A peer dies, or stops in order: how much later than the protocol says is the first advertisement?"""
    routers, deaths = routers or DEATHS[interval][0], deaths or DEATHS[interval][1]
    field = Field(kind, routers, interval, _words(kind, cpu_latency))
    try:
        field.start_active()
        with _kept(busy, wakeful, cpu_latency) as on:
            waiting = field.play(list(_lives(field, deaths)))
        assert "vrrp_cpu_latency" not in field.device.log(), "the device has none of what is measured"
        field.taken_over(field.lasts_of_peer())
        peers, own = (_by_router(field.capture.adverts(host)) for host in ("peer", "dut"))
        taken = [each for router in field.routers for each in _takeovers(field, peers[router], own[router])]
        field.capture.end()
    finally:
        field.close()
    none = sum(each[2] for each in taken)
    if none:
        note(f"{none} of {len(taken)} had not taken over when the peer came back, which is what is counted")
    for orderly, how in ((False, "dead"), (True, "orderly")):
        yield Reading(f"failover excess{on}, {how}", "ms", [each[1] for each in taken if each[0] == orderly],
                      interval=interval)
    yield Reading(f"lateness of a program that only waits{on}", "ms", [waiting], interval=interval)


@measure(brief=[{"routers": 2000, "spread": 0}],
         sweep=[{"routers": routers, "spread": spread} for routers in (100, 500, 1000, 2000, 4000) for spread in (0, 1)],
         smoke=[{"routers": 4, "spread": spread, "interval": 0.1} for spread in (0, 0.1)],
         seconds=lambda routers, spread, interval=1: 0.5 + 11 * interval + spread + routers / 4000)
def mass(kind, routers, spread, interval=1):
    """The peers of all routers die, at once or evenly over so many seconds: the last advertisement, address, and
    gratuitous ARP, each after its router's own time."""
    field = Field(kind, routers, interval)
    try:
        field.start_active()
        addresses = field.listen()
        field.play([(place / routers * spread, router, BETTER) for place, router in enumerate(field.routers)], BEATS,
                   interval)
        lasts = field.lasts_of_peer()
        due = {router: time + 3 * interval + field.skew for router, time in lasts.items()}
        begin = min(due.values()) - interval / 10
        numbers = {router: number_of(field.address(*router)) for router in field.routers}

        taken = field.taken_over(lasts)

        def is_whole():
            added, announced = addresses.added(begin), field.capture.announcements("dut", begin)
            return all(number in added and number in announced for number in numbers.values())

        wait_for(is_whole, 30, "an address and an announcement of each", 0.3)
        added, announced = addresses.added(begin), field.capture.announcements("dut", begin)
        late = [[(time - due[router]) * 1e3 for time in (taken[router], added[number], announced[number])]
                for router, number in numbers.items()]
        field.capture.end()
    finally:
        field.close()
    when = "evenly dead" if spread else "dead at once"
    for place, what in enumerate(("last advertisement", "last address", "last first announcement")):
        yield Reading(f"{when}: {what}", "ms", [max(each[place] for each in late)], routers)


@measure(sweep=[{"routers": 4000, "interval": 1, "minutes": 10}], smoke=[{"routers": 4, "interval": 0.5, "minutes": 0.04}],
         seconds=lambda routers, interval, minutes: 5 + 6 * interval + routers / 1000 + minutes * 60, trials=1)
def stability(kind, routers, interval, minutes):
    """Half of the routers are Backups of a peer that lives, half are Active: who advertises though it should not, or
    keeps silent so long that its Backup would take over?"""
    field = Field(kind, routers, interval)
    try:
        field.start_active(capture=False)
        backups, actives = field.routers[::2], field.routers[1::2]
        pacer = field.peers([(place / len(backups) * interval, router, BETTER) for place, router in enumerate(backups)],
                            round((minutes * 60 + 60) / interval), interval)
        wait_for(lambda: not _sends(field, backups), 30, "the Backups' silence", 0.5)
        recorder = field.record(keep=False)
        time.sleep(max(minutes * 60, 3 * interval))
        flows = recorder.end()
        note("the peers: " + pacer.end())
    finally:
        field.close()
    down = 3 * interval + field.skew
    gaps = [flows[host, router].longest for host, all_of in (("peer", backups), ("dut", actives)) for router in all_of
            if (host, router) in flows]
    note(f"the longest silence of a peer {max(gaps[:len(backups)]):.3f} s, of an Active {max(gaps[len(backups):]):.3f} s")
    assert max(gaps[:len(backups)]) < 2 * interval, "the peers were not there: the bench's own fault"
    begun = [router for router in backups if ("dut", router) in flows]
    silent = [router for router in actives if ("dut", router) not in flows or flows["dut", router].longest > down]
    yield Reading("false transitions", "routers", [len(begun) + len(silent)], routers, interval)


def _sends(field, routers):
    """Whether the device still advertises one of these routers."""
    recorder = field.record(keep=False)
    time.sleep(1.5 * field.interval)
    flows = recorder.end()
    return any(("dut", router) in flows for router in routers)
