# SPDX-License-Identifier: ISC
"""A real snmpd, snmptrapd and manager, all inside one host's namespace with files of their own."""

import ipaddress
import os
import re
import signal
from dataclasses import dataclass

from .process import Process, run
from .wait import wait_for

AGENT = "127.0.0.1:16161"
SINK = "127.0.0.1:16162"
VRRPV3 = ".1.3.6.1.2.1.207"
OPERATIONS = VRRPV3 + ".1.1.1.1"
ADDRESSES = VRRPV3 + ".1.1.2.1"
STATISTICS = VRRPV3 + ".1.2.5.1"
NEW_MASTER = VRRPV3 + ".0.1"
PROTO_ERROR = VRRPV3 + ".0.2"
VRRP = ".1.3.6.1.2.1.68"
KEEPALIVED = ".1.3.6.1.4.1.9586.100.5"
SNMP_TRAP_OID = ".1.3.6.1.6.3.1.1.4.1.0"
SYS_UP_TIME = ".1.3.6.1.2.1.1.3.0"

_LINE = re.compile(r"^(\.[\d.]+) = (?:([A-Za-z][\w -]*?): ?)?(.*)$")


@dataclass(frozen=True)
class Value:
    """One varbind as the net-snmp tools print it: the type's name, the value as text."""

    oid: str
    type: str
    text: str

    @property
    def number(self):
        match = re.search(r"\((\d+)\)", self.text) if self.type == "Timeticks" else None
        return int(match.group(1) if match else self.text.split()[0])

    @property
    def octets(self):
        assert self.type == "Hex-STRING" or self.text in ('""', ""), f"not octets: {self}"
        return bytes.fromhex(self.text.replace(" ", "")) if self.type == "Hex-STRING" else b""


def parse_varbinds(text):
    """The varbinds in the output of the tools, one in a line (hex strings may go on in the next)."""
    found = []
    for line in text.splitlines():
        match = _LINE.match(line.strip())
        if match:
            found.append(Value(match.group(1), match.group(2) or "", match.group(3).strip()))
        elif found and found[-1].type == "Hex-STRING" and line.strip():
            found[-1] = Value(found[-1].oid, "Hex-STRING", f"{found[-1].text} {line.strip()}")
    return found


def row(host, vrid, family=4, interface="eth0"):
    """The index of a router's row: ifIndex.VRID.type."""
    return f"{host.index(interface)}.{vrid}.{1 if family == 4 else 2}"


def address_row(host, vrid, address, family=4, interface="eth0"):
    """The index of an address: that of its router, its length and octets."""
    octets = ipaddress.ip_address(address).packed
    return ".".join([row(host, vrid, family, interface), str(len(octets)), *map(str, octets)])


class RowStatus:
    """RFC 2579."""

    ACTIVE, NOT_IN_SERVICE, NOT_READY, CREATE_AND_GO, CREATE_AND_WAIT, DESTROY = range(1, 7)


class Snmpd:
    """The master agent. `socket` is where a subagent connects; `perms` are snmpd.conf's agentXPerms; `access`
    are the lines that say who may do what, `sink` the one that says to whom it notifies; `without` are modules of its
    own that it is to do without."""

    def __init__(self, host, folder, perms="0777 0755", access="rocommunity public\nrwcommunity private\n",
                 sink=f"trap2sink {SINK} public", without=()):
        self.host = host
        self._without = ["-I", "-" + ",".join(without)] if without else []
        self.folder = os.path.join(str(folder), "snmpd")
        self.socket = os.path.join(self.folder, "x")
        self.process = None
        os.makedirs(os.path.join(self.folder, "persistent"), exist_ok=True)
        self._config = os.path.join(self.folder, "snmpd.conf")
        with open(self._config, "w", encoding="utf-8") as stream:
            stream.write(
                f"agentaddress udp:{AGENT}\n{access}master agentx\nagentXSocket unix:{self.socket}\nagentXPerms {perms}\n"
                f"{sink}\n")

    def start(self):
        if os.path.exists(self.socket):
            os.unlink(self.socket)
        self.process = Process(
            ["snmpd", "-f", "-Lo", *self._without, "-C", "-c", self._config, "-p", f"{self.folder}/pid",
             f"--persistentDir={self.folder}/persistent"],
            os.path.join(self.folder, "log"), self.host.namespace,
            env={"MIBS": "", "SNMP_PERSISTENT_DIR": f"{self.folder}/persistent"})
        wait_for(lambda: os.path.exists(self.socket), 10, lambda: f"snmpd's socket; log:\n{self.process.log()}")
        return self

    def kill(self):
        if self.process is not None:
            self.process.kill()

    def pause(self):
        self.process.signal(signal.SIGSTOP)

    def resume(self):
        self.process.signal(signal.SIGCONT)


