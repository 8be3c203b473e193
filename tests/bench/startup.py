# SPDX-License-Identifier: ISC
"""How long a configuration takes to be read, begun with, and changed."""

import time

from harness.wait import wait_for

from .field import Field
from .registry import Reading, measure


@measure(brief=[{"routers": 1000}], smoke=[{"routers": 2}], seconds=lambda routers: 5 + routers / 500)
def start(kind, routers):
    """From the execution of the program to the last router's first advertisement."""
    field = Field(kind, routers, 1, priority=255, state="MASTER")
    try:
        begin = time.time()
        field.start()
        wait_for(lambda: len(field.firsts(field.capture.adverts("dut"))) == routers, 30, "every router", 0.1)
        last = max(field.firsts(field.capture.adverts("dut")).values())
    finally:
        field.close()
    yield Reading("start to the last first advertisement", "ms", [(last - begin) * 1e3], routers)


@measure(brief=[{"routers": 1000}], smoke=[{"routers": 2}], seconds=lambda routers: 3 + routers / 1000)
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
