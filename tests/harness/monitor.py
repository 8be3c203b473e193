# SPDX-License-Identifier: ISC
"""The addresses of a namespace, and their changes as the kernel reports them."""

import ipaddress
import os
import select
import socket
import struct
import threading
import time

from .namespace import inside
from .wait import wait_for

_RTMGRP_IPV4_IFADDR, _RTMGRP_IPV6_IFADDR = 0x10, 0x100
_RTM_NEWADDR, _RTM_DELADDR, _RTM_GETADDR = 20, 21, 22
_NLMSG_DONE = 3
_NLM_F_REQUEST_DUMP = 0x301
_IFA_ADDRESS, _IFA_LOCAL = 1, 2


def _address(body):
    """The local address of an RTM_NEWADDR or RTM_DELADDR."""
    found = {}
    at = 8
    while at + 4 <= len(body):
        size, kind = struct.unpack("=HH", body[at : at + 4])
        if size < 4:
            break
        found[kind] = body[at + 4 : at + size]
        at += (size + 3) & ~3
    octets = found.get(_IFA_LOCAL) or found.get(_IFA_ADDRESS)
    return str(ipaddress.ip_address(octets))


def _messages(octets):
    """(type, body) of each message."""
    at = 0
    while at + 16 <= len(octets):
        size, kind = struct.unpack("=IH", octets[at : at + 6])
        yield kind, octets[at + 16 : at + size]
        at += (size + 3) & ~3


class AddressTable:
    """Asks the kernel what addresses a namespace has: no program is started for it."""

    def __init__(self, namespace):
        self._lock = threading.Lock()
        self._socket = inside(namespace, self._open)

    @staticmethod
    def _open():
        return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)

    def held(self):
        """The set of all addresses."""
        with self._lock:
            return self._dump()

    def _dump(self):
        self._socket.send(struct.pack("=IHHIIB3x", 20, _RTM_GETADDR, _NLM_F_REQUEST_DUMP, 0, 0, socket.AF_UNSPEC))
        found = set()
        while True:
            for kind, body in _messages(self._socket.recv(1 << 18)):
                if kind == _NLMSG_DONE:
                    return found
                assert kind == _RTM_NEWADDR, f"an answer of type {kind}"
                found.add(_address(body))

    def close(self):
        self._socket.close()


class AddressMonitor:
    """Records (time.monotonic(), "new" or "del", address) until close()."""

    def __init__(self, host):
        self.events = []
        self._socket = inside(host.namespace, self._open)
        self._wake_read, self._wake_write = os.pipe()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    @staticmethod
    def _open():
        netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        netlink.setsockopt(socket.SOL_SOCKET, 33, 8 << 20)
        netlink.bind((0, _RTMGRP_IPV4_IFADDR | _RTMGRP_IPV6_IFADDR))
        return netlink

    def _read(self):
        while True:
            ready, _, _ = select.select([self._socket, self._wake_read], [], [])
            if self._wake_read in ready:
                return
            now = time.monotonic()
            for kind, body in _messages(self._socket.recv(1 << 20)):
                if kind in (_RTM_NEWADDR, _RTM_DELADDR):
                    self.events.append((now, "new" if kind == _RTM_NEWADDR else "del", _address(body)))

    def times(self, what, address):
        return [stamp for stamp, kind, seen in list(self.events) if kind == what and seen == address]

    def wait(self, what, address, count=1, timeout=5):
        """The time of the count-th such event, waited for."""
        return wait_for(lambda: len(self.times(what, address)) >= count and self.times(what, address),
                        timeout, f"{what} {address}")[count - 1]

    def close(self):
        os.write(self._wake_write, b"x")
        self._thread.join()
        self._socket.close()
        os.close(self._wake_read)
        os.close(self._wake_write)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()
