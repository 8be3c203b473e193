# SPDX-License-Identifier: ISC
"""tshark as an independent decoder of what was captured."""

import os

from .parse import ADVERT
from .process import run

_FIELDS = ("frame.number", "vrrp.version", "vrrp.type", "vrrp.virt_rtr_id", "vrrp.prio", "vrrp.addr_count",
           "vrrp.checksum.status", "_ws.expert.severity", "_ws.expert.message", "_ws.malformed")
_CHECKSUM_GOOD = "1"


def decode_adverts(capture, folder, host=None, message_checksum=False):
    """Decodes the captured advertisements (of one host, or of all); returns a dict of fields for each.

    tshark expects the pseudo-header in the checksum of v3 over IPv4, unless message_checksum.
    """
    path = os.path.join(str(folder), f"{host or 'all'}.pcap")
    written = capture.write_pcap(
        path, lambda seen: seen.kind == ADVERT and (host is None or seen.host == host))
    words = ["tshark", "-n", "-r", path, "-T", "fields", "-E", "separator=/t",
             "-o", f"vrrp.v3_checksum_as_in_v2:{'TRUE' if message_checksum else 'FALSE'}",
             "-o", "ip.check_checksum:TRUE"]
    for field in _FIELDS:
        words += ["-e", field]
    lines = run(words, timeout=60).stdout.splitlines()
    decoded = [dict(zip(_FIELDS, line.split("\t") + [""] * len(_FIELDS))) for line in lines]
    assert len(decoded) == written, f"tshark decoded {len(decoded)} of {written} frames"
    return decoded


def assert_clean(decoded):
    """Every frame is VRRP, its checksum is good and tshark has nothing to remark."""
    assert decoded, "no advertisement to decode"
    for entry in decoded:
        assert entry["vrrp.version"], f"not decoded as VRRP: {entry}"
        assert entry["vrrp.checksum.status"] == _CHECKSUM_GOOD, f"checksum: {entry}"
        remarks = entry["_ws.expert.severity"], entry["_ws.expert.message"], entry["_ws.malformed"]
        assert not any(remarks), f"tshark remarks: {entry}"
