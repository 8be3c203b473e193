# SPDX-License-Identifier: ISC
"""Unicast peers, configured sources, and what is a fault, on real interfaces with real neighbours."""

import pytest

from harness.config import Instance, configuration, password
from harness.pair import Pair, Side
from harness.wait import observe, wait_for

VIP = "198.51.100.1/32"
SILENCE = 2.5


def peers(*addresses):
    return ("unicast_peer {", *(f"    {address}" for address in addresses), "}")


def memberships(host):
    """The VRRP groups that some socket on eth0 has joined."""
    found = host.ip("maddr", "show", "dev", "eth0").stdout.split()
    return [group for group in ("224.0.0.18", "ff02::12") if group in found]


@pytest.fixture
def lab(network, devices, dut_kind):
    """(host, device, capture) of a device, beside two silent neighbours 192.0.2.2 and 192.0.2.3."""
    host = network.host("alone")
    network.host("second")
    network.host("third")
    return host, devices(dut_kind, host), network.capture()


def active(capture, **match):
    return capture.wait_advert(20, host="alone", **match)


def test_every_peer_gets_its_own_advert(lab):
    """In one wake-up, each with a checksum of its own, and nothing goes to the group."""
    host, device, capture = lab
    instance = Instance("one", 1, (VIP,), interval=0.5, extra=(
        "unicast_src_ip 192.0.2.1", *peers("192.0.2.3", "192.0.2.1", "192.0.2.2"), "unicast_ttl 61"))
    device.start(configuration([instance]))
    wait_for(lambda: len(capture.adverts("alone", 1)) >= 8, 20, "adverts to the peers")
    seen = capture.adverts("alone", 1)
    assert {each.destination for each in seen} == {"192.0.2.2", "192.0.2.3"}
    assert {each.checksum_form for each in seen} == {"pseudo"}
    assert {each.ttl for each in seen} == {61}
    for first, second in zip(seen[0:8:2], seen[1:8:2]):
        assert {first.destination, second.destination} == {"192.0.2.2", "192.0.2.3"}
        assert second.time - first.time < 0.1


@pytest.mark.agent_only
@pytest.mark.parametrize("vip, address", [(VIP, "192.0.2.2"), ("fe80::5e:1/128", "fe80::2")])
def test_no_group_is_joined_for_peers(lab, vip, address):
    host, device, capture = lab
    unicast = Instance("one", 1, (vip,), extra=peers(address))
    device.start(configuration([unicast]))
    active(capture, destination=address)
    assert memberships(host) == []
    device.configure(configuration([unicast.but(extra=())]))
    device.reload()
    wait_for(lambda: len(memberships(host)) == 1, 10, "the group, when the peers are gone")
    device.configure(configuration([unicast]))
    device.reload()
    wait_for(lambda: memberships(host) == [], 10, "no group, when the peers are back")


def test_unicast_hop_limit(lab):
    _, device, capture = lab
    device.start(configuration([Instance("one", 1, ("2001:db8:5e::1/128",), extra=(
        "unicast_src_ip 2001:db8::1", *peers("2001:db8::2"), "unicast_ttl 64"))]))
    seen = active(capture, destination="2001:db8::2")
    assert (seen.ttl, seen.source) == (64, "2001:db8::1")


def test_source_that_nobody_holds_by_multicast(lab):
    _, device, capture = lab
    device.start(configuration([Instance("one", 1, (VIP,), version=2, extra=("mcast_src_ip 203.0.113.9",))]))
    seen = active(capture)
    assert (seen.source, seen.destination) == ("203.0.113.9", "224.0.0.18")


