# SPDX-License-Identifier: ISC
"""A real snmpd and snmptrapd in a namespace of their own, and the agentx process under its driver."""

import itertools
import os
import re
import signal
import socket
import struct
import subprocess
import threading
import time

from harness.process import Process, run
from harness.wait import wait_for

ROOT = ".1.3.6.1.2.1.207"
CAPABILITIES = ".1.3.6.1.4.1.8072.9999.9999.112"
VRRP = ".1.3.6.1.2.1.68"
KEEPALIVED = ".1.3.6.1.4.1.9586.100.5"
OPERATIONS = f"{ROOT}.1.1.1.1"
STATISTICS = f"{ROOT}.1.2.5.1"
PRIORITY = f"{OPERATIONS}.7"
NEW_MASTER = f"{ROOT}.0.1"
TRAP_OID = ".1.3.6.1.6.3.1.1.4.1.0"
SYS_UP_TIME = ".1.3.6.1.2.1.1.3.0"

TRAPS, RFCV3, RFCV2, KEEPALIVED_VRRP = 1, 2, 4, 8  # flags of a configuration image

_numbers = itertools.count(1)


def sweep():
    """Removes the namespaces of test runs that are no longer alive."""
    for name in os.listdir("/run/netns") if os.path.isdir("/run/netns") else []:
        match = re.fullmatch(r"agx(\d+)x\d+", name)
        if match and not os.path.exists(f"/proc/{match.group(1)}"):
            run(["ip", "netns", "delete", name], check=False)


def driver_program():
    build = os.environ.get("TOP_BUILDDIR", os.path.join(os.path.dirname(__file__), "..", ".."))
    return os.environ.get("AGENTX_DRIVER", os.path.join(build, "tests", "snmp", "driver"))


class Driver:
    """The driver of the agentx process (driver.c): commands and their answers."""

    def __init__(self, agentx_socket, log, namespace):
        self.log_path = str(log)
        with open(self.log_path, "ab") as output:
            self._popen = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "nsenter", f"--net=/run/netns/{namespace}",
                 driver_program(), str(agentx_socket)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=output, text=True, bufsize=1)

    def tell(self, command):
        self._popen.stdin.write(command + "\n")
        self._popen.stdin.flush()
        answer = self._popen.stdout.readline().rstrip("\n")
        assert answer != "error", f"the driver does not understand: {command}"
        return answer

    def row(self, slot, **fields):
        self.tell(f"row {slot} " + " ".join(f"{key}={value}" for key, value in fields.items()))

    def event(self, **fields):
        self.tell("event " + " ".join(f"{key}={value}" for key, value in fields.items()))

    def broken_promises(self):
        return int(self.tell("broken"))

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as stream:
            return stream.read()

    def wait_log(self, text, timeout=10):
        wait_for(lambda: text in self.log(), timeout, lambda: f"{text!r} in the log:\n{self.log()}")

    def finish(self):
        """The end of input is the end of the supervisor: agentx goes too, without a fault."""
        self._popen.stdin.close()
        try:
            status = self._popen.wait(15)
        finally:
            self._popen.kill()
            self._popen.wait()
        assert status == 0, f"agentx ended with {status}:\n{self.log()[-4000:]}"


class SetError(Exception):
    """A SET was refused: `status` is SNMP's word, `name` the OID of the varbind to blame."""

    def __init__(self, status, name):
        super().__init__(f"{status} for {name}")
        self.status = status
        self.name = name


def parse_value(text):
    """'TYPE: value' of the net-snmp tools as (type, value)."""
    if text.startswith('""'):
        return "STRING", b""
    kind, _, value = text.partition(": ")
    if kind == "Hex-STRING":
        return "STRING", bytes.fromhex(value.replace(" ", ""))
    if kind == "Timeticks":
        return kind, int(re.match(r"\((\d+)\)", value).group(1))
    if kind == "IpAddress":
        return kind, value
    if kind in ("INTEGER", "Gauge32", "Counter32", "Counter64"):
        return kind, int(value)
    if kind == "STRING":
        return kind, value.strip('"').encode()
    return kind or text, value or text


def parse_varbinds(text, separator="\n"):
    """[(oid, (type, value))]"""
    found = []
    for line in text.split(separator):
        name, equals, value = line.strip().partition(" = ")
        if equals:
            found.append((name, parse_value(value.strip())))
    return found


