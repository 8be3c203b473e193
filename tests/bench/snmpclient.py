# SPDX-License-Identifier: ISC
"""A manager with one UDP socket that knows just enough of SNMPv2c (RFC 3416, X.690) to ask quickly, and a sink for
notifications. A tool that is started for each question would measure its own start."""

import socket
import struct
import time

from harness.namespace import inside

VRRPV3 = (1, 3, 6, 1, 2, 1, 207)
OPERATIONS = (*VRRPV3, 1, 1, 1, 1)
PRIORITY = 7
SYS_UP_TIME = (1, 3, 6, 1, 2, 1, 1, 3, 0)
NEW_MASTER = (*VRRPV3, 0, 1)

_GET, _RESPONSE, _SET, _GET_BULK, _TRAP = 0xA0, 0xA2, 0xA3, 0xA5, 0xA7
_INTEGER, _OCTETS, _NULL, _OID, _SEQUENCE, _UNSIGNED = 0x02, 0x04, 0x05, 0x06, 0x30, 0x42
_EXCEPTIONS = (0x80, 0x81, 0x82)
_SO_TIMESTAMPNS = 35
_WITHIN = 30


def _element(tag, content):
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    return bytes((tag, 0x82)) + struct.pack(">H", size) + content


def _integer(number, tag=_INTEGER):
    return _element(tag, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def encode_name(oid):
    """The octets of an object identifier, without tag and length."""
    octets = bytearray((oid[0] * 40 + oid[1],))
    for part in oid[2:]:
        sevens = [part & 0x7F]
        while part := part >> 7:
            sevens.append(part & 0x7F | 0x80)
        octets += bytes(reversed(sevens))
    return bytes(octets)


def decode_name(octets):
    """The sub-identifiers behind the first octet."""
    parts, part = [], 0
    for octet in octets[1:]:
        part = part << 7 | octet & 0x7F
        if not octet & 0x80:
            parts.append(part)
            part = 0
    return parts


def _enter(octets, at):
    """(tag, where the content begins, where it ends) of the element at `at`."""
    size = octets[at + 1]
    begin = at + 2
    if size & 0x80:
        begin += size & 0x7F
        size = int.from_bytes(octets[at + 2:begin], "big")
    return octets[at], begin, begin + size


def _binding(name, value):
    return _element(_SEQUENCE, _element(_OID, encode_name(name)) + value)


def _open_message(message):
    """(type of the PDU, its error status, where its varbinds begin) of a message."""
    _, at, _ = _enter(message, 0)
    for _ in range(2):
        at = _enter(message, at)[2]
    kind, at, _ = _enter(message, at)
    at = _enter(message, at)[2]
    _, begin, at = _enter(message, at)
    error = message[begin]
    at = _enter(message, at)[2]
    return kind, error, _enter(message, at)[1]


def _number_of(message):
    """Of the request that a message answers."""
    _, at, _ = _enter(message, 0)
    for _ in range(2):
        at = _enter(message, at)[2]
    _, begin, end = _enter(message, _enter(message, at)[1])
    return int.from_bytes(message[begin:end], "big")


def varbinds(message):
    """(octets of the name, tag of the value, its octets) of each varbind of a message."""
    _, _, at = _open_message(message)
    while at < len(message):
        _, begin, at = _enter(message, at)
        _, name, end = _enter(message, begin)
        tag, value, stop = _enter(message, end)
        yield message[name:end], tag, message[value:stop]


class Client:
    """Asks the SNMP agent at `address` from within a namespace, one question at a time."""

    def __init__(self, namespace, address):
        host, _, port = address.rpartition(":")
        self._socket = inside(namespace, lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        self._socket.connect((host, int(port)))
        self._socket.settimeout(_WITHIN)
        self._number = 0

    def close(self):
        self._socket.close()

    def _request(self, kind, bindings, community=b"public", first=0, second=0):
        self._number += 1
        pdu = _integer(self._number) + _integer(first) + _integer(second) + _element(_SEQUENCE, bindings)
        return _element(_SEQUENCE, _integer(1) + _element(_OCTETS, community) + _element(kind, pdu))

    def _ask(self, message):
        """The answer to the request just made; what comes late for an earlier one is passed over."""
        self._socket.send(message)
        while True:
            answer = self._socket.recv(65535)
            if _number_of(answer) == self._number:
                return answer

    def serves(self, oid):
        """Whether there is a value now; False also when nobody answers."""
        try:
            answer = self._ask(self._request(_GET, _binding(oid, _element(_NULL, b""))))
        except ConnectionRefusedError:
            return False
        return next(varbinds(answer))[1] not in _EXCEPTIONS

    def latencies(self, oids):
        """Microseconds from question to answer of a GET of each, one after the other."""
        found = []
        for oid in oids:
            message = self._request(_GET, _binding(oid, _element(_NULL, b"")))
            begin = time.perf_counter()
            answer = self._ask(message)
            found.append((time.perf_counter() - begin) * 1e6)
            assert next(varbinds(answer))[1] not in _EXCEPTIONS, oid
        return found

    def set_unsigned(self, oid, number):
        """Sets and returns when the request was sent, on the wall clock, and when it was answered."""
        message = self._request(_SET, _binding(oid, _integer(number, _UNSIGNED)), b"private")
        begin = time.time()
        answer = self._ask(message)
        end = time.time()
        kind, error, _ = _open_message(answer)
        assert (kind, error) == (_RESPONSE, 0), error
        return begin, end

    def _bulk(self, names, repetitions):
        """The names that follow, in order, column after column."""
        bindings = b"".join(
            _element(_SEQUENCE, _element(_OID, name) + _element(_NULL, b"")) for name in names)
        answer = self._ask(self._request(_GET_BULK, bindings, second=repetitions))
        kind, error, at = _open_message(answer)
        assert (kind, error) == (_RESPONSE, 0), error
        found = []
        while at < len(answer):
            # Of a varbind only the name is looked at: none here is longer than 127 octets.
            end = at + 2 + answer[at + 1]
            found.append(answer[at + 4:at + 4 + answer[at + 3]])
            at = end
        return found

    def walk(self, root, repetitions):
        """How many objects there are below root, asked for by GETBULK."""
        prefix = encode_name(root)
        name, count = prefix, 0
        while True:
            names = self._bulk([name], repetitions)
            name = names[-1]
            if not name.startswith(prefix):
                return count + sum(each.startswith(prefix) for each in names)
            count += len(names)

    def walk_columns(self, roots, repetitions):
        """The same of several columns at once, which all have the same rows."""
        prefixes = [encode_name(root) for root in roots]
        names, count = prefixes, 0
        while True:
            found = self._bulk(names, repetitions)
            good = sum(name.startswith(prefixes[place % len(roots)]) for place, name in enumerate(found))
            count += good
            names = found[-len(roots):]
            if good < len(found):
                return count


class Sink:
    """Receives notifications within a namespace and keeps the kernel's stamps."""

    def __init__(self, namespace, address):
        host, _, port = address.rpartition(":")

        def opened():
            made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            made.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            made.bind((host, int(port)))
            made.setblocking(False)
            return made

        self._socket = inside(namespace, opened)
        self._received = []

    def close(self):
        self._socket.close()

    def new_masters(self):
        """[(stamp, sub-identifiers of the router's row)] of every vrrpv3NewMaster so far."""
        while True:
            try:
                message, control, _, _ = self._socket.recvmsg(65535, 64)
            except BlockingIOError:
                return self._received
            seconds, nanoseconds = struct.unpack("qq", control[0][2][:16])
            values = list(varbinds(message))
            if values[1][2] == encode_name(NEW_MASTER):
                self._received.append((seconds + nanoseconds / 1e9, tuple(decode_name(values[2][0])[-3:])))
