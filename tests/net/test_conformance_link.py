# SPDX-License-Identifier: ISC
"""What takes more than frames before one router: neighbours that ask (D4, D5), the order of a takeover (D11),
a link that splits (F19), and what is said of rejects (R34, R13)."""

import pytest

from harness.bench import TESTER, Bench
from harness.config import Instance, configuration
from harness.pair import Pair, Side
from harness.wait import observe, wait_for

FOUR = Instance("four", 81, ("198.51.100.1/32",), interval=0.3)
SIX = Instance("six", 81, ("fe80::5e:1/128", "2001:db8::5e:1/128"), interval=0.3)


@pytest.fixture
def pair(network, devices, dut_kind):
    """Two devices and a third host, which asks for the addresses; the first device is Active."""
    network.host("asker").ip("addr", "add", "198.51.100.99/24", "dev", "eth0")

    def make(instance):
        return Pair(network.capture(), Side(devices(dut_kind, network.host("high")), instance.but(priority=150)),
                    Side(devices(dut_kind, network.host("low")), instance))

    return make


def resolve(host, address):
    """What the neighbour table says after the kernel has asked for it: the MAC, or None."""
    host.ip("neigh", "flush", "dev", "eth0")
    host.run(["ping", "-c", "1", "-W", "1", "-I", "eth0", address], check=False)
    words = host.ip("neigh", "show", address, "dev", "eth0").stdout.split()
    return words[words.index("lladdr") + 1] if "lladdr" in words else None


@pytest.mark.parametrize("instance", [FOUR, SIX], ids=["arp", "ns"])
def test_D5_backup_is_silent(network, pair, instance):
    """Only the Active answers who asks for an address; once it is gone, nobody but the new one does."""
    both = pair(instance)
    asker = network.hosts["asker"]
    address = instance.addresses[-1].partition("/")[0]
    both.settle()
    assert wait_for(lambda: resolve(asker, address), 10, "an answer") == both.active.host.mac()
    since = both.capture.last_time()
    both.active.device.stop()
    both.wait_active(both.backup, both.active)
    assert wait_for(lambda: resolve(asker, address), 10, "an answer") == both.backup.host.mac()
    answers = [each for each in (*both.capture.arps(), *both.capture.neighbour_adverts())
               if each.host == "low" and each.target == address and not each.gratuitous and each.time < since]
    assert not answers, "the Backup answered"


def test_D4_neighbour_solicitation(network, pair):
    """R, S and O as a router's answer has them, with the MAC of the interface."""
    both = pair(SIX)
    both.settle()
    both.active.host.sysctl({"net/ipv6/conf/all/forwarding": 1})
    since = both.capture.last_time()
    address = SIX.addresses[1].partition("/")[0]
    wait_for(lambda: resolve(network.hosts["asker"], address), 10, "an answer")
    answer = [each for each in both.capture.neighbour_adverts("high", since)
              if each.target == address and each.flags & 0x40000000][-1]
    assert answer.flags == 0xE0000000
    assert answer.target_mac == both.active.host.mac()


@pytest.mark.agent_only
@pytest.mark.parametrize("address", ["198.51.100.1/32", "2001:db8:5e::1/128"], ids=["arp", "na"])
def test_D11_nothing_is_announced_before_it_is_in_place(network, devices, dut_kind, address):
    """An address whose interface is not there yet: neither set nor announced, and both when it comes."""
    host = network.host("ours")
    capture = network.capture()
    plain = address.partition("/")[0]

    def announced():
        return [each for each in (*capture.arps("ours"), *capture.neighbour_adverts("ours")) if each.target == plain]

    late = Instance("late", 81, (f"{address} dev late0",), interval=0.3)
    devices(dut_kind, host).start(configuration([late]))
    observe(2.5, "an announcement of what is not there", announced)
    host.add_interface("late0", ["192.0.2.200/24", "fe80::200/64"])
    wait_for(announced, 30, "the announcement, now that the interface is there")
    assert host.has(plain)


@pytest.mark.parametrize("instance", [FOUR, SIX], ids=["ipv4", "ipv6"])
def test_F19_split_link_heals(network, pair, instance):
    """Both Active while they are apart; one within an interval of the other's first advert when they are not."""
    both = pair(instance)
    both.settle()
    port = network.port_of("low")
    network.isolate(port, True)
    both_active = lambda: both.adverts(both.backup, both.capture.last_time() - instance.interval)
    wait_for(both_active, 10, "the Backup as Active on its side")
    network.isolate(port, False)
    healed = both.capture.last_time()
    both.wait_active(both.active, both.backup)
    last = max([seen.time for seen in both.adverts(both.backup, healed)] or [healed])
    assert last - healed <= 2 * instance.interval + 0.35, f"two Actives for {last - healed:.3f} s"
    assert both.backup.holds_none()


@pytest.fixture
def bench(dut_kind, tmp_path):
    made = Bench(dut_kind, tmp_path)
    try:
        yield made
    finally:
        made.close()


def _router(bench, name):
    return next(each for each in bench.device.show()["routers"] if each["name"] == name)


@pytest.mark.agent_only
def test_R34_rejects_are_counted_and_seldom_logged(bench):
    router = bench.router("one", "v3")
    bench.start()
    bench.wait_active()
    for changes, drop in (({"checksum": "bad"}, "checksum"), ({"ttl": 3}, "ttl"), ({"trailing": b"x"}, "surplus")):
        for _ in range(200):
            bench.tester.send(router.probe.but(**changes).frames())
        wait_for(lambda: _router(bench, "one")["drops"].get(drop) == 200, 10, f"200 times {drop}")
    lines = [line for line in bench.device.log().splitlines() if TESTER[4] in line]
    assert 3 <= len(lines) <= 6, "\n".join(lines)


@pytest.mark.agent_only
def test_R13_peers_without_link_local_address_do_not_fill_the_log(bench):
    """As any keepalived with global addresses only: counted each time, told once, and no protocol error."""
    router = bench.router("one", "v6", addresses=("2001:db8:1::1/128",))
    router.probe = router.probe.but(addresses=("2001:db8:1::1",))
    bench.start()
    bench.wait_active()
    for _ in range(60):
        bench.tester.send(router.probe.frames())
    wait_for(lambda: _router(bench, "one")["drops"].get("not-link-local") == 60, 10, "60 times not-link-local")
    shown = _router(bench, "one")
    assert shown["state"] == "backup"
    assert shown["counters"]["received"] == 60
    assert bench.device.log().count("link-local") <= 2
    observe(0.1, "more of the same in the log", lambda: bench.device.log().count("link-local") > 2)