class World:
    """Starts and ends everything; `directory` takes sockets, configurations and logs."""

    def __init__(self, directory):
        self.directory = directory
        self.namespace = f"agx{os.getpid()}x{next(_numbers)}"
        self.agentx_socket = directory / "agentx"
        self.snmpd = None
        self.trapd = None
        self.drivers = []
        sweep()
        run(["ip", "netns", "add", self.namespace])
        run(["ip", "-n", self.namespace, "link", "set", "lo", "up"])
        (directory / "snmpd.conf").write_text(
            f"master agentx\nagentXSocket {self.agentx_socket}\n"
            "rocommunity reader 127.0.0.1\nrwcommunity writer 127.0.0.1\n"
            "trap2sink tcp:127.0.0.1:1162 traps\n[snmp] persistentDir " f"{directory}/persistent\n")
        (directory / "trapd.conf").write_text("disableAuthorization yes\n")
        (directory / "persistent").mkdir()
        self._env = {"MIBS": "", "SNMPCONFPATH": str(directory), "SNMP_PERSISTENT_DIR": str(directory / "persistent")}

    def start_snmpd(self, port=1161):
        self.snmpd = Process(
            ["/usr/sbin/snmpd", "-f", "-Lo", "-C", "-c", self.directory / "snmpd.conf", f"udp:127.0.0.1:{port}"],
            self.directory / "snmpd.log", self.namespace, self._env)

    def start_trapd(self):
        self.trapd = Process(
            ["/usr/sbin/snmptrapd", "-f", "-Lo", "-On", "-Ox", "-m", "", "-C", "-c", self.directory / "trapd.conf",
             "-F", "%V|TRAP|%v\n", "tcp:127.0.0.1:1162"],
            self.directory / "trapd.log", self.namespace, self._env)
        wait_for(lambda: "1162" in run(["ss", "-tlnH"], self.namespace).stdout, 10, "snmptrapd's socket")

    def start_driver(self):
        driver = Driver(self.agentx_socket, self.directory / f"agentx{len(self.drivers)}.log", self.namespace)
        self.drivers.append(driver)
        return driver

    def tool(self, name, *words, community="reader", timeout=30, check=True, patience=20):
        return run([name, "-v2c", "-c", community, "-On", "-Ox", "-m", "", "-t", patience, "-r", "0",
                    "127.0.0.1:1161", *words], self.namespace, check=check, timeout=timeout, env=self._env)

    def get(self, *names):
        return dict(parse_varbinds(self.tool("snmpget", *names).stdout))

    def walk(self, root=ROOT):
        return parse_varbinds(self.tool("snmpbulkwalk", "-Cr50", root).stdout)

    def set(self, *triples):
        """set((oid, type, value), ...) or SetError."""
        done = self.tool("snmpset", *itertools.chain(*triples), community="writer", check=False)
        if done.returncode == 0:
            return
        status = re.search(r"Reason: \(?(\w+)", done.stdout + done.stderr)
        name = re.search(r"Failed object: (\S+)", done.stdout + done.stderr)
        assert status, f"no answer to a SET: {done.stdout}{done.stderr}"
        raise SetError(status.group(1), name.group(1) if name else None)

    def answers(self):
        """Whether the MIB is there."""
        done = self.tool("snmpget", f"{ROOT}.1.2.1.0", check=False, patience=0.3)
        return "Counter64" in done.stdout

    def wait_snmpd(self):
        """Until snmpd itself answers."""
        wait_for(lambda: self.tool("snmpget", SYS_UP_TIME, check=False, patience=0.3).returncode == 0, 10, "snmpd")

    def wait_served(self, timeout=10):
        began = time.monotonic()
        wait_for(self.answers, timeout, lambda: "VRRPV3-MIB behind snmpd; " + self.drivers[0].log())
        return time.monotonic() - began

    def traps(self):
        """The notifications of ours that arrived, as lists of varbinds in their order."""
        found = []
        for line in self.trapd.log().splitlines():
            if any(f"{TRAP_OID} = OID: {root}." in line for root in (ROOT, VRRP, KEEPALIVED)):
                found.append(parse_varbinds(line, "|TRAP|"))
        return found

    def wait_traps(self, count, timeout=20):
        wait_for(lambda: len(self.traps()) >= count, timeout,
                 lambda: f"{count} notifications, there are {len(self.traps())}", poll=0.05)
        return self.traps()

    def close(self):
        try:
            for driver in self.drivers:
                driver.finish()
        finally:
            for process in (self.snmpd, self.trapd):
                if process is not None:
                    process.signal(signal.SIGCONT)
                    process.kill()
            run(["ip", "netns", "delete", self.namespace], check=False)


def pdu(kind, payload, session=1, transaction=0, packet=1, length=None):
    """An AgentX PDU (RFC 2741, section 6.1) in network order; `length` is what its header says."""
    return struct.pack("!BBBBIIII", 1, kind, 0x10, 0, session, transaction, packet,
                       len(payload) if length is None else length) + payload