class Manager:
    """The net-snmp tools against the host's snmpd. patience: seconds that an answer may take; retries: how
    often it is asked for again."""

    _OUTPUT = ["-v2c", "-m", "", "-On", "-Oe", "-Ox"]

    def __init__(self, host, patience=2, retries=1):
        self.host = host
        self._patience = ["-t", str(patience), "-r", str(retries)]

    def _tool(self, tool, community, words, check):
        return run([tool, *self._OUTPUT, *self._patience, "-c", community, AGENT, *words], self.host.namespace,
                   check=check, env={"MIBS": ""})

    def get(self, *oids):
        """The values, in order."""
        return parse_varbinds(self._tool("snmpget", "public", oids, True).stdout)

    def get_next(self, oid):
        return parse_varbinds(self._tool("snmpgetnext", "public", [oid], True).stdout)[0]

    def walk(self, oid, tool="snmpbulkwalk", check=True):
        words = ["-Cr60", oid] if tool == "snmpbulkwalk" else [oid]
        values = parse_varbinds(self._tool(tool, "public", words, check).stdout)
        return [value for value in values if value.oid.startswith(oid + ".")]

    def set(self, *words):
        """words: OID TYPE VALUE, repeated. Returns "" or the error as the tool names it."""
        return self.set_blamed(*words)[0]

    def set_blamed(self, *words):
        """The same, and the OID that the error is about."""
        done = self._tool("snmpset", "private", words, False)
        if done.returncode == 0:
            return "", None
        said = done.stdout + done.stderr
        reason = re.search(r"Reason: (\w+)", said)
        blamed = re.search(r"Failed object: (\S+)", said)
        return reason.group(1) if reason else said.strip(), blamed.group(1) if blamed else None

    def serves(self, oid):
        """Whether a GET of this instance has a value now."""
        done = self._tool("snmpget", "public", [oid], False)
        return done.returncode == 0 and "No Such" not in done.stdout

    def wait_served(self, oid, timeout=20):
        wait_for(lambda: self.serves(oid), timeout, f"{oid} in snmpd", poll=0.1)


class Snmptrapd:
    """Receives the notifications that snmpd sends on; `informs`: only those of the user `informer`, authPriv.

    more: further lines of its configuration.
    """

    def __init__(self, host, folder, informs=False, more=""):
        self.informs = informs
        self.folder = os.path.join(str(folder), "snmptrapd")
        os.makedirs(self.folder, exist_ok=True)
        config = os.path.join(self.folder, "snmptrapd.conf")
        with open(config, "w", encoding="utf-8") as stream:
            stream.write("format2 NOTIFICATION\\n%V\\n%v\\n\n" + (
                "createUser informer SHA authenticate AES encipher\nauthUser log informer authPriv\n" if informs
                else "disableAuthorization yes\n") + more)
        self.process = Process(
            ["snmptrapd", "-f", "-Lo", "-n", "-C", "-c", config, "-p", f"{self.folder}/pid", "-m", "",
             "-On", "-Oe", "-Ox", f"udp:{SINK}"],
            os.path.join(self.folder, "log"), host.namespace,
            env={"MIBS": "", "SNMP_PERSISTENT_DIR": self.folder})
        wait_for(lambda: "NET-SNMP version" in self.process.log(), 10,
                 lambda: f"snmptrapd; log:\n{self.process.log()}")

    def received(self, notification=None):
        """The varbinds of each notification (of this kind), in order of arrival."""
        found = [parse_varbinds(part) for part in self.process.log().split("NOTIFICATION\n")[1:]]
        return [each for each in found if notification is None or any(
            value.oid == SNMP_TRAP_OID and value.text == notification for value in each)]

    def kill(self):
        self.process.kill()
