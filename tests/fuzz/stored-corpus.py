#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Writes the seeds of fuzz-stored: one file of each kind, whole, cut off and damaged."""

import os

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus", "stored")
OVERLAY, TEXT, PREVIOUS, JOURNAL, HISTORY, ARCHIVE, STATE, SOURCE, CHANGED_ARCHIVE, CHANGED_SOURCE = range(10)
FIRST, LAST = b"# vrrp-agent overlay, transaction 7, %s\n", b"# end of overlay\n"
CHANGED = b"vrrp_instance A {\n    priority 150\n    advert_int 0.25\n}\n"
MADE = (b"vrrp_instance snmp-eth1-9-4 {\n    interface eth1\n    virtual_router_id 9\n    version 3\n    no_accept\n"
        b"    admin_state down\n    virtual_ipaddress {\n        192.0.2.9/32\n    }\n}\n")
GONE = b"vrrp_instance B {\n    destroyed\n}\n"
ELSEWHERE = b'vrrp_instance "no longer there" {\n    priority 3\n}\n'
RECORDS = (b"+a 3 eth0 192.0.2.1/24\n+a 3 eth0 2001:db8::1/64\n+s 3 eth0 8/0\n+c 3 eth0 8/0\n+m 3 vrrp.51\n"
           b"+n 9 vrrp\n+r 0208ff\n+p 0a00\n-a 3 eth0 192.0.2.1/24\n")
EVENTS = b'{"name":"A","kind":"transition","from":"backup","to":"active"}\n{"name":"B"}\n'


def seeds():
    for outcome in (b"none", b"applied", b"undone"):
        yield f"overlay-{outcome.decode()}", OVERLAY, FIRST % outcome + CHANGED + LAST
    yield "overlay-torn", OVERLAY, FIRST % b"applied" + CHANGED
    yield "overlay-empty", OVERLAY, b""
    for name, text in (("changed", CHANGED), ("made", MADE), ("gone", GONE), ("aside", ELSEWHERE),
                       ("all", CHANGED + MADE + GONE + ELSEWHERE), ("instead", GONE + MADE.replace(b"eth1", b"eth0"))):
        yield f"text-{name}", TEXT, text
    yield "previous", PREVIOUS, FIRST.replace(b"7", b"6") % b"applied" + CHANGED + LAST
    yield "journal", JOURNAL, RECORDS
    yield "journal-torn", JOURNAL, RECORDS[:-5]
    yield "history", HISTORY, EVENTS * 2
    yield "history-torn", HISTORY, EVENTS + b'{"name":"A'
    yield "archive", ARCHIVE, b"VRPARCH1" + bytes(40)
    yield "state", STATE, bytes(range(200))
    yield "source", SOURCE, b"vrc2" + bytes(40)
    for offset in range(0, 400, 100):
        change = bytes((offset & 255, offset >> 8, 3, 1, 0, 0, 0))
        yield f"archive-changed-{offset}", CHANGED_ARCHIVE, change
        yield f"source-changed-{offset}", CHANGED_SOURCE, change


def main():
    os.makedirs(FOLDER, exist_ok=True)
    for name, kind, content in seeds():
        with open(os.path.join(FOLDER, name), "wb") as stream:
            stream.write(bytes([kind]) + content)


if __name__ == "__main__":
    main()
