#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Records seeds for fuzz-netlink from the kernel it runs on, in a namespace of its own: netlink-corpus.py FOLDER."""

import ctypes
import os
import socket
import struct
import subprocess
import sys

CLONE_NEWNET = 0x40000000
RTMGRP = 0x1 | 0x10 | 0x100  # links, IPv4 and IPv6 addresses
DUMP = 0x301
COMMANDS = (
    "link set lo up",
    "link add br0 type bridge",
    "link add eth0 type veth peer name eth1",
    "link add mac0 link eth0 address 00:00:5e:00:01:33 type macvlan mode vepa",
    "link set eth0 up",
    "link set eth1 up",
    "link set mac0 up",
    "addr add 192.0.2.1/24 brd + dev eth0 label eth0:1",
    "addr add 192.0.2.3 peer 192.0.2.4 dev eth0",
    "addr add 2001:db8::1/64 dev mac0 nodad preferred_lft 0",
    "link set eth1 master br0",
    "link set eth0 mtu 1000",
    "link set mac0 name other",
    "addr del 192.0.2.1/24 dev eth0",
    "link del eth0",
)


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")
    news = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    news.bind((0, RTMGRP))
    news.settimeout(0.3)
    asked = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    number = 0

    def keep(name, octets):
        with open(os.path.join(folder, name), "wb") as stream:
            stream.write(octets)

    for command in COMMANDS:
        subprocess.run(["ip", *command.split()], check=True)
        while True:
            try:
                octets = news.recv(65536)
            except TimeoutError:
                break
            keep(f"news-{number:02d}", octets)
            number += 1
        if command == "link set eth1 master br0":
            for kind, name in ((18, "links"), (22, "addresses")):
                asked.send(struct.pack("=IHHII16x", 32, kind, DUMP, 1, 0))
                keep(f"dump-{name}", asked.recv(65536))


main()
