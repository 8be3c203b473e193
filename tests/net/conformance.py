# SPDX-License-Identifier: ISC
"""The conformance checklist: what RFC 9568, RFC 3768 and good neighbours ask, each under the id its tests bear.

M1 to M3, two versions at once, are not built: an id is added here together with its test.
"""

IDS = {
    "T1": "TTL 255", "T2": "hop limit 255", "T3": "destination 224.0.0.18 and its MAC", "T4": "destination ff02::12",
    "T5": "IP protocol 112", "T6": "source is the primary address", "T7": "source is link-local",
    "T8": "source MAC is the virtual MAC", "T9": "reserved bits are 0", "T10": "first IPv6 address is link-local",
    "T11": "version 3 checksum over IPv4 as asked", "T12": "checksums of version 2 and of IPv6",
    "T13": "the interval is kept within 10 ms", "T14": "priority 255 for owners, 1 to 254 for others",
    "T15": "addresses as configured", "T16": "authentication octets",
    "R1": "other TTL", "R2": "other hop limit", "R3": "other version", "R4": "other type", "R5": "0 or 7 octets",
    "R6": "count beyond the packet", "R7": "trailing octets", "R8": "wrong checksum",
    "R8b": "checksum over the message only", "R9": "unknown VRID, VRID 0", "R10": "no address",
    "R11": "interval 0", "R12": "reserved bits", "R13": "first IPv6 address not link-local",
    "R14": "other interval, version 3", "R15": "other interval, version 2", "R16": "other list, version 3",
    "R17": "other list, version 2", "R18": "an owner hears an owner", "R19": "authentication that is not configured",
    "R20": "authentication octets without authentication", "R21": "IP options", "R22": "fragments",
    "R23": "IP length beyond the frame", "R24": "Ethernet padding", "R25": "unicast, or group with peers",
    "R26": "other groups, broadcast", "R27": "source off the subnet, or no peer", "R28": "impossible and virtual sources",
    "R29": "source MAC not virtual", "R30": "wrong interface", "R31": "CARP", "R32": "255 addresses",
    "R33": "wrong password, replays", "R34": "each reject counted, not each logged", "R35": "flood",
    "F1": "startup waits", "F2": "owner at once", "F3": "priority 0 to a Backup", "F4": "equal or greater re-arms",
    "F5": "lower, preempting", "F6": "lower, not preempting", "F7": "interval learned", "F8": "priority 0 to an Active",
    "F9": "greater to an Active", "F10": "equal from a greater source", "F11": "equal from a lower source",
    "F12": "lower to an Active", "F13": "own frame reflected", "F14": "stopped as Active", "F15": "stopped as Backup",
    "F16": "comparison of sources", "F17": "own interval after promotion", "F18": "priority and preemption set live",
    "F19": "a split link heals", "F20": "skew of the versions", "F21": "families are independent",
    "D1": "gratuitous ARP", "D2": "unsolicited neighbour advertisement", "D3": "ARP reply with the virtual MAC",
    "D4": "neighbour solicitation answered", "D5": "Backup is silent to ARP and NS",
    "D6": "Backup drops frames to the virtual MAC", "D7": "no accept", "D8": "accept",
    "D9": "forwards through the virtual MAC", "D11": "nothing announced before it is in place",
    "D14": "virtual MAC in no interface identifier", "D16": "owner restarts without a DAD failure",
    "L1": "255 VRIDs of two families",
}