def response(question, error=0, uptime=100):
    """The Response to a PDU that has been received."""
    order = "!" if question[2] & 0x10 else "<"
    transaction, packet = struct.unpack(order + "II", question[8:16])
    return pdu(18, struct.pack("!IHH", uptime, error, 0), transaction=transaction, packet=packet)


OPEN = 1
GET_SYS_UP_TIME = pdu(5, bytes.fromhex("0202000000000001 00000003 02000000 00000000".replace(" ", "")))


class HostileMaster:
    """Listens where snmpd would, and treats every subagent as `treat(connection)` says."""

    def __init__(self, path, treat):
        self._socket = socket.socket(socket.AF_UNIX)
        self._treat = treat
        self._socket.bind(str(path))
        self._socket.listen(5)
        self._connections = []
        self.met = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection = self._socket.accept()[0]
            except OSError:
                return
            self.met += 1
            self._connections.append(connection)
            connection.settimeout(5)
            try:
                self._treat(connection)
            except OSError:
                continue

    def close(self):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for connection in self._connections:
            connection.close()


def read_pdu(connection):
    header = connection.recv(20, socket.MSG_WAITALL)
    if len(header) < 20:
        raise OSError("the subagent has gone")
    length = struct.unpack(("!" if header[2] & 0x10 else "<") + "I", header[16:])[0]
    return header + connection.recv(length, socket.MSG_WAITALL)


def agree(connection):
    """Answers the Open as it should be; returns what is said next."""
    question = read_pdu(connection)
    assert question[1] == OPEN
    connection.sendall(response(question))
    return read_pdu(connection)


def _close(connection):
    connection.shutdown(socket.SHUT_RDWR)
    connection.close()


def _after_agreeing(octets, end=lambda connection: None):
    def treat(connection):
        agree(connection)
        connection.sendall(octets)
        end(connection)

    return treat


def _half_an_answer(end=lambda connection: None):
    def treat(connection):
        connection.sendall(response(read_pdu(connection))[:23])
        end(connection)

    return treat


_NOISE = bytes(range(7, 256, 3)) * 8

# What a master can do to us, by name.
HOSTILE = {
    "says nothing": lambda connection: None,
    "closes at once": _close,
    "speaks garbage": lambda connection: connection.sendall(_NOISE),
    "refuses": lambda connection: connection.sendall(response(read_pdu(connection), error=256)),
    "refuses and closes": lambda connection: (connection.sendall(response(read_pdu(connection), 256)), _close(connection)),
    "hangs in its answer": _half_an_answer(),
    "closes in its answer": _half_an_answer(_close),
    "claims an answer without end": lambda connection: connection.sendall(pdu(18, bytes(8), length=0x7FFFFFFC)),
    "agrees, with nonsense behind": lambda connection: connection.sendall(
        response(read_pdu(connection))[:16] + struct.pack("!I", 24) + bytes(8) + _NOISE[:16]),
    "answers with a question": lambda connection: connection.sendall(GET_SYS_UP_TIME),
    "hangs in a question": _after_agreeing(GET_SYS_UP_TIME[:30]),
    "closes in a question": _after_agreeing(GET_SYS_UP_TIME[:30], _close),
    "speaks garbage later": _after_agreeing(_NOISE),
    "claims a question without end": _after_agreeing(pdu(5, b"", length=0x7FFFFFFC)),
    "claims a negative length": _after_agreeing(pdu(5, b"", length=0xFFFFFFFC)),
    "asks what ends too early": _after_agreeing(GET_SYS_UP_TIME[:16] + struct.pack("!I", 12) + GET_SYS_UP_TIME[20:32]),
    "asks for another session": _after_agreeing(pdu(5, GET_SYS_UP_TIME[20:], session=77)),
    "answers what was not asked": _after_agreeing(pdu(18, bytes(8), packet=9999) * 20),
    "closes the session": _after_agreeing(pdu(2, bytes(4))),
    "cleans up what was never begun": _after_agreeing(b"".join(pdu(kind, b"") for kind in (9, 10, 11, 9, 11))),
}


class MuteMaster:
    """Listens where snmpd would. Accepts connections and says nothing, or does not even accept them."""

    def __init__(self, path, accept):
        self._socket = socket.socket(socket.AF_UNIX)
        self._path = path
        self._socket.bind(str(path))
        self._socket.listen(5 if accept else 0)
        self._socket.settimeout(0.02)
        self._accepts = accept
        self.connections = []

    def serve(self, seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if not self._accepts:
                time.sleep(0.02)
                continue
            try:
                self.connections.append(self._socket.accept()[0])
            except TimeoutError:
                pass

    def close(self):
        for connection in self.connections:
            connection.close()
        self._socket.close()
        os.unlink(self._path)