@pytest.mark.parametrize("words", [
    ("mcast_src_ip 192.0.2.77", "track_src_ip"),
    ("unicast_src_ip 192.0.2.77", *peers("192.0.2.2")),
], ids=["track_src_ip", "unicast_src_ip"])
def test_source_that_has_to_be_held(lab, words):
    """Fault without it, active with it, on whichever interface it is."""
    host, device, capture = lab
    host.run(["ip", "link", "add", "other", "type", "bridge"])
    host.ip("link", "set", "other", "up")
    device.start(configuration([Instance("one", 1, (VIP,), interval=0.3, extra=words)]))
    observe(SILENCE, "an advert without the source", lambda: capture.adverts("alone"))
    host.ip("addr", "add", "192.0.2.77/32", "dev", "other")
    assert active(capture).source == "192.0.2.77"
    host.ip("addr", "del", "192.0.2.77/32", "dev", "other")
    wait_for(lambda: not host.has(VIP.partition("/")[0]), 10, "the addresses given up with the source")
    since = capture.last_time()
    host.ip("addr", "add", "192.0.2.77/32", "dev", "eth0")
    active(capture, since=since, source="192.0.2.77")


@pytest.mark.agent_only
@pytest.mark.parametrize("words", [("mcast_src_ip SOURCE", "track_src_ip"), ("unicast_src_ip SOURCE", *peers("192.0.2.2"))],
                         ids=["track_src_ip", "unicast_src_ip"])
def test_source_that_a_reload_needs(lab, words):
    """It costs an Active router nothing if this host has it, and is a fault if not."""
    host, device, capture = lab

    def text(source):
        return configuration([Instance("one", 1, (VIP,), interval=0.3,
                                       extra=tuple(word.replace("SOURCE", source) for word in words) if source else ())])

    def reload(source):
        device.configure(text(source))
        device.control("config", "reload")

    device.start(text(None))
    active(capture)
    wait_for(lambda: host.has(VIP.partition("/")[0]), 10, "the addresses")
    since = len(device.log())
    host.ip("addr", "add", "192.0.2.77/32", "dev", "eth0")
    reload("192.0.2.77")
    active(capture, source="192.0.2.77")
    assert " -> " not in device.log()[since:], device.log()[since:]
    reload("192.0.2.78")
    wait_for(lambda: "one: active -> fault" in device.log()[since:], 10, "the fault")


@pytest.mark.agent_only
def test_source_of_a_router_that_is_gone(lab):
    """That one lacked its source is nothing to the one that gets its place later."""
    host, device, capture = lab
    stays = Instance("stays", 9, ("198.51.100.9/32",), interval=0.3)
    gone = Instance("gone", 1, (VIP,), interval=0.3, extra=("unicast_src_ip 192.0.2.77", *peers("192.0.2.2")))
    fresh = gone.but(name="fresh", vrid=2, extra=("unicast_src_ip 192.0.2.1", *peers("192.0.2.2")))
    device.start(configuration([stays, gone]))
    wait_for(lambda: "gone: initialize -> fault" in device.log(), 10, "the fault")
    for instances in ([stays], [stays, fresh]):
        device.configure(configuration(instances))
        device.control("config", "reload")
    active(capture, vrid=fresh.vrid)
    assert "fresh: initialize -> backup" in device.log()
    assert "fresh: initialize -> fault" not in device.log()


@pytest.mark.agent_only
def test_unicast_fault_without_peers(lab):
    host, device, capture = lab
    lonely = Instance("one", 1, (VIP,), interval=0.3, extra=("unicast_fault_no_peer", *peers()))
    device.start(configuration([lonely]))
    observe(SILENCE, "an advert of a router without peers", lambda: capture.adverts("alone"))
    assert "fault" in device.control("show").stdout
    device.configure(configuration([lonely.but(extra=peers())]))
    device.reload()
    assert active(capture).destination == "224.0.0.18"


@pytest.mark.parametrize("words, stays", [((), False), (("dont_track_primary",), True)])
def test_carrier_of_its_own_interface(lab, network, words, stays):
    host, device, capture = lab
    device.start(configuration([Instance("one", 1, (VIP,), interval=0.3, extra=words)]))
    active(capture)
    address = VIP.partition("/")[0]
    wait_for(lambda: host.has(address), 10, "the address")
    port = network.port_of("alone")
    network.set_port(port, "down")
    if stays:
        observe(SILENCE, "the address given up", lambda: not host.has(address))
    else:
        wait_for(lambda: not host.has(address), 10, "the address given up")
    network.set_port(port, "up")
    active(capture, since=capture.last_time() + 0.001)


