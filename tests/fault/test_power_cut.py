# SPDX-License-Identifier: ISC
"""The power is cut at every moment of many SETs: what was acknowledged is there, and nothing is torn.

The first SET makes a router, the others change the priority of one.

Every change to the state directory is recorded by strace while SETs are acknowledged. For each moment the folder is
built as a disk may have it: with all that was written, or without the names or the data that nobody asked to be kept.
"""

import os
import re
import time

import pytest

from harness.config import Instance, configuration
from harness.process import Process
from harness.snmp import ADDRESSES, OPERATIONS, Manager, Snmpd, address_row, row
from harness.wait import wait_for

pytestmark = pytest.mark.agent_only

SETS = int(os.environ.get("FAULT_STEPS", "400")) // 10
INSTANCE = Instance("one", 88, ("198.51.100.88/24",), interval=0.2)
CALL = re.compile(r"^(?:\d+ +)?(\d+\.\d+) (\w+)\((.*)\) += (-?\d+)")
STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
NAME = "overlay.conf"
NEW_VRID, NEW_ADDRESS = 89, "198.51.100.89"
MADE = re.compile(rf"virtual_router_id {NEW_VRID}\n.*\n *{re.escape(NEW_ADDRESS)}/32\n", re.S)


class File:
    def __init__(self):
        self.data = self.kept = b""


class Disk:
    """A folder: the names and data that programs see, and those that would survive."""

    def __init__(self):
        self.names, self.kept_names, self.open = {}, {}, {}

    def apply(self, call, strings, first, result, arguments, believe_sync):
        if call == "openat" and "O_CREAT" in arguments:
            file = self.names.setdefault(strings[0], File())
            file.data = b""
            self.open[result] = file
        elif call == "write" and first in self.open:
            self.open[first].data += strings[0].encode("latin-1")[:result]
        elif call == "close":
            self.open.pop(first, None)
        elif call == "fsync" and believe_sync:
            if first in self.open:
                self.open[first].kept = self.open[first].data
            else:
                self.kept_names = dict(self.names)
        elif call == "linkat":
            self.names[strings[1]] = self.names[strings[0]]
        elif call == "renameat" and self.names.get(strings[0]) is not self.names.get(strings[1]):
            self.names[strings[1]] = self.names.pop(strings[0])
        elif call == "unlinkat":
            self.names.pop(strings[0], None)

    def after_cut(self):
        """The overlay's bytes in each way the cut may leave it; None: there is no such file."""
        for names in (self.names, self.kept_names):
            file = names.get(NAME)
            yield file and file.data
            yield file and file.kept
            yield file and file.kept + file.data[len(file.kept):len(file.data) // 2]


def recorded(path):
    """[(time, call, strings, first descriptor, result, arguments)] that succeeded."""
    found = []
    with open(path, encoding="ascii") as stream:
        for line in stream:
            match = CALL.match(line)
            if not match or int(match[4]) < 0:
                continue
            strings = [bytes.fromhex(text.replace("\\x", "")).decode("latin-1") for text in STRING.findall(match[3])]
            first = re.match(r"(\d+)", match[3])
            found.append((float(match[1]), match[2], strings, int(first[1]) if first else -1, int(match[4]), match[3]))
    return found


def priority_in(content, made):
    """What a complete overlay says; AssertionError if it is torn, or lacks the router that was made."""
    text = content.decode("latin-1")
    assert text.startswith("# vrrp-agent overlay, transaction ") and text.endswith("\n# end of overlay\n"), text
    assert not made or MADE.search(text), f"the router that was made is lost:\n{text}"
    match = re.search(r"priority (\d+)\n", text)
    return int(match[1]) if match else INSTANCE.priority


def check_every_moment(calls, sets, believe_sync=True):
    """sets: [(value, asked, acknowledged)]. Returns how many moments were looked at."""
    disk, moments = Disk(), 0
    for number, (_, *call) in enumerate(calls):
        disk.apply(*call, believe_sync)
        now = calls[number + 1][0] if number + 1 < len(calls) else float("inf")
        acknowledged = [value for value, _, done in sets if done < now]
        possible = {value for value, asked, done in sets if asked < now <= done} | {
            acknowledged[-1] if acknowledged else INSTANCE.priority}
        for content in disk.after_cut():
            moments += 1
            if content is None:
                assert not acknowledged, "acknowledged, and the file is not there"
                continue
            assert priority_in(content, bool(acknowledged)) in possible, (number, content, possible)
    return moments, disk


def test_power_cut(network, devices, dut_kind, folder, ended, need):
    need("snmpd", "snmpset", "strace")
    host = network.host("ours")
    snmpd = ended(Snmpd(host, folder)).start()
    device = devices(dut_kind, host, agentx=snmpd.socket)
    device.start(configuration([INSTANCE]))
    manager, oid = Manager(host), f"{OPERATIONS}.7.{row(host, INSTANCE.vrid)}"
    manager.wait_served(oid)
    trace = f"{folder}/trace"
    tracer = ended(Process(
        ["strace", "-p", str(device.role("core")), "-ttt", "-xx", "-s", "65536", "-o", trace, "-e",
         "trace=openat,write,fsync,fdatasync,close,linkat,renameat,unlinkat"], f"{folder}/strace.log", host.namespace))
    wait_for(lambda: "attached" in tracer.log(), 10, lambda: f"strace at core: {tracer.log()}")
    rows = (f"{OPERATIONS}.13.{row(host, NEW_VRID)}", f"{ADDRESSES}.2.{address_row(host, NEW_VRID, NEW_ADDRESS)}")
    asked = time.time()
    assert manager.set(*(word for name in rows for word in (name, "i", "4"))) == ""
    sets = [(INSTANCE.priority, asked, time.time())]
    for number in range(SETS):
        value, asked = 1 + number % 200, time.time()
        assert manager.set(oid, "u", str(value)) == ""
        sets.append((value, asked, time.time()))
    tracer.kill()
    calls = recorded(trace)
    assert sum(call[1] == "renameat" for call in calls) >= SETS
    moments, disk = check_every_moment(calls, sets)
    assert moments > 40 * SETS
    with pytest.raises(AssertionError):
        check_every_moment(calls, sets, believe_sync=False)
    # and the program itself starts on what is left
    device.kill()
    with open(f"{device.state_dir}/{NAME}", "wb") as stream:
        stream.write(disk.kept_names[NAME].kept)
    device.start()
    manager.wait_served(oid)
    assert manager.get(oid)[0].number == sets[-1][0]
    assert [value.number for value in manager.get(*rows)] == [1, 1]
