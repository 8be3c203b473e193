# SPDX-License-Identifier: ISC
"""An address that somebody else on the link uses as well: it is told, once, and nothing else happens."""

import signal
import time

import pytest
from scapy.layers.inet6 import ICMPv6ND_NA, ICMPv6NDOptDstLLAddr, IPv6
from scapy.layers.l2 import ARP, Ether

from harness.config import Instance, configuration
from harness.pair import Pair, Side
from harness.process import thread_sleeps
from harness.wait import observe, wait_for

pytestmark = pytest.mark.agent_only

FOUR, SIX = "198.51.100.1", "2001:db8::5e:1"
MAC = "02:00:00:00:00:77"
PLAIN = Instance("one", 95, (f"{FOUR}/24",), interval=0.2)
V6 = Instance("six", 96, ("fe80::5e:1/64", f"{SIX}/64"), interval=0.2)
LISTENS = Instance("listens", 97, ("198.51.100.97/24",), interval=0.2)
TOLD = "another host on the link uses an address that we hold"


def arp(sender, mac=MAC):
    return bytes(Ether(dst="ff:ff:ff:ff:ff:ff", src=mac)
                 / ARP(op=1, hwsrc=mac, psrc=sender, hwdst="00:00:00:00:00:00", pdst="198.51.100.99"))


def neighbour(target, mac=MAC):
    return bytes(Ether(dst="33:33:00:00:00:01", src=mac) / IPv6(src="fe80::77", dst="ff02::1", hlim=255)
                 / ICMPv6ND_NA(tgt=target, R=0, S=0, O=1) / ICMPv6NDOptDstLLAddr(lladdr=mac))


def start(device, *instances):
    device.start(configuration(instances))
    for instance in instances:
        for address in instance.addresses:
            wait_for(lambda: device.host.has(address.split("/")[0]), 15, address)


@pytest.mark.parametrize("instance, frame, address", [(PLAIN, arp, FOUR), (V6, neighbour, SIX)],
                         ids=["ipv4", "ipv6"])
def test_heard(network, devices, dut_kind, instance, frame, address):
    other = network.host("other")
    ours = devices(dut_kind, network.host("ours"))
    start(ours, instance)

    def told():
        other.send(frame(address))
        return f"{TOLD}: {address} at {MAC}" in ours.log()

    wait_for(told, 15, lambda: f"the warning in\n{ours.log()[-2000:]}", poll=0.2)
    assert 0 <= ours.show()["routers"][0]["duplicate_heard"] < 30
    observe(3, "a second warning", lambda: other.send(frame(address)) or ours.log().count(TOLD) > 1)
    more = [f"02:00:00:00:88:{number:02x}" for number in range(1, 10)]
    wait_for(lambda: other.send(frame(address, more[0])) or f"{TOLD}: {address} at {more[0]}" in ours.log(), 15,
             lambda: f"another host in\n{ours.log()[-2000:]}", poll=0.2)
    observe(4, "more than a few of one address",
            lambda: other.send([frame(address, mac) for mac in more]) or ours.log().count(TOLD) > 4)
    assert ours.log().count(TOLD) == 4
    assert ours.host.has(address)
    assert ours.show()["routers"][0]["counters"]["transitions"] == 1


def test_not_heard(network, devices, dut_kind, peer_kind):
    """Neither an address of somebody else, nor one's own frames, nor a takeover."""
    capture = network.capture()
    other = network.host("other")
    ours, theirs = devices(dut_kind, network.host("ours")), devices(peer_kind, network.host("theirs"))
    pair = Pair(capture, Side(ours, PLAIN.but(priority=150)), Side(theirs, PLAIN))
    pair.settle()
    own = ours.host.mac()
    frames = [arp("198.51.100.5"), neighbour("2001:db8::77"), arp(FOUR, own)]
    observe(3, "a warning", lambda: other.send(frames) or TOLD in ours.log())
    theirs.configure(configuration([PLAIN.but(priority=200)]))
    theirs.reload()
    wait_for(lambda: not ours.host.has(FOUR), 15, "the takeover")
    observe(3, "a warning", lambda: TOLD in ours.log())
    [shown] = ours.show()["routers"]
    assert shown["duplicate_heard"] is None and shown["address_refused"] is False


def test_a_quiet_link_wakes_nobody(network, devices, dut_kind):
    """Who listens does not look; and hears the next frame all the same, of which a burst costs a look a second."""
    other = network.host("other")
    ours = devices(dut_kind, network.host("ours"))
    start(ours, PLAIN)

    def rests():
        before = thread_sleeps(ours.pid, "applier")
        time.sleep(2.5)
        return thread_sleeps(ours.pid, "applier") == before

    wait_for(rests, 30, "an applier that sleeps")
    before = thread_sleeps(ours.pid, "applier")
    for _ in range(100):
        other.send(arp("198.51.100.5"))
        time.sleep(0.02)
    assert 2 <= thread_sleeps(ours.pid, "applier") - before <= 12
    wait_for(rests, 30, "an applier that sleeps again")


def test_the_former_active_still_answers(network, devices, dut_kind):
    """It has the address until it has heard of the takeover, and answers the gratuitous ARP that tells it."""
    capture = network.capture()
    ours, former = devices(dut_kind, network.host("ours")), devices(dut_kind, network.host("former"))
    start(former, PLAIN)
    ours.start(configuration([LISTENS, PLAIN.but(priority=50)]))
    wait_for(lambda: ours.host.has(LISTENS.addresses[0].split("/")[0]), 15, "an address, so that it listens for rivals")
    former.process.signal(signal.SIGSTOP)
    wait_for(lambda: capture.arps("former", opcode=2), 15, "an answer")
    former.host.run(["ip", "address", "del", f"{FOUR}/24", "dev", "eth0"])
    observe(4, "a warning", lambda: TOLD in ours.log())


def test_duplicate_address_detection_failed(network, devices, dut_kind):
    """An address with -nodad that another host has: the kernel does not use it, and that is said."""
    other = network.host("other")
    other.ip("addr", "add", "2001:db8::da:d/64", "dev", "eth0", "nodad")
    ours = devices(dut_kind, network.host("ours", dad=True))
    start(ours, PLAIN.but(extra=("virtual_ipaddress_excluded {", "    2001:db8::da:d/64 -nodad", "}")))
    wait_for(lambda: "one: the kernel does not use an address because another host has it: 2001:db8::da:d"
             in ours.log(), 15, lambda: f"the error in\n{ours.log()[-2000:]}")
    assert ours.show()["routers"][0]["address_refused"] is True
    assert "active (duplicate address)" in ours.control("show").stdout
    assert "PROBLEM  the kernel does not use an address of one" in ours.control("doctor", check=False).stdout
    ours.control("drain", "one", check=False)
    wait_for(lambda: ours.show()["routers"][0]["address_refused"] is False, 10, "a row without it")
