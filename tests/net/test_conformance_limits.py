# SPDX-License-Identifier: ISC
"""The greatest numbers: 255 addresses in one advertisement (R32), 255 VRIDs of two families (L1)."""

import ipaddress

import pytest

from harness.bench import Bench
from harness.parse import FRAGMENT
from harness.wait import wait_for

ONE_WORKER = "conformance-limits"

FULL = 255
MANY4 = tuple(f"198.51.{100 + number // 250}.{1 + number % 250}" for number in range(FULL))
MANY6 = ("fe80::5e:1",) + tuple(f"2001:db8:1::{number:x}" for number in range(1, FULL))


@pytest.fixture(scope="module")
def long_lists(dut_kind, tmp_path_factory):
    """A bench with two routers of 255 addresses each, both Active."""
    bench = Bench(dut_kind, tmp_path_factory.mktemp("lists"))
    try:
        four = bench.router("many4", "v3", addresses=tuple(f"{each}/32" for each in MANY4))
        six = bench.router("many6", "v6", addresses=tuple(f"{each}/128" for each in MANY6))
        four.addresses, six.addresses = MANY4, MANY6
        four.probe = four.probe.but(addresses=MANY4)
        six.probe = six.probe.but(addresses=MANY6, fragment=1232)
        bench.start()
        yield bench, four, six
    finally:
        bench.close()


def _reassembled(bench):
    """{identification: payload} of the IPv6 advertisements that came in fragments."""
    parts = {}
    for seen in bench.capture.frames():
        if seen.host == "dut" and seen.kind == FRAGMENT and seen.payload[0] == 112:
            offset = int.from_bytes(seen.payload[2:4], "big") & 0xFFF8
            parts.setdefault(seen.payload[4:8], {})[offset] = seen.payload[8:]
    return {key: b"".join(part[at] for at in sorted(part)) for key, part in parts.items()}


def _whole(bench):
    return [each for each in _reassembled(bench).values() if len(each) == 8 + 16 * FULL]


def test_R32_255_addresses_are_sent(long_lists):
    bench, four, _ = long_lists
    bench.capture.wait_advert(15, host="dut", family=4, vrid=four.vrid, count=FULL, addresses=MANY4)
    message = wait_for(lambda: _whole(bench), 15, "an IPv6 advertisement of 255 addresses, in fragments")[0]
    assert message[3] == FULL
    assert message[8:24] == ipaddress.ip_address(MANY6[0]).packed


def test_R32_255_addresses_are_received_ipv4(long_lists):
    bench, four, _ = long_lists
    bench.capture.wait_advert(15, host="dut", family=4, vrid=four.vrid)
    stamp = bench.send(four.probe).time
    bench.look_on(four.active_down * 0.9, "silence of a router that accepted the probe")
    assert not four.adverts(stamp + 0.05, stamp + 2.9 * four.interval)
    bench.capture.wait_advert(5, host="dut", family=4, vrid=four.vrid, since=stamp + 0.05)


def test_R32_255_addresses_are_received_ipv6(long_lists):
    bench, _, six = long_lists
    wait_for(lambda: _whole(bench), 15, "the router as Active")

    def fragments(since, until):
        return [seen for seen in bench.capture.frames(since)
                if seen.host == "dut" and seen.kind == FRAGMENT and seen.time <= until]

    stamp = bench.send(six.probe).time
    bench.look_on(six.active_down * 0.9, "silence of a router that accepted the probe")
    assert not fragments(stamp + 0.05, stamp + 2.9 * six.interval)


def test_L1_255_vrids_of_two_families(dut_kind, tmp_path):
    bench = Bench(dut_kind, tmp_path)
    try:
        for vrid in range(1, 256):
            bench.router(f"four{vrid}", "v3", vrid=vrid, interval=1)
            bench.router(f"six{vrid}", "v6", vrid=vrid, interval=1)
        bench.start()
        bench.wait_active(30)
        for router in bench.routers:
            assert {seen.addresses for seen in router.adverts()} == {router.addresses}
    finally:
        bench.close()