def test_no_address_at_all(lab):
    """Version 2 without addresses, as keepalived runs it for its notifications."""
    _, device, capture = lab
    text = configuration([Instance("one", 1, (), version=2)]).replace("    virtual_ipaddress {\n    }\n", "")
    assert "virtual_ipaddress" not in text
    device.start(text)
    seen = active(capture)
    assert (seen.count, len(seen.payload), seen.checksum_form) == (0, 16, "message")


SAMPLE = """
global_defs {
   router_id LVS_DEVEL
   vrrp_skip_check_adv_addr
   vrrp_strict
   vrrp_garp_interval 0
   vrrp_gna_interval 0
}
"""


class Sample(Side):
    """A side with the globals of the sample that is copied most often."""

    def start(self):
        self.device.start(SAMPLE + self.instance.text())


@pytest.mark.parametrize("high", ["device", "keepalived"])
def test_strict_sample_beside_keepalived(network, devices, dut_kind, peer_kind, high):
    """PASS is configured and not sent; the higher priority gets the addresses, and they come back to it."""
    sample = Instance("VI_1", 51, ("192.168.200.16/24", "192.168.200.17/24"), version=2, state="MASTER",
                      extra=password("1111"))
    ours = Sample(devices(dut_kind, network.host("ours")), sample.but(priority=110 if high == "device" else 100))
    theirs = Sample(devices(peer_kind, network.host("theirs")), sample.but(priority=105))
    one, other = (ours, theirs) if high == "device" else (theirs, ours)
    pair = Pair(network.capture(), one, other)
    pair.settle()
    one.device.stop()
    pair.wait_active(other, one)
    one.start()
    pair.wait_active(one, other)
    for side in (ours, theirs):
        assert {(seen.auth_type, seen.auth) for seen in pair.adverts(side)} == {(0, bytes(8))}


@pytest.mark.agent_only
def test_checksum_of_the_active_is_taken_over(network, devices, dut_kind):
    """Two of ours: one is told to leave the pseudo-header out, the other follows once it is Active."""
    ours = devices(dut_kind, network.host("ours"))
    theirs = devices(dut_kind, network.host("theirs"))
    instance = Instance("one", 57, ("198.51.100.1/24",), interval=0.2)
    pair = Pair(network.capture(), Side(ours, instance.but(priority=150, extra=("v3_checksum_as_v2 on",))),
                Side(theirs, instance))
    pair.settle()
    wait_for(lambda: "over the message only" in theirs.log(), 10, "the form that is learned")
    ours.kill()
    pair.wait_active(pair.backup, pair.active)
    assert pair.adverts(pair.backup)[-1].checksum_form == "message"


@pytest.mark.agent_only
def test_vrid_that_no_router_has_is_told_on_request(network, devices, dut_kind, peer_kind):
    """log_unknown_vrids: by VRID and sender, and not without the word, nor of a VRID that is ours."""
    ours, theirs = network.host("ours"), network.host("theirs")
    capture = network.capture()
    known = Instance("known", 71, ("198.51.100.71/32",), interval=0.2)
    foreign = Instance("foreign", 72, ("198.51.100.72/32",), interval=0.2)
    device = devices(dut_kind, ours).start(configuration([known.but(priority=50)]))
    devices(peer_kind, theirs).start(configuration([known, foreign]))
    for vrid in (known.vrid, foreign.vrid):
        capture.wait_advert(20, host="theirs", vrid=vrid)
    wait_for(lambda: device.show()["routers"][0]["state"] == "backup", 20, device.log)
    assert "VRID 72" not in device.log()
    device.configure(configuration([known.but(priority=50)], ("log_unknown_vrids",)))
    device.control("config", "reload")
    wait_for(lambda: "VRID 72, from 192.0.2.2" in device.log(), 10, device.log)
    assert "VRID 71" not in device.log()
