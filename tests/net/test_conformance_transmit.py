# SPDX-License-Identifier: ISC
"""What is sent (T1-T7, T9-T16), and what is announced at takeover (D1, D2 with the interface's own MAC)."""

import pytest

from harness.bench import DUT, Bench
from harness.config import Instance, configuration, password
from harness.frame import virtual_mac

ONE_WORKER = "conformance-transmit"

# Not in the order of their numbers: they are listed as configured.
LIST4 = ("198.51.100.9", "198.51.100.3", "198.51.100.7")
LIST6 = ("fe80::5e:9", "2001:db8:1::7", "2001:db8:1::3")
CONFIG4 = tuple(f"{address}/32" for address in LIST4)
CONFIG6 = tuple(f"{address}/128" for address in LIST6)
ROUTERS = {
    "v2": ("v2", {"addresses": CONFIG4}),
    "v2-pass": ("v2", {"addresses": ("198.51.100.20/32",), "extra": password("secret")}),
    "v3": ("v3", {"addresses": ("198.51.100.31/32", "198.51.100.29/32", "198.51.100.30/32")}),
    "v6": ("v6", {"addresses": CONFIG6}),
    "priority-1": ("v3", {"addresses": ("198.51.100.51/32",), "priority": 1}),
    "priority-254": ("v3", {"addresses": ("198.51.100.52/32",), "priority": 254}),
    "priority-255": ("v3", {"addresses": ("198.51.100.53/32",), "priority": 255, "state": "MASTER"}),
}
EACH = sorted(ROUTERS)
V4 = [name for name in EACH if name != "v6"]


@pytest.fixture(scope="module")
def sent(dut_kind, tmp_path_factory):
    """{name of the router: its Router}, when each has sent two advertisements and its announcements."""
    bench = Bench(dut_kind, tmp_path_factory.mktemp("transmit"))
    try:
        routers = {name: bench.router(name, flavour, **changes) for name, (flavour, changes) in ROUTERS.items()}
        for name, router in routers.items():
            router.addresses = tuple(each.partition("/")[0] for each in ROUTERS[name][1]["addresses"])
        bench.start()
        bench.wait_active()
        yield routers
    finally:
        bench.close()


def every(sent, name, attribute):
    """The set of an attribute's values over everything that a router sent."""
    values = {getattr(seen, attribute) for seen in sent[name].adverts()}
    assert values
    return values


@pytest.mark.parametrize("name", V4)
def test_T1_ttl(sent, name):
    assert every(sent, name, "ttl") == {255}


def test_T2_hop_limit(sent):
    assert every(sent, "v6", "ttl") == {255}


@pytest.mark.parametrize("name", V4)
def test_T3_destination(sent, name):
    assert every(sent, name, "destination") == {"224.0.0.18"}
    assert every(sent, name, "mac_destination") == {"01:00:5e:00:00:12"}


def test_T4_destination(sent):
    assert every(sent, "v6", "destination") == {"ff02::12"}
    assert every(sent, "v6", "mac_destination") == {"33:33:00:00:00:12"}


@pytest.mark.parametrize("name", EACH)
def test_T5_protocol(sent, name):
    assert every(sent, name, "protocol") == {112}
    assert every(sent, name, "type") == {1}


@pytest.mark.parametrize("name", V4)
def test_T6_source_is_the_primary_address(sent, name):
    assert every(sent, name, "source") == {DUT[4]}


def test_T7_source_is_link_local(sent):
    assert every(sent, "v6", "source") == {DUT[6]}


@pytest.mark.parametrize("name", [name for name in EACH if ROUTERS[name][0] != "v2"])
def test_T9_reserved_bits(sent, name):
    assert every(sent, name, "reserved") == {0}
    assert every(sent, name, "interval") == {sent[name].interval}


def test_T10_first_address_is_link_local(sent):
    assert {seen.addresses[0] for seen in sent["v6"].adverts()} == {LIST6[0]}


@pytest.mark.parametrize("word, form", [("on", "message"), ("off", "pseudo")])
def test_T11_checksum_as_asked(network, devices, dut_kind, word, form):
    device = devices(dut_kind, network.host("alone"))
    capture = network.capture()
    asked = Instance("asked", 1, ("198.51.100.40/32",), interval=0.2, extra=(f"v3_checksum_as_v2 {word}",))
    device.start(configuration([asked]))
    capture.wait_advert(10, host="alone")
    assert {seen.checksum_form for seen in capture.adverts("alone")} == {form}


def test_T11_checksum_as_every_linux_peer_expects(sent):
    assert every(sent, "v3", "checksum_form") == {"pseudo"}


@pytest.mark.parametrize("name, form", [("v6", "pseudo"), ("v2", "message"), ("v2-pass", "message")])
def test_T12_checksum(sent, name, form):
    assert every(sent, name, "checksum_form") == {form}


@pytest.mark.parametrize("priority", [1, 254, 255])
def test_T14_priority_on_the_wire(sent, priority):
    assert every(sent, f"priority-{priority}", "priority") == {priority}


@pytest.mark.agent_only
@pytest.mark.parametrize("priority", [0, 256, 300, -1])
def test_T14_other_priorities_are_refused(network, devices, dut_kind, priority):
    device = devices(dut_kind, network.host("alone"))
    device.configure(configuration([Instance("bad", 1, ("198.51.100.1/32",), priority=priority)]))
    code, output = device.check()
    assert code == 2
    assert "priority" in output and ": error: " in output


@pytest.mark.parametrize("name", EACH)
def test_T15_addresses_as_configured(sent, name):
    assert every(sent, name, "addresses") == {sent[name].addresses}
    assert every(sent, name, "count") == {len(sent[name].addresses)}


def test_T16_authentication_octets(sent):
    assert every(sent, "v2", "auth") == {bytes(8)}
    assert every(sent, "v2", "auth_type") == {0}
    assert every(sent, "v2-pass", "auth") == {b"secret\0\0"}
    assert every(sent, "v2-pass", "auth_type") == {1}
    assert {len(seen.payload) for seen in sent["v2"].adverts()} == {8 + 4 * 3 + 8}


@pytest.mark.parametrize("name", V4)
def test_D1_gratuitous_arp_for_each_address(sent, name):
    router = sent[name]
    first = router.adverts()[0].time
    mac = router.bench.dut.mac()
    for address in router.addresses:
        seen = [each for each in router.announcements() if each.target == address]
        assert seen, f"{address} was not announced"
        for each in seen:
            assert each.time >= first, "announced before the first advertisement"
            assert (each.mac_source, each.sender_mac, each.target_mac) == (mac, mac, mac)
            assert (each.mac_destination, each.opcode) == ("ff:ff:ff:ff:ff:ff", 1)


def test_D2_neighbour_advertisement_for_each_address(sent):
    router = sent["v6"]
    for address in LIST6:
        seen = [each for each in router.announcements() if each.target == address]
        assert seen, f"{address} was not announced"
        for each in seen:
            assert each.time >= router.adverts()[0].time, "announced before the first advertisement"
            assert each.flags == 0xA0000000
            assert each.target_mac == router.bench.dut.mac()
            assert (each.destination, each.mac_destination) == ("ff02::1", "33:33:00:00:00:01")
            assert each.ttl == 255
            assert each.source == DUT[6], "the source is the interface's own link-local address"


def test_virtual_mac_is_not_used_without_use_vmac(sent):
    for name in EACH:
        assert every(sent, name, "mac_source") == {sent[name].bench.dut.mac()}
        assert virtual_mac(sent[name].vrid, sent[name].family) not in every(sent, name, "mac_source")
