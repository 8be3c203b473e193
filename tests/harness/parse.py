# SPDX-License-Identifier: ISC
"""What a captured frame says: advertisements, gratuitous ARP, neighbour advertisements."""

import ipaddress
import struct
from dataclasses import dataclass

from .frame import AH, VRRP, checksum, pseudo_header

ADVERT, FRAGMENT, ARP, NA, OTHER = "advert", "fragment", "arp", "na", "other"


@dataclass
class Seen:
    """One frame. seconds and nanoseconds: the kernel's stamp. host and interface: who put it on the wire."""

    seconds: int
    nanoseconds: int
    host: str
    interface: str
    raw: bytes
    vlan: int = 0
    kind: str = OTHER
    mac_source: str = ""
    mac_destination: str = ""
    family: int = 0
    source: str = ""
    destination: str = ""
    ttl: int = 0
    protocol: int = 0
    payload: bytes = b""
    ah: bytes = b""
    version: int = 0
    type: int = 0
    vrid: int = 0
    priority: int = 0
    count: int = 0
    reserved: int = 0
    interval: float = 0.0
    addresses: tuple = ()
    auth_type: int = 0
    auth: bytes = b""
    checksum_form: str = ""
    # ARP and NA
    opcode: int = 0
    sender_mac: str = ""
    sender: str = ""
    target_mac: str = ""
    target: str = ""
    flags: int = 0

    def __post_init__(self):
        self.time = self.seconds + self.nanoseconds / 1e9

    @property
    def gratuitous(self):
        return self.kind == ARP and self.sender == self.target


def _mac(octets):
    return octets.hex(":")


def _vrrp(seen):
    message = seen.payload
    if len(message) < 8:
        return
    seen.kind = ADVERT
    seen.version, seen.type = message[0] >> 4, message[0] & 15
    seen.vrid, seen.priority, seen.count = message[1:4]
    size = 4 if seen.family == 4 else 16
    end = 8 + seen.count * size
    if seen.version == 2:
        seen.auth_type, seconds = message[4:6]
        seen.interval = float(seconds)
        seen.auth = message[end : end + 8]
    else:
        word = struct.unpack("!H", message[4:6])[0]
        seen.reserved, seen.interval = word >> 12, (word & 0xFFF) / 100
    if end <= len(message):
        seen.addresses = tuple(
            str(ipaddress.ip_address(message[at : at + size])) for at in range(8, end, size))
    plain = checksum(message) == 0
    pseudo = checksum(pseudo_header(seen.source, seen.destination, len(message)) + message) == 0
    seen.checksum_form = "pseudo" if pseudo else "message" if plain else "wrong"


def _ipv4(seen, packet):
    words = packet[0] & 15
    length = struct.unpack("!H", packet[2:4])[0]
    seen.family, seen.ttl, seen.protocol = 4, packet[8], packet[9]
    seen.source, seen.destination = (str(ipaddress.ip_address(packet[at : at + 4])) for at in (12, 16))
    seen.payload = packet[words * 4 : length]
    if struct.unpack("!H", packet[6:8])[0] & 0x3FFF:
        seen.kind = FRAGMENT
    elif seen.protocol == VRRP:
        _vrrp(seen)
    elif seen.protocol == AH and len(seen.payload) >= 24 and seen.payload[0] == VRRP:
        seen.ah, seen.payload = seen.payload[:24], seen.payload[24:]
        _vrrp(seen)


def _neighbour_advert(seen):
    body = seen.payload
    seen.kind = NA
    seen.flags = struct.unpack("!I", body[4:8])[0]
    seen.target = str(ipaddress.ip_address(body[8:24]))
    if len(body) >= 32 and body[24] == 2:
        seen.target_mac = _mac(body[26:32])


def _ipv6(seen, packet):
    length = struct.unpack("!H", packet[4:6])[0]
    seen.family, seen.protocol, seen.ttl = 6, packet[6], packet[7]
    seen.source, seen.destination = (str(ipaddress.ip_address(packet[at : at + 16])) for at in (8, 24))
    seen.payload = packet[40 : 40 + length]
    if seen.protocol == 44:
        seen.kind = FRAGMENT
    elif seen.protocol == VRRP:
        _vrrp(seen)
    elif seen.protocol == 58 and len(seen.payload) >= 24 and seen.payload[0] == 136:
        _neighbour_advert(seen)


def _arp(seen, packet):
    if len(packet) < 28:
        return
    seen.kind = ARP
    seen.family = 4
    seen.opcode = struct.unpack("!H", packet[6:8])[0]
    seen.sender_mac, seen.target_mac = _mac(packet[8:14]), _mac(packet[18:24])
    seen.sender, seen.target = (str(ipaddress.ip_address(packet[at : at + 4])) for at in (14, 24))


def parse(seconds, nanoseconds, host, interface, raw):
    """Never raises for a frame that is cut short: its kind is OTHER then."""
    seen = Seen(seconds, nanoseconds, host, interface, raw)
    seen.mac_destination, seen.mac_source = _mac(raw[:6]), _mac(raw[6:12])
    decode = {0x0800: _ipv4, 0x86DD: _ipv6, 0x0806: _arp}.get(int.from_bytes(raw[12:14], "big"))
    try:
        if decode:
            decode(seen, raw[14:])
    except (IndexError, struct.error, ValueError):
        seen.kind = OTHER
    return seen
