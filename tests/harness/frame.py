# SPDX-License-Identifier: ISC
"""VRRP frames to send: every field can be set wrong, and a frame that was not touched is right."""

import hmac
import ipaddress
import struct
from dataclasses import dataclass, replace

VRRP = 112
AH = 51
GROUP4 = "224.0.0.18"
GROUP6 = "ff02::12"


def checksum(octets):
    """The Internet checksum (RFC 1071)."""
    if len(octets) % 2:
        octets += b"\0"
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def pseudo_header(source, destination, length, protocol=VRRP):
    source, destination = ipaddress.ip_address(source), ipaddress.ip_address(destination)
    if source.version == 4:
        return source.packed + destination.packed + struct.pack("!BBH", 0, protocol, length)
    return source.packed + destination.packed + struct.pack("!IHBB", length, 0, 0, protocol)


def mac_octets(mac):
    return bytes.fromhex(mac.replace(":", ""))


def virtual_mac(vrid, family):
    return f"00:00:5e:00:0{1 if family == 4 else 2}:{vrid:02x}"


def group_mac(destination):
    """The MAC that a multicast or broadcast IP destination maps to; None for a unicast one."""
    address = ipaddress.ip_address(destination)
    if address.version == 6 and address.is_multicast:
        return "33:33:" + ":".join(f"{octet:02x}" for octet in address.packed[-4:])
    if address.is_multicast:
        low = address.packed
        return f"01:00:5e:{low[1] & 0x7F:02x}:{low[2]:02x}:{low[3]:02x}"
    if address == ipaddress.ip_address("255.255.255.255"):
        return "ff:ff:ff:ff:ff:ff"
    return None


@dataclass(frozen=True)
class Advert:
    """One advertisement. interval: centiseconds in v3, seconds in v2. checksum: auto, pseudo, message, bad, or
    group, which keepalived had over unicast before 1.3.7. ah: (password, sequence number) of AH."""

    vrid: int
    source: str
    addresses: tuple
    version: int = 3
    priority: int = 200
    interval: int = 100
    type: int = 1
    count: int = None
    reserved: int = 0
    auth_type: int = 0
    auth: bytes = bytes(8)
    checksum: str = "auto"
    trailing: bytes = b""
    cut: int = None
    destination: str = None
    ttl: int = 255
    protocol: int = VRRP
    mac_source: str = None
    mac_destination: str = None
    options: bytes = b""
    length_excess: int = 0
    padding: int = 0
    fragment: int = None
    wire_vrid: int = None
    ah: tuple = None

    def but(self, **changes):
        return replace(self, **changes)

    @property
    def family(self):
        return ipaddress.ip_address(self.source).version

    def _destination(self):
        return self.destination or (GROUP4 if self.family == 4 else GROUP6)

    def message(self):
        """The VRRP message with its checksum."""
        count = len(self.addresses) if self.count is None else self.count
        vrid = self.vrid if self.wire_vrid is None else self.wire_vrid
        if self.version == 2:
            third = struct.pack("!BB", self.auth_type, self.interval)
        else:
            third = struct.pack("!H", self.reserved << 12 | self.interval)
        body = b"".join(ipaddress.ip_address(address).packed for address in self.addresses)
        if self.version == 2:
            body += self.auth[:8].ljust(8, b"\0")
        body += self.trailing
        head = struct.pack("!BBBB", self.version << 4 | self.type, vrid, self.priority, count) + third
        octets = head + b"\0\0" + body
        if self.cut is not None:
            return octets[: self.cut]
        form = self.checksum
        if form == "auto":
            form = "message" if self.version == 2 and self.family == 4 else "pseudo"
        covered = octets
        if form in ("pseudo", "bad") and not (form == "bad" and self.version == 2):
            covered = pseudo_header(self.source, self._destination(), len(octets)) + octets
        if form == "group":
            covered = pseudo_header(self.source, GROUP4, len(octets)) + octets
        value = checksum(covered)
        if form == "bad":
            value ^= 0x1234
        return head + struct.pack("!H", value) + body

    def _ethernet(self, ethertype, packet):
        source = self.mac_source or virtual_mac(self.vrid, self.family)
        destination = self.mac_destination or group_mac(self._destination())
        frame = mac_octets(destination) + mac_octets(source) + struct.pack("!H", ethertype) + packet
        return frame.ljust(self.padding, b"\0")

    def _authenticate(self, head, message):
        """AH as keepalived sends it: what may change on the way counts as zero, a TTL only over unicast."""
        password, sequence = self.ah
        fixed = bytearray(head)
        for at in (1, 6, 7, 10, 11) + (() if head[16] >= 224 else (8,)):
            fixed[at] = 0
        header = struct.pack("!BBH4sI", VRRP, 4, 0, head[12:16], sequence)
        icv = hmac.new(password.encode(), bytes(fixed) + header + bytes(12) + message, "md5").digest()
        return header + icv[:12] + message

    def _ipv4(self, payload, offset=0, more=False):
        extra = 24 if self.ah else 0
        words = 5 + len(self.options) // 4
        length = words * 4 + len(payload) + self.length_excess + extra
        flags = (0x2000 if more else 0) | offset // 8
        head = struct.pack(
            "!BBHHHBBH4s4s", 0x40 | words, 0xC0, length, self.vrid, flags, self.ttl, AH if extra else self.protocol, 0,
            ipaddress.ip_address(self.source).packed, ipaddress.ip_address(self._destination()).packed,
        ) + self.options
        if extra:
            payload = self._authenticate(head, payload)
        head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
        return self._ethernet(0x0800, head + payload)

    def _ipv6(self, payload, offset=None, more=False):
        protocol = self.protocol
        if offset is not None:
            payload = struct.pack("!BBHI", protocol, 0, offset | more, self.vrid) + payload
            protocol = 44
        head = struct.pack(
            "!IHBB16s16s", 0x60000000, len(payload) + self.length_excess, protocol, self.ttl,
            ipaddress.ip_address(self.source).packed, ipaddress.ip_address(self._destination()).packed)
        return self._ethernet(0x86DD, head + payload)

    def frames(self):
        """The frames on the wire: one, or several where `fragment` gives the octets of each."""
        message = self.message()
        build = self._ipv4 if self.family == 4 else self._ipv6
        if not self.fragment:
            return [build(message)]
        step = self.fragment
        return [build(message[at : at + step], at, at + step < len(message))
                for at in range(0, len(message), step)]


def carp(vrid, source):
    """An advertisement of CARP: the same IP protocol and first octet, 36 octets, no trailer."""
    message = struct.pack("!BBBBBBH", 0x21, vrid, 0, 7, 0, 1, 0) + bytes(range(28))
    message = message[:6] + struct.pack("!H", checksum(message)) + message[8:]
    shell = Advert(vrid=vrid, source=source, addresses=())
    return [shell._ipv4(message)]
