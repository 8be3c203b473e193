# SPDX-License-Identifier: ISC
"""The manual of SNMP: it knows every object of the MIB, and each of its recipes does what it says."""

import os
import re
import shlex

import pytest

from harness.config import Instance, configuration
from harness.process import run
from harness.snmp import ADDRESSES, AGENT, OPERATIONS, Manager, Snmpd, address_row, row
from harness.wait import wait_for

pytestmark = pytest.mark.agent_only

TOP = os.path.join(os.path.dirname(__file__), "..", "..")
PAGE = os.path.join(TOP, "man", "vrrp-agent-snmp.7")
MIB = os.path.join(TOP, "mibs", "VRRP-AGENT-VRRPV3-MIB.txt")

GATEWAY = Instance("gateway", 51, ("192.0.2.51/24",))


def _page():
    with open(PAGE, encoding="utf-8") as stream:
        return stream.read()


def test_every_object_is_in_the_manual():
    with open(MIB, encoding="utf-8") as stream:
        objects = re.findall(r"^(vrrpv3\w+) (?:OBJECT|NOTIFICATION)-TYPE", stream.read(), re.M)
    assert len(objects) > 30
    # tables and their entries, and what only names rows
    skipped = ("Entry", "OperationsVrId", "InetAddrType")
    page = _page()
    missing = [name for name in objects if name not in page and not name.endswith(skipped)]
    assert not missing


def recipes():
    """The commands of the section, one list of words each."""
    section = _page().split("\n.Sh RECIPES\n", 1)[1].split("\n.Sh ", 1)[0]
    blocks = re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", section, re.M | re.S)
    lines = "".join(blocks).replace("\\e\n", "").splitlines()
    return [shlex.split(line) for line in lines]


class Reader:
    """Runs them as a person would who has their ifIndex, and looks at what became of each."""

    def __init__(self, device, host):
        self.device = device
        self.host = host
        self.manager = Manager(host)

    def run(self, words):
        if words[0] == "vrrpctl":
            return self.device.control(*words[1:]).stdout
        access = {"READ": ["-v2c", "-c", "public"], "WRITE": ["-v2c", "-c", "private"], "localhost": [AGENT]}
        told = [part for word in words[1:] for part in access.get(word, [self._here(word)])]
        return run([words[0], "-m", "", "-On", *told], self.host.namespace, env={"MIBS": ""}).stdout

    def _here(self, word):
        return re.sub(r"(1\.3\.6\.1\.2\.1\.207\.1\.1\.[12]\.1\.\d+)\.2\.", rf"\1.{self.host.index()}.", word)

    def value(self, oid):
        return self.manager.get(oid)[0]

    def absent(self, oid):
        return "No Such" in self.value(oid).text


def test_the_recipes(network, devices, dut_kind, folder, ended, need):
    need("snmpd", "snmpset")
    host = network.host("ours")
    snmpd = ended(Snmpd(host, folder)).start()
    device = devices(dut_kind, host, agentx=snmpd.socket)
    device.start(configuration([GATEWAY], ("enable_traps",)))
    reader = Reader(device, host)
    wait_for(lambda: reader.manager.serves(f"{OPERATIONS}.7.{row(host, 51)}"), 20, "the router over SNMP")
    commands = recipes()
    assert len(commands) == 17
    step = iter(commands)

    def does(count=1):
        return "".join(reader.run(next(step)) for _ in range(count))

    def column(number, vrid=51):
        return reader.value(f"{OPERATIONS}.{number}.{row(host, vrid)}").number

    assert f"{OPERATIONS}.7.{row(host, 51)} = Gauge32: 100" in does()
    assert f"{ADDRESSES}.2.{address_row(host, 51, '192.0.2.51')} = INTEGER: 1" in does()
    does()
    assert column(7) == 150
    does()
    assert column(13) == 2 and column(6) == 1
    does()
    assert column(13) == 1
    does()
    assert (column(9), column(10)) == (25, 2)
    added = f"{ADDRESSES}.2.{address_row(host, 51, '192.0.2.9')}"
    does()
    assert reader.value(added).number == 1
    does()
    assert reader.absent(added)
    does()
    assert (column(13, 52), column(11, 52)) == (1, 1)
    does()
    assert reader.absent(f"{OPERATIONS}.13.{row(host, 52)}")
    does(4)
    assert (column(13, 53), column(7, 53)) == (1, 120)
    assert "priority 150" in does() and "snmp-eth0-53-4" in device.control("config", "diff").stdout
    does()
    with open(device.config_path, encoding="utf-8") as stream:
        assert "snmp-eth0-53-4" in stream.read()
    device.control("set", "gateway", "priority", "90")
    does()
    assert column(7) == 150
    assert next(step, None) is None
