# SPDX-License-Identifier: ISC
"""Every frame once, as it enters the switch, with the kernel's time stamp and the host it came from.

Or every frame that reaches one host.
"""

import ctypes
import os
import select
import socket
import struct
import threading

from .frame import mac_octets
from .namespace import inside
from .parse import ADVERT, ARP, NA, parse
from .wait import wait_for

_ETH_P_ALL = 3
_SOL_PACKET = 263
_PACKET_STATISTICS = 6
_PACKET_AUXDATA = 8
_PACKET_IGNORE_OUTGOING = 23
_SO_ATTACH_FILTER = 26
_SO_RCVBUFFORCE = 33
_SO_TIMESTAMPNS = 35
_TP_STATUS_VLAN_VALID = 0x10


def _vlan(auxiliary):
    """The VLAN of a frame, of which the kernel has taken the tag off; 0 without one."""
    status, tag = struct.unpack("=I12xH", auxiliary[:18])
    return tag & 0xFFF if status & _TP_STATUS_VLAN_VALID else 0


class Capture:
    """Reads in a thread of its own from the moment it is made; close() fails if the kernel dropped a frame.

    ports: {interface of the namespace: (host and interface that its frames are said to be from)}.
    """

    def __init__(self, namespace, ports):
        self._ports = ports
        self._frames = []
        self._of_router = {}
        self._socket = inside(namespace, self._open)
        self._wake_read, self._wake_write = os.pipe()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    @staticmethod
    def _open():
        raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
        raw.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, 64 << 20)
        raw.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        raw.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, 1)
        raw.setsockopt(_SOL_PACKET, _PACKET_AUXDATA, 1)
        raw.setblocking(False)
        return raw

    def ignore(self, mac):
        """From now on the kernel drops frames from that source MAC before they get here."""
        octets = mac_octets(mac)
        steps = [(0x20, 0, 0, 6), (0x15, 0, 3, int.from_bytes(octets[:4], "big")),
                 (0x28, 0, 0, 10), (0x15, 0, 1, int.from_bytes(octets[4:], "big")),
                 (0x06, 0, 0, 0), (0x06, 0, 0, 0xFFFFFFFF)]
        program = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
        self._socket.setsockopt(
            socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("HL", len(steps), ctypes.addressof(program)))

    def _read(self):
        while True:
            ready, _, _ = select.select([self._socket, self._wake_read], [], [])
            if self._wake_read in ready:
                return
            try:
                while True:
                    self._take(*self._socket.recvmsg(65536, 256))
            except OSError:
                continue

    def _take(self, raw, control, _flags, address):
        owner = self._ports.get(address[0])
        if owner is not None:
            told = {(level, kind): octets for level, kind, octets in control}
            seconds, nanoseconds = struct.unpack("qq", told[socket.SOL_SOCKET, _SO_TIMESTAMPNS][:16])
            seen = parse(seconds, nanoseconds, *owner, raw)
            seen.vlan = _vlan(told[_SOL_PACKET, _PACKET_AUXDATA])
            self._frames.append(seen)
            if seen.kind == ADVERT:
                self._of_router.setdefault((seen.host, seen.family, seen.vrid), []).append(seen)

    def frames(self, since=0.0):
        """Everything stamped at or after `since`, in the order of arrival."""
        return [seen for seen in list(self._frames) if seen.time >= since]

    def last_time(self):
        """The stamp of the newest frame; 0 when there is none."""
        return self._frames[-1].time if self._frames else 0.0

    def adverts(self, host=None, vrid=None, family=None, since=0.0, until=None, **fields):
        """The advertisements that match; `fields` are compared with Seen's attributes."""
        if host is not None and vrid is not None:
            frames = [seen for each in ([4, 6] if family is None else [family])
                      for seen in self._of_router.get((host, each, vrid), ())]
            frames.sort(key=lambda seen: seen.time)
            return self._matching(ADVERT, host, since, until, fields, frames)
        if vrid is not None:
            fields["vrid"] = vrid
        if family is not None:
            fields["family"] = family
        return self._matching(ADVERT, host, since, until, fields)

    def routers(self, host):
        """{(family, VRID): number of advertisements} of a host."""
        return {key[1:]: len(found) for key, found in list(self._of_router.items()) if key[0] == host}

    def arps(self, host=None, since=0.0, until=None, **fields):
        return self._matching(ARP, host, since, until, fields)

    def neighbour_adverts(self, host=None, since=0.0, until=None, **fields):
        return self._matching(NA, host, since, until, fields)

    def _matching(self, kind, host, since, until, fields, frames=None):
        return [
            seen for seen in (list(self._frames) if frames is None else frames)
            if seen.kind == kind and seen.time >= since
            and (until is None or seen.time <= until)
            and (host is None or seen.host == host)
            and all(getattr(seen, name) == value for name, value in fields.items())
        ]

    def wait_past(self, stamp, timeout=5):
        """Until a frame later than `stamp` was read, so that nothing earlier is still on its way to us."""
        wait_for(lambda: self.last_time() > stamp, timeout, "a later frame")

    def wait_advert(self, timeout, **match):
        """The first matching advertisement, waited for."""
        return wait_for(lambda: self.adverts(**match), timeout, f"an advertisement {match}")[0]

    def wait_sent(self, host, octets, since=0.0, timeout=5):
        """The stamp of a frame that a host put on the wire."""
        def found():
            return [seen for seen in list(self._frames)
                    if seen.host == host and seen.time >= since and seen.raw == octets]

        return wait_for(found, timeout, f"the frame sent by {host}")[0].time

    def write_pcap(self, path, keep=None):
        """A pcap file with nanoseconds; keep(seen) chooses. Returns the number of frames."""
        chosen = [seen for seen in list(self._frames) if keep is None or keep(seen)]
        with open(path, "wb") as stream:
            stream.write(struct.pack("=IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
            for seen in chosen:
                size = len(seen.raw)
                stream.write(struct.pack("=IIII", seen.seconds, seen.nanoseconds, size, size) + seen.raw)
        return len(chosen)

    def close(self):
        if self._socket is None:
            return
        os.write(self._wake_write, b"x")
        self._thread.join()
        _, lost = struct.unpack("II", self._socket.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8))
        self._socket.close()
        self._socket = None
        os.close(self._wake_read)
        os.close(self._wake_write)
        assert lost == 0, f"the capture lost {lost} frames: its figures mean nothing"
