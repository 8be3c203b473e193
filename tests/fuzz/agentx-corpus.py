#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Writes the seeds of fuzz-agentx: what a master says on a session (RFC 2741), in either byte order."""

import os
import struct

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus", "agentx")
AGREED, NOT_AGREED = b"\1", b"\0"
CLOSE, GET, GET_NEXT, GET_BULK, TEST, COMMIT, UNDO, CLEANUP, RESPONSE = 2, 5, 6, 7, 8, 9, 10, 11, 18
VRRPV3, VRRP, KEEPALIVED = (1, 3, 6, 1, 2, 1, 207), (1, 3, 6, 1, 2, 1, 68), (1, 3, 6, 1, 4, 1, 9586, 100, 5)
STATUS = (*VRRPV3, 1, 1, 1, 1, 6, 2, 2, 2)
PRIORITY = (*VRRPV3, 1, 1, 1, 1, 7, 2, 2, 2)


class Writer:
    def __init__(self, order="!"):
        self.order = order

    def number(self, value):
        return struct.pack(self.order + "I", value)

    def oid(self, oid, include=0):
        prefix = 0
        if oid[:4] == (1, 3, 6, 1) and len(oid) > 4 and oid[4] < 256:
            prefix, oid = oid[4], oid[5:]
        return bytes([len(oid), prefix, include, 0]) + b"".join(map(self.number, oid))

    def octets(self, octets):
        return self.number(len(octets)) + octets + bytes(-len(octets) % 4)

    def pdu(self, kind, payload=b"", flags=0, transaction=1, packet=1):
        flags |= 0x10 if self.order == "!" else 0
        return struct.pack("BBBB", 1, kind, flags, 0) + b"".join(
            map(self.number, (1, transaction, packet, len(payload)))) + payload

    def get(self, kind, *oids, context=None):
        ranges = b"".join(self.oid(oid) + self.oid(()) for oid in oids)
        if context is None:
            return self.pdu(kind, ranges)
        return self.pdu(kind, self.octets(context) + ranges, flags=8)

    def varbind(self, oid, kind, value):
        return struct.pack(self.order + "HH", kind, 0) + self.oid(oid) + value

    def set(self, *varbinds, then=(COMMIT, CLEANUP)):
        return self.pdu(TEST, b"".join(varbinds)) + b"".join(map(self.pdu, then))


def seeds():
    for name, order in (("network", "!"), ("host", "<")):
        write = Writer(order)
        yield f"get-{name}", AGREED + write.get(GET, STATUS, (*VRRP, 1, 1, 0), (*KEEPALIVED, 1, 1, 0))
        yield f"next-{name}", AGREED + write.get(GET_NEXT, VRRPV3, VRRP, KEEPALIVED, STATUS)
        yield f"bulk-{name}", AGREED + write.pdu(
            GET_BULK, struct.pack(order + "HH", 1, 20) + (write.oid(VRRPV3) + write.oid(())) * 3)
        gauge = write.varbind(PRIORITY, 66, write.number(120))
        yield f"set-{name}", AGREED + write.set(gauge, gauge)
        yield f"undo-{name}", AGREED + write.set(gauge, then=(COMMIT, UNDO, CLEANUP))
    write = Writer()
    yield "set-octets", AGREED + write.set(write.varbind(PRIORITY, 4, write.octets(b"octets")))
    yield "set-counter64", AGREED + write.set(write.varbind(STATUS, 70, bytes(8)))
    yield "set-oid", AGREED + write.set(write.varbind(STATUS, 6, write.oid(STATUS)))
    yield "out-of-order", AGREED + write.set(gauge, then=(UNDO, COMMIT, CLEANUP))
    yield "at-once", b"\3" + write.set(gauge)
    yield "context", AGREED + write.get(GET, STATUS, context=b"other")
    yield "several", AGREED + write.get(GET, STATUS) * 5
    yield "long-oid", AGREED + write.get(GET_NEXT, (*VRRPV3, *range(100)))
    yield "close", AGREED + write.pdu(CLOSE, bytes([5, 0, 0, 0]))
    yield "no-such-kind", AGREED + write.pdu(99, bytes(12))
    yield "response", AGREED + b"".join(
        write.pdu(RESPONSE, write.number(100) + struct.pack("!HH", error, 0), packet=packet, transaction=packet)
        for packet in range(12) for error in (0, 263))
    tables = [("operations", (*VRRPV3, 1, 1, 1, 1)), ("addresses", (*VRRPV3, 1, 1, 2, 1)),
              ("statistics", (*VRRPV3, 1, 2, 5, 1)), ("old", (*VRRP, 1, 3, 1)), ("old-addresses", (*VRRP, 1, 4, 1)),
              *((f"keepalived-{table}", (*KEEPALIVED, 2, table, 1)) for table in range(1, 12))]
    for name, table in tables:
        yield f"walk-{name}", AGREED + write.get(GET_NEXT, *((*table, column) for column in range(30)))
    yield "refused", NOT_AGREED + write.pdu(RESPONSE, write.number(1) + struct.pack("!HH", 256, 0))
    yield "nonsense-behind", NOT_AGREED + write.pdu(RESPONSE, bytes(8) + bytes(range(16)))
    yield "question-first", NOT_AGREED + write.get(GET, STATUS)


def main():
    os.makedirs(FOLDER, exist_ok=True)
    for name, content in seeds():
        with open(os.path.join(FOLDER, name), "wb") as stream:
            stream.write(content)


if __name__ == "__main__":
    main()
