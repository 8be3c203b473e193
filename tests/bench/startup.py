# SPDX-License-Identifier: ISC
"""How long a configuration takes to be read, begun with, and changed."""

import time

from harness.wait import wait_for

from .field import Field
from .registry import Reading, measure
from .tools import number_of

SCALE = (1, 10, 100, 1000, 4000, 10000)
# Of the routers that a reload changes.
PRIORITY = 150
CHANGED = {"one": lambda routers: [routers // 2], "half": lambda routers: range(0, routers, 2), "all": range}


@measure(brief=[{"routers": 1000}], sweep=[{"routers": routers} for routers in SCALE], smoke=[{"routers": 2}],
         seconds=lambda routers: 0.3 + routers / 4000 + (routers / 5000) ** 2)
def start(kind, routers):
    """From the execution of the program to the last router's first advertisement."""
    field = Field(kind, routers, 1, priority=255, state="MASTER")
    try:
        field.device.configure(field.text)
        field.capture = field.record()
        begin = time.time()
        field.device.start()

        def firsts():
            first = {}
            for seen in field.capture.adverts("dut"):
                first.setdefault(seen.router, seen.time)
            return first

        wait_for(lambda: len(firsts()) == routers, 30 + routers / 100, "every router", 0.2)
        last = max(firsts().values())
        field.capture.end()
    finally:
        field.close()
    yield Reading("start to the last first advertisement", "ms", [(last - begin) * 1e3], routers)


@measure(brief=[{"routers": 1000}], sweep=[{"routers": routers} for routers in SCALE], smoke=[{"routers": 2}],
         seconds=lambda routers: 0.2 + routers / 8000 + (routers / 6000) ** 2)
def check(kind, routers):
    """The configuration test."""
    field = Field(kind, routers, 1)
    try:
        field.device.configure(field.text)
        begin = time.monotonic()
        code, output = field.device.check()
        taken = time.monotonic() - begin
        assert code == 0, output[-2000:]
    finally:
        field.close()
    yield Reading("configuration test (-t)", "ms", [taken * 1e3], routers)


def _lost(adverts, routers, begin, end, interval):
    """How many advertisements are missing in a while, and the longest silence of a router."""
    lost, longest = 0, 0
    times = {router: [begin] for router in routers}
    for seen in adverts:
        if begin <= seen.time <= end:
            times[seen.router].append(seen.time)
    for of in times.values():
        for one, other in zip(of, [*of[1:], end]):
            lost += max(0, round((other - one) / interval - 0.25) - 1)
            longest = max(longest, other - one)
    return lost, longest


@measure(sweep=[{"routers": routers, "changed": changed} for routers in SCALE for changed in CHANGED
                if routers > 1 or changed == "all"],
         smoke=[{"routers": 2, "changed": "one", "settling": 0.5, "interval": 0.1}],
         seconds=lambda routers, changed, settling=6.5, interval=1: 1 + settling + 6 * interval + routers / 1000)
def reload(kind, routers, changed, settling=6.5, interval=1):
    """Some routers get another priority and a further address: from SIGHUP until the last of them has said so, and
    what is lost of the advertisements of all."""
    field = Field(kind, routers, interval)
    try:
        field.start_active()
        time.sleep(settling)
        numbers = CHANGED[changed](routers)
        altered = {field.routers[number] for number in numbers}
        further = {number_of(field.further(*router)) for router in altered}
        field.device.configure(field.configuration(numbers, priority=PRIORITY))
        addresses = field.listen()
        begin = time.time()
        field.device.reload()

        def first():
            """{router: time of its first advertisement with the new priority}"""
            found = {}
            for seen in field.capture.adverts("dut", begin):
                if seen.priority == PRIORITY:
                    found.setdefault(seen.router, seen.time)
            return found

        wait_for(lambda: altered <= first().keys() and further <= addresses.added(begin).keys(), 30 + routers / 100,
                 lambda: f"the new configuration ({len(first())} of {len(altered)})", 0.2)
        time.sleep(2 * interval)
        lost, longest = _lost(field.capture.adverts("dut"), field.routers, begin, time.time(), field.interval)
        said = max(time for router, time in first().items() if router in altered)
        held = max(time for number, time in addresses.added(begin).items() if number in further)
        field.capture.end()
    finally:
        field.close()
    yield Reading(f"reload, {changed} changed: last new address", "ms", [(held - begin) * 1e3], routers)
    yield Reading(f"reload, {changed} changed: last new priority", "ms", [(said - begin) * 1e3], routers)
    yield Reading(f"reload, {changed} changed: advertisements lost", "lost", [lost], routers)
    yield Reading(f"reload, {changed} changed: longest silence", "s", [longest], routers)
