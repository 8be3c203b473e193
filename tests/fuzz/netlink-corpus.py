#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Records seeds for fuzz-netlink from the kernel it runs on, in a namespace of its own: netlink-corpus.py FOLDER.

Those of the process connector, which only the initial namespaces have, are left out elsewhere.
"""

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
NETLINK_CONNECTOR = 11
KINDS = {0: "none", 1: "fork", 2: "exec", 0x200: "comm", 0x80000000: "exit"}


def processes(keep):
    """One of each kind that the process connector tells of."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, NETLINK_CONNECTOR) as news:
        news.bind((0, 1))
        news.settimeout(1)
        try:
            news.send(struct.pack("=IHHIIIIIIHHI", 40, 3, 0, 0, 0, 1, 1, 0, 0, 4, 0, 1))
        except ConnectionRefusedError:
            return
        subprocess.run(["sh", "-c", "echo renamed >/proc/$$/comm"], check=True)
        wanted = dict(KINDS)
        while wanted:
            octets = news.recv(4096)
            name = wanted.pop(struct.unpack_from("=I", octets, 36)[0], None)
            if name:
                keep(f"process-{name}", octets)


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)

    def keep(name, octets):
        with open(os.path.join(folder, name), "wb") as stream:
            stream.write(octets)

    processes(keep)
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")
    news = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    news.bind((0, RTMGRP))
    news.settimeout(0.3)
    asked = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    number = 0

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
