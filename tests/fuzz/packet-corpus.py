#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Writes the seeds of fuzz-packet: packet-corpus.py FOLDER.

The first octet chooses the circumstances (see fuzz-packet.c), the rest is the message.
"""
import ipaddress
import pathlib
import struct
import sys

IPV6, BAD_TTL, CUT_SHORT, GOOD_CHECKSUM, FROM_US, STRICT, PASSWORD = (1 << n for n in range(7))


def checksum(octets):
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def packed(*addresses):
    return b"".join(ipaddress.ip_address(a).packed for a in addresses)


def v2(priority, addresses, auth=0, interval=1, trailer=bytes(8), vrid=51):
    count = len(addresses) // 4
    body = struct.pack("!6BH", 0x21, vrid, priority, count, auth, interval, 0) + addresses + trailer
    return body[:6] + struct.pack("!H", checksum(body)) + body[8:]


def v3(priority, addresses, pseudo, length=4, interval=100, vrid=51):
    count = len(addresses) // length
    body = struct.pack("!4BHH", 0x31, vrid, priority, count, interval, 0) + addresses
    extra = pseudo + struct.pack("!HH", 112, len(body)) if pseudo else b""
    return body[:6] + struct.pack("!H", checksum(extra + body)) + body[8:]


def main():
    folder = pathlib.Path(sys.argv[1])
    two = packed("192.0.2.100", "192.0.2.101")
    two_6 = packed("fe80::64", "fe80::65")
    over_4 = packed("192.0.2.20", "224.0.0.18")
    over_6 = packed("fe80::14", "ff02::12")
    many = b"".join(packed(f"192.0.2.{n}") for n in range(255))
    many_6 = b"".join(packed(f"fe80::{n:x}") for n in range(1, 256))
    seeds = {
        "v2-plain": (0, v2(200, two)),
        "v2-password": (PASSWORD, v2(200, two, auth=1, trailer=b"password")),
        "v2-stop": (0, v2(0, two)),
        "v2-no-addresses": (GOOD_CHECKSUM, v2(200, b"")),
        "v2-255-addresses": (GOOD_CHECKSUM, v2(90, many)),
        "v3-pseudo-header": (0, v3(200, two, over_4)),
        "v3-message-only": (0, v3(200, two, b"")),
        "v3-stop": (0, v3(0, two, over_4)),
        "v3-lower": (0, v3(50, two, over_4)),
        "v3-other-order": (0, v3(200, two[4:] + two[:4], over_4)),
        "v3-reserved-bits": (0, v3(200, two, over_4, interval=0xF064)),
        "v3-interval-0": (0, v3(200, two, over_4, interval=0)),
        "v3-from-us": (FROM_US | GOOD_CHECKSUM, v3(100, two, over_4)),
        "v3-bad-ttl": (BAD_TTL, v3(200, two, over_4)),
        "v3-cut-short": (CUT_SHORT, v3(200, two, over_4)),
        "v3-ipv6": (IPV6, v3(200, two_6, over_6, 16)),
        "v3-ipv6-strict": (IPV6 | STRICT, v3(200, packed("2001:db8::1"), over_6, 16)),
        "v3-ipv6-255-addresses": (IPV6 | GOOD_CHECKSUM, v3(200, many_6, over_6, 16)),
        "carp": (GOOD_CHECKSUM, bytes([0x21, 51, 0, 7, 0, 1, 0, 0]) + bytes(range(28))),
        "empty": (0, b""),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, (how, message) in seeds.items():
        (folder / name).write_bytes(bytes([how]) + message)


if __name__ == "__main__":
    main()
