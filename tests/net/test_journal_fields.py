# SPDX-License-Identifier: ISC
"""What the journal is told: fields and message ids, which systemd's own tool finds in the catalogue."""

import os
import re
import socket
import struct
import threading

import pytest

from harness.config import Instance, configuration
from harness.process import run
from harness.wait import wait_for

pytestmark = pytest.mark.agent_only

ONE = Instance("one", 64, ("198.51.100.64/24",), interval=0.2)
SOURCE = os.path.join(os.path.dirname(__file__), "..", "..")
CATALOG = os.path.join(SOURCE, "etc", "vrrp-agent.catalog")


def decoded(datagram):
    """The journal's native protocol: FIELD=value lines, or FIELD, a length and as many octets."""
    fields = {}
    while datagram:
        line, _, datagram = datagram.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if not equals:
            (length,) = struct.unpack("<Q", datagram[:8])
            value, datagram = datagram[8:8 + length], datagram[9 + length:]
        fields[name.decode()] = value.decode()
    return fields


class Journal:
    """A socket where the journal's would be, seen by what runs in a mount namespace of its own."""

    def __init__(self, folder):
        self.folder = os.path.join(folder, "journal")
        os.makedirs(self.folder)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(os.path.join(self.folder, "socket"))
        self.entries = []
        threading.Thread(target=self._receive, daemon=True).start()

    def _receive(self):
        while True:
            try:
                datagram = self._socket.recv(65536)
            except OSError:
                return
            if not datagram:
                return
            self.entries.append(decoded(datagram))

    def prefix(self):
        """Of a command: its standard error seems to lead to the journal."""
        script = ("mkdir -p /run/systemd/journal && mount --bind \"$0\" /run/systemd/journal && "
                  "JOURNAL_STREAM=$(stat -Lc %d:%i /proc/self/fd/2) exec \"$@\"")
        return ["unshare", "--mount", "sh", "-ec", script, self.folder]

    def close(self):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def test_fields(network, devices, dut_kind, folder, ended, need):
    need("unshare", "journalctl")
    journal = ended(Journal(folder))
    device = devices(dut_kind, network.host("ours"))
    plain = device.command
    device.command = lambda: journal.prefix() + plain()
    device.start(configuration([ONE]))
    wait_for(lambda: _entry(journal, VRRP_KIND="transition", VRRP_TO="active"), 15, "the takeover in the journal")
    taken = _entry(journal, VRRP_KIND="transition", VRRP_TO="active")
    assert {key: taken[key] for key in ("PRIORITY", "SYSLOG_IDENTIFIER", "VRRP_NAME", "VRRP_INTERFACE", "VRRP_FAMILY",
                                        "VRRP_VRID", "VRRP_FROM", "VRRP_REASON")} == {
        "PRIORITY": "5", "SYSLOG_IDENTIFIER": "vrrp-agent", "VRRP_NAME": "one", "VRRP_INTERFACE": "eth0",
        "VRRP_FAMILY": "ipv4", "VRRP_VRID": "64", "VRRP_FROM": "backup", "VRRP_REASON": "silence"}
    assert taken["MESSAGE"].startswith("one: backup -> active: ")
    assert taken["MESSAGE"] not in device.log(), "it was told twice"
    device.configure("virtual nonsense\n")
    device.reload()
    wait_for(lambda: _entry(journal, VRRP_KIND="refused"), 10, "the refusal in the journal")
    device.configure(configuration([ONE]))
    device.reload()
    wait_for(lambda: _entry(journal, VRRP_KIND="reloaded"), 10, "the reload in the journal")
    device.stop()
    wait_for(lambda: _entry(journal, VRRP_TO="initialize"), 10, "the stop in the journal")
    _check_catalogue(journal, folder)


def test_groups(network, devices, dut_kind, folder, ended, need):
    """A sync group's transitions: its name, its states and the message of what it did."""
    need("unshare", "journalctl")
    journal = ended(Journal(folder))
    device = devices(dut_kind, network.host("ours"))
    plain = device.command
    device.command = lambda: [*journal.prefix(), *plain()]
    both = (ONE, Instance("two", 65, ("198.51.100.65/24",), interval=0.2))
    device.start(configuration(both, (), "vrrp_sync_group both {\n    group {\n        one\n        two\n    }\n}\n"))
    wait_for(lambda: _entry(journal, VRRP_KIND="group-transition", VRRP_TO="active"), 15, "the group in the journal")
    device.control("drain", "two")
    wait_for(lambda: _entry(journal, VRRP_KIND="group-transition", VRRP_TO="fault"), 15, "the fault of the group")
    told = [entry for entry in list(journal.entries) if entry.get("VRRP_KIND") == "group-transition"]
    states = [(entry["VRRP_NAME"], entry["VRRP_FROM"], entry["VRRP_TO"], entry["PRIORITY"]) for entry in told]
    assert states[-2:] == [("both", "backup", "active", "5"), ("both", "active", "fault", "4")], states
    assert all(entry["MESSAGE"].startswith(f"sync group both: {entry['VRRP_FROM']} -> {entry['VRRP_TO']}: ") for entry in told), told
    assert "two is administratively down" in told[-1]["MESSAGE"]
    assert _entry(journal, VRRP_KIND="transition", VRRP_NAME="one", VRRP_REASON="sync-group")
    _check_catalogue(journal, folder)


def _entry(journal, **wanted):
    for entry in list(journal.entries):
        if all(entry.get(key) == value for key, value in wanted.items()):
            return entry
    return None


def _check_catalogue(journal, folder):
    """Each id that was used, and each that the program knows, is explained, and nothing else is."""
    root = os.path.join(folder, "root")
    place = os.path.join(root, "usr/lib/systemd/catalog")
    os.makedirs(place)
    run(["cp", CATALOG, place])
    run(["journalctl", f"--root={root}", "--update-catalog"])
    for entry in journal.entries:
        said = run(["journalctl", f"--root={root}", "--dump-catalog", entry["MESSAGE_ID"]]).stdout
        assert "Subject: " in said, entry
        unknown = set(re.findall(r"@(\w+)@", said)) - set(entry)
        assert not unknown, f"{entry['MESSAGE_ID']} names fields that it has not: {unknown}"
    with open(os.path.join(SOURCE, "agent/core/events/eventlog.c"), encoding="utf-8") as stream:
        known = set(re.findall(r'"([0-9a-f]{32})"', stream.read()))
    with open(CATALOG, encoding="utf-8") as stream:
        explained = set(re.findall(r"^-- ([0-9a-f]{32})$", stream.read(), re.M))
    assert known == explained
