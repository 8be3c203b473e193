# SPDX-License-Identifier: ISC
"""Routes, routing rules, excluded and static addresses: as keepalived sets them, put back, never left behind."""

import signal

import pytest

from harness.config import Instance, configuration
from harness.namespace import Network
from harness.pair import Pair, Side
from harness.routing import RoutingMonitor, has_route, has_rule, installed, rules
from harness.wait import observe, wait_for

STATICS = """
static_ipaddress {
    10.9.0.1/24 dev eth0
    10.9.0.7 dev eth0
    10.9.1.1/24 brd + dev eth0 scope link label eth0:st
    fd00:9::1/64 dev eth0
    fd00:9::7 dev eth0
}
static_routes {
    10.20.0.0/16 via 10.9.0.2 dev eth0
    src 10.9.0.1 to 10.21.0.0/16 via 10.9.0.2 dev eth0
    10.22.0.0/16 dev eth0 scope link metric 33 table 77
    blackhole 10.23.0.0/16
    10.24.0.0/16 nexthop via 10.9.0.2 dev eth0 weight 2 nexthop via 10.9.0.3 dev eth0 weight 1
    fd00:20::/32 via fd00:9::2 dev eth0
}
static_rules {
    from 10.50.0.0/16 table 77
    to 10.51.0.0/16 table 78 preference 500
}
"""
EXCLUDED = """virtual_ipaddress_excluded {
    198.51.100.130/25
    fd00:8::1/64
    fd00:8::2
    fd00:8::3/64 -nodad
    198.51.100.131/32 noprefixroute
    fd00:8::4/64 noprefixroute home
    fd00:8::5/128 preferred_lft forever
    fd00:8::6/64 preferred_lft 1000
}""".split("\n")
ROUTES = """virtual_routes {
    src 198.51.100.1 to 10.30.0.0/16 via 198.51.100.2 dev eth0
    10.31.0.0/16 via 198.51.100.2
    10.32.0.0/16 dev eth0 no_track
    10.33.0.0/16 via 198.51.100.2 or 198.51.100.3
    unreachable 10.34.0.0/16
    prohibit 10.35.0.0/16
    throw 10.36.0.0/16 table 77
    default via 198.51.100.2 table 100
    0.0.0.0/0 gw 198.51.100.2 table 101
    10.37.0.0/16 via 198.51.100.2 metric 5
    10.38.0.0/16 via 198.51.100.2 mtu 1400 advmss 1300 hoplimit 3 window 1000 tos 0x10
    10.38.1.0/24 via 198.51.100.2 mtu lock 1400 initcwnd 10 initrwnd 11 rto_min 200ms
    10.39.0.0/16 via 203.0.113.9 dev eth0 onlink
    10.40.0.0/16 via 198.51.100.2 scope global priority 7
    10.41.0.0/16 table 44 nexthop dev eth0 weight 3 nexthop via 198.51.100.3 dev eth0 onlink
    fd00:30::/32 via fd00:8::99 dev eth0 metric 44
    fd00:31::/32 dev eth0
    fd00:32::/32 via fd00:8::99 pref high
    unreachable fd00:33::/32
    default6 dev eth0 table 9
}""".split("\n")
RULES = """virtual_rules {
    from 198.51.100.0/24 table 100
    to 10.30.0.0/16 lookup 101 priority 600
    from 10.60.0.0/16 to 10.61.0.0/16 table main fwmark 24/12 iif eth0 oif eth0 tos 0x10 preference 700
    fwmark 5 table 100
    iif eth0 blackhole preference 701
    from 10.1.0.0/16 prohibit preference 702
    not from 10.62.0.0/16 to 10.62.1.0/24 table 100 preference 703
    from 10.63.0.0/16 goto 900 preference 704
    from 10.64.0.0/16 table 100 suppress_prefixlength 8 preference 705
    from fd00:60::/32 table 100
    from fd00:61::/32 table 100 preference 706
    uidrange 100-200 table 100 preference 708
    ipproto udp sport 10-20 dport 30-31 table 100 preference 709
    from 10.65.0.0/16 nop preference 801
    from 10.66.0.0/16 realms 3/4 table 100 preference 803
    from 10.67.0.0/16 unreachable preference 804
    l3mdev preference 805
}""".split("\n")
ALL = Instance("one", 71, ("198.51.100.1/24", "198.51.100.9"), priority=255, state="MASTER", version=2,
               extra=(*EXCLUDED, *ROUTES, *RULES))

SOME = Instance("one", 71, ("198.51.100.1/24",), interval=0.2, extra=(
    "virtual_ipaddress_excluded {", "    198.51.100.130/32", "    2001:db8:8::1/64", "}",
    "virtual_routes {", "    10.30.0.0/16 via 198.51.100.2 dev eth0 src 198.51.100.1",
    "    10.31.0.0/16 via 198.51.100.2", "    2001:db8:30::/48 via 2001:db8:8::9", "}",
    "virtual_rules {", "    from 10.60.0.0/16 table 100 preference 600",
    "    from 2001:db8:60::/48 table 100 preference 601", "}"))
DESTINATIONS = ("10.30.0.0/16", "10.31.0.0/16", "2001:db8:30::/48")
PREFERENCES = (600, 601)


def missing(host):
    """What the router SOME has and the host does not."""
    return ([each for each in ("198.51.100.1", "198.51.100.130", "2001:db8:8::1") if not host.has(each)]
            + [each for each in DESTINATIONS if not has_route(host, each)]
            + [each for each in PREFERENCES if not has_rule(host, each)])


def there(host):
    return not missing(host)


def gone(host):
    return len(missing(host)) == 3 + len(DESTINATIONS) + len(PREFERENCES)


@pytest.fixture
def alone(network, devices, dut_kind):
    """A device with nobody else on the link."""
    return devices(dut_kind, network.host("ours"))


def start_active(device, *instances, **more):
    device.start(configuration(instances, **more))
    wait_for(lambda: there(device.host), 15, lambda: f"{missing(device.host)}")


def test_same_as_keepalived(network, devices, dut_kind, peer_kind, folder):
    """The same words, in two namespaces that never meet."""
    text = configuration([ALL], global_lines=("dynamic_interfaces",), other=STATICS)
    with Network() as elsewhere:
        ours = devices(dut_kind, network.host("ours"))
        theirs = devices(peer_kind, elsewhere.host("ours"))
        for device in (ours, theirs):
            before = installed(device.host)
            device.start(text)
            wait_for(lambda: has_rule(device.host, 805) and has_route(device.host, "fd00:33::/32"), 15,
                     f"the last route and rule of {device.kind}:\n{device.log()[-2000:]}")
            assert not installed(device.host)["routes"] <= before["routes"]

        def difference():
            mine, yours = installed(ours.host), installed(theirs.host)
            return {kind: (mine[kind] ^ yours[kind]) for kind in mine if mine[kind] != yours[kind]}

        wait_for(lambda: not difference(), 5, lambda: f"the same on both: {difference()}")
        assert len(installed(ours.host)["routes"]) >= 26
        assert len(rules(ours.host)) == 19
        for device in (ours, theirs):
            device.stop()
        wait_for(lambda: not difference(), 5, lambda: f"the same on both after the end: {difference()}")
        assert installed(ours.host)["routes"] == before["routes"]


def test_as_long_as_active(network, devices, dut_kind, peer_kind):
    """A Backup has none of it; it comes with the addresses and leaves before them."""
    capture = network.capture()
    ours = devices(dut_kind, network.host("ours"))
    theirs = devices(peer_kind, network.host("theirs"))
    with RoutingMonitor(ours.host) as monitor:
        start_active(ours, SOME)
        assert monitor.wait("198.51.100.1/24") < monitor.wait("10.30.0.0/16") < monitor.wait("600:")
        # the kernel tells of an IPv6 address when it likes
        assert monitor.wait("2001:db8:30::/48") < monitor.wait("601:")
        adverts = capture.adverts("ours", vrid=71)
        assert adverts and all(seen.addresses == ("198.51.100.1",) for seen in adverts)
        assert capture.arps("ours", target="198.51.100.130"), "an excluded address is announced as well"
        theirs.start(configuration([SOME.but(priority=200)]))
        wait_for(lambda: gone(ours.host), 10, "the removal of everything")
        assert (monitor.wait("Deleted", "600:") < monitor.wait("Deleted", "10.30.0.0/16")
                < monitor.wait("Deleted", "198.51.100.1/24"))
        wait_for(lambda: there(theirs.host), 10, lambda: f"on the other router {missing(theirs.host)}")


@pytest.mark.timing
def test_deleted_ones_come_back(network, devices, dut_kind, peer_kind):
    """Within 100 ms; neither router changes its state."""
    capture = network.capture()
    pair = Pair(capture, Side(devices(dut_kind, network.host("ours")), SOME.but(priority=150)),
                Side(devices(peer_kind, network.host("theirs")), SOME))
    pair.settle()
    host = pair.active.host
    wait_for(lambda: there(host), 5, lambda: f"{missing(host)}")
    since = capture.last_time()
    deletions = {
        "10.30.0.0/16": ("route", "del", "10.30.0.0/16"),
        "2001:db8:30::/48": ("-6", "route", "del", "2001:db8:30::/48"),
        "600:": ("rule", "del", "preference", "600"),
        "601:": ("-6", "rule", "del", "preference", "601"),
    }
    with RoutingMonitor(host) as monitor:
        for number in range(1, 4):
            for words, command in deletions.items():
                host.ip(*command)
                lost = monitor.wait("Deleted", words, count=number)
                back = monitor.wait(words, count=number)
                assert back - lost < 0.1, f"{words} back after {(back - lost) * 1000:.0f} ms"
    observe(4 * SOME.interval, "a transition that the deletion might have caused")
    assert not pair.adverts(pair.backup, since)
    assert there(host)


def test_replaced_and_flushed_ones_come_back(alone):
    """Also those that the kernel removes without a word: with the link, and with their source address."""
    start_active(alone, SOME)
    alone.host.ip("route", "replace", "10.31.0.0/16", "dev", "eth0", "proto", "static")
    wait_for(lambda: has_route(alone.host, "10.31.0.0/16", "proto", "keepalived"), 5, "ours beside the other")
    alone.host.ip("route", "del", "10.31.0.0/16", "proto", "static")
    alone.host.ip("addr", "del", "198.51.100.1/24", "dev", "eth0")
    wait_for(lambda: there(alone.host), 5, lambda: f"{missing(alone.host)}")
    alone.host.ip("link", "set", "eth0", "down")
    wait_for(lambda: gone(alone.host), 5, lambda: f"the end of all but {missing(alone.host)}")
    alone.host.ip("link", "set", "eth0", "up")
    wait_for(lambda: there(alone.host), 10, lambda: f"{missing(alone.host)}")


def test_no_track(alone):
    extra = ("virtual_routes {", "    10.30.0.0/16 dev eth0 no_track", "    10.31.0.0/16 dev eth0", "}",
             "virtual_rules {", "    from 10.60.0.0/16 table 100 preference 600 no_track",
             "    from 10.61.0.0/16 table 100 preference 601", "}")
    instance = SOME.but(extra=extra, addresses=("198.51.100.1/24", "198.51.100.2/32 no_track"))
    alone.start(configuration([instance]))
    wait_for(lambda: has_rule(alone.host, 601) and has_rule(alone.host, 600), 10, "the rules")
    alone.host.ip("route", "del", "10.30.0.0/16")
    alone.host.ip("rule", "del", "preference", "600")
    alone.host.ip("addr", "del", "198.51.100.2/32", "dev", "eth0")
    for number in range(3):
        with RoutingMonitor(alone.host) as monitor:
            alone.host.ip("route", "del", "10.31.0.0/16")
            alone.host.ip("rule", "del", "preference", "601")
            monitor.wait("10.31.0.0/16")
            monitor.wait("601:")
        assert not has_route(alone.host, "10.30.0.0/16") and not has_rule(alone.host, 600), number
        assert not alone.host.has("198.51.100.2")


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_what_was_there_before_stays(alone, end):
    """Exactly the same route and rule, set by somebody else before."""
    host = alone.host
    host.ip("addr", "add", "198.51.100.7/24", "dev", "eth0")
    host.ip("route", "add", "10.31.0.0/16", "via", "198.51.100.2", "proto", "keepalived")
    host.ip("rule", "add", "from", "10.60.0.0/16", "table", "100", "preference", "600", "protocol", "keepalived")
    with RoutingMonitor(host) as monitor:
        start_active(alone, SOME)
        if end == "stop":
            alone.stop()
        else:
            alone.kill()
            alone.start(configuration([SOME.but(extra=(), addresses=("198.51.100.9/24",), vrid=72)]))
        wait_for(lambda: not has_route(host, "10.30.0.0/16") and not has_rule(host, 601), 10, "the end of ours")
        assert has_route(host, "10.31.0.0/16") and has_rule(host, 600)
        assert not monitor.times("Deleted", "10.31.0.0/16") and not monitor.times("Deleted", "600:")


def test_taken_over_from_its_owner(alone):
    """What somebody else had set and then removes is set, and ours from then on."""
    alone.host.ip("rule", "add", "from", "10.60.0.0/16", "table", "100", "preference", "600", "protocol", "keepalived")
    start_active(alone, SOME)
    alone.host.ip("rule", "del", "preference", "600")
    wait_for(lambda: has_rule(alone.host, 600), 5, "the rule")
    alone.stop()
    assert not has_rule(alone.host, 600)


def test_killed_and_configured_otherwise(alone):
    """What a killed program had set is removed by the next one, whatever it is told to set."""
    before = installed(alone.host)
    start_active(alone, SOME, other=STATICS)
    alone.kill()
    assert there(alone.host) and has_route(alone.host, "10.24.0.0/16")
    alone.start(configuration([SOME.but(extra=(), addresses=("198.51.100.9/24",), vrid=72)]))
    wait_for(lambda: alone.host.has("198.51.100.9"), 10, "the new address")
    left = installed(alone.host)
    assert left["routes"] == before["routes"] and left["rules"] == before["rules"]
    assert gone(alone.host) and not alone.host.has("10.9.0.1")


def test_statics_stay(network, devices, dut_kind):
    """From the start to the end, Active or not; a reload changes what it has to and touches nothing else."""
    network.host("theirs")
    ours = devices(dut_kind, network.host("ours"))
    instance = SOME.but(extra=(), state="BACKUP", priority=1, interval=1)
    ours.start(configuration([instance], other=STATICS))
    wait_for(lambda: has_rule(ours.host, 500) and has_route(ours.host, "10.24.0.0/16"), 10, "the statics")
    other = STATICS.replace("10.20.0.0/16", "10.25.0.0/16").replace("preference 500", "preference 501")
    other = other.replace("10.9.0.7 dev", "10.9.0.8 dev")
    with RoutingMonitor(ours.host) as monitor:
        ours.configure(configuration([instance], other=other))
        ours.reload()
        wait_for(lambda: has_rule(ours.host, 501) and not has_rule(ours.host, 500), 10, "the other rule")
        wait_for(lambda: has_route(ours.host, "10.25.0.0/16") and not has_route(ours.host, "10.20.0.0/16"), 10,
                 "the other route")
        wait_for(lambda: ours.host.has("10.9.0.8") and not ours.host.has("10.9.0.7"), 10, "the other address")
        deleted = [line for _, line in monitor.events if "Deleted" in line and "table local" not in line]
        assert len(deleted) == 3, deleted
    ours.stop()
    assert not ours.host.has("10.9.0.1") and not has_rule(ours.host, 501)
    assert not has_route(ours.host, "10.25.0.0/16") and not has_route(ours.host, "10.23.0.0/16")


@pytest.mark.agent_only
def test_unreachable_gateway(network, alone):
    """It is said which route and why; the router is Active all the same, and sets it as soon as it can."""
    capture = network.capture()
    extra = ("virtual_routes {", "    10.30.0.0/16 via 203.0.113.1", "    10.31.0.0/16 dev eth0", "}")
    alone.start(configuration([SOME.but(extra=extra)]))
    wait_for(lambda: has_route(alone.host, "10.31.0.0/16"), 10, "the route that can be set")
    wait_for(lambda: "10.30.0.0/16 via 203.0.113.1: Network is unreachable" in alone.log(), 5, "the error")
    capture.wait_advert(5, host="ours", vrid=71)
    assert alone.show()["routers"][0]["state"] == "active"
    alone.host.ip("addr", "add", "203.0.113.2/24", "dev", "eth0")
    wait_for(lambda: has_route(alone.host, "10.30.0.0/16"), 5, "the route when its gateway is there")
    there = "notice core: one: a route that could not be set is there now: 10.30.0.0/16 via 203.0.113.1\n"
    wait_for(lambda: there in alone.log(), 5, lambda: f"{there} in {alone.log()}")
    assert alone.log().count("10.30.0.0/16") == 2 and "10.31.0.0/16" not in alone.log()


@pytest.mark.agent_only
def test_a_link_that_goes_is_no_failed_route(alone):
    """Its routes go a moment before the router knows; that is no error. One that somebody makes impossible is."""
    extra = ("virtual_routes {", "    10.30.0.0/16 via 203.0.113.1 dev eth0", "}")
    alone.host.ip("addr", "add", "203.0.113.2/24", "dev", "eth0")
    alone.start(configuration([SOME.but(extra=extra)]))
    for times in range(1, 4):
        wait_for(lambda: has_route(alone.host, "10.30.0.0/16"), 10, "the route")
        alone.host.ip("link", "set", "eth0", "down")
        wait_for(lambda n=times: alone.log().count("active -> fault") == n, 10, "the fault")
        alone.host.ip("link", "set", "eth0", "up")
    wait_for(lambda: has_route(alone.host, "10.30.0.0/16"), 10, "the route")
    assert "could not be set" not in alone.log(), alone.log()
    alone.host.ip("addr", "del", "203.0.113.2/24", "dev", "eth0")
    wait_for(lambda: "10.30.0.0/16 via 203.0.113.1 dev eth0: Network is unreachable" in alone.log(), 10, alone.log)
    alone.host.ip("addr", "add", "203.0.113.2/24", "dev", "eth0")
    wait_for(lambda: has_route(alone.host, "10.30.0.0/16"), 10, "the route")
    wait_for(lambda: "a route that could not be set is there now: 10.30.0.0/16" in alone.log(), 5, alone.log)


@pytest.mark.agent_only
def test_source_that_is_not_there(alone):
    """Of a route whose src no interface has it is said so, once; it is set when the address comes.

    A mistake of another kind, of which the kernel says the same, keeps the kernel's word.
    """
    absent = ("10.30.0.0/16 dev eth0 src 203.0.113.9", "2001:db8:30::/48 dev eth0 src 2001:db8:9::9")
    other = "10.31.0.0/16 via 198.51.100.2 dev eth0 src 198.51.100.1 scope host"
    extra = ("virtual_routes {", *absent, other, "10.32.0.0/16 dev eth0 src 198.51.100.1", "}")
    static = "10.33.0.0/16 dev eth0 src 203.0.113.9"
    alone.start(configuration([SOME.but(extra=extra)], other=f"static_routes {{\n    {static}\n}}\n"))
    wait_for(lambda: has_route(alone.host, "10.32.0.0/16"), 10, "the route whose src is there")
    why = "its src must be an address of this host, and is none now: add that address, or change the src"
    for who, route in (("one", absent[0]), ("one", absent[1]), ("static", static)):
        said = f"{who}: a route could not be set, and is tried again every second: {route}: {why}"
        wait_for(lambda line=said: line in alone.log(), 5, lambda line=said: f"{line} in {alone.log()}")
    wait_for(lambda: f"{other}: Invalid argument" in alone.log(), 5, alone.log)
    alone.host.ip("addr", "add", "203.0.113.9/32", "dev", "lo")
    alone.host.ip("addr", "add", "2001:db8:9::9/128", "dev", "lo", "nodad")
    for destination in ("10.30.0.0/16", "2001:db8:30::/48", "10.33.0.0/16"):
        wait_for(lambda it=destination: has_route(alone.host, it), 10, f"{destination} when its src is there")
    assert alone.log().count(why) == 3, alone.log()


def test_device_of_a_route_is_tracked(network, devices, dut_kind, peer_kind):
    """The link of a route's or a rule's interface going down is a fault of the router."""
    capture = network.capture()
    ours, theirs = devices(dut_kind, network.host("ours")), devices(peer_kind, network.host("theirs"))
    ours.host.add_interface("eth1", ["203.0.113.1/24"])
    extra = ("virtual_routes {", "    10.30.0.0/16 via 203.0.113.2 dev eth1", "}")
    pair = Pair(capture, Side(ours, SOME.but(priority=150, extra=extra)), Side(theirs, SOME.but(extra=())))
    pair.settle()
    wait_for(lambda: has_route(ours.host, "10.30.0.0/16"), 5, "the route")
    since = capture.last_time()
    ours.host.ip("link", "set", "eth1", "down")
    capture.wait_advert(10, host="theirs", vrid=71, since=since)
    wait_for(lambda: not ours.host.has("198.51.100.1"), 5, "the removal of the address")
    ours.host.ip("link", "set", "eth1", "up")
    wait_for(lambda: has_route(ours.host, "10.30.0.0/16"), 10, "the route again")


def setting(host, interface="eth0"):
    return host.run(["cat", f"/proc/sys/net/ipv4/conf/{interface}/promote_secondaries"]).stdout.strip()


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_promote_secondaries(alone, end):
    """The interface's other addresses of the subnet outlive the router's; afterwards it is as it was."""
    host = alone.host
    host.sysctl({"net/ipv4/conf/all/promote_secondaries": 0, "net/ipv4/conf/eth0/promote_secondaries": 0})
    instance = SOME.but(extra=("promote_secondaries",))
    alone.start(configuration([instance]))
    wait_for(lambda: host.has("198.51.100.1"), 10, "the address")
    assert setting(host) == "1"
    host.ip("addr", "add", "198.51.100.77/24", "dev", "eth0")
    alone.configure(configuration([instance.but(addresses=("203.0.113.1/24",))]))
    alone.reload()
    wait_for(lambda: host.has("203.0.113.1") and not host.has("198.51.100.1"), 10, "the other address")
    assert host.has("198.51.100.77")
    if end == "stop":
        alone.stop()
    else:
        alone.kill()
        alone.start(configuration([instance.but(extra=())]))
    wait_for(lambda: setting(host) == "0", 10, "the setting as it was")


@pytest.mark.agent_only
def test_kept_over_a_restart(alone):
    start_active(alone, SOME, global_lines=("vrrp_keep_on_restart",), other=STATICS)
    wait_for(lambda: has_rule(alone.host, 500), 5, "the statics")
    before = installed(alone.host)
    with RoutingMonitor(alone.host) as monitor:
        alone.process.signal(signal.SIGUSR2)
        wait_for(lambda: "going on where the former program stopped" in alone.log(), 20, "the successor")
        wait_for(lambda: '"active"' in alone.control("show", "--json", check=False).stdout, 20, "its state")
        observe(1, "what the successor might remove")
        assert not [line for _, line in monitor.events if "Deleted" in line]
    assert installed(alone.host) == before
    alone.host.ip("rule", "del", "preference", "600")
    wait_for(lambda: has_rule(alone.host, 600), 5, "the rule")
    alone.stop()
    assert gone(alone.host) and not has_rule(alone.host, 500) and not has_route(alone.host, "10.24.0.0/16")


@pytest.mark.agent_only
def test_show(alone):
    start_active(alone, SOME, other=STATICS)
    shown = alone.show()
    router = shown["routers"][0]
    assert router["addresses"] == ["198.51.100.1/24"]
    assert router["excluded_addresses"] == ["198.51.100.130/32", "2001:db8:8::1/64"]
    assert router["routes"][0] == "10.30.0.0/16 via 198.51.100.2 dev eth0 src 198.51.100.1"
    assert len(router["routes"]) == 3 and len(router["rules"]) == 2
    assert len(shown["static"]["addresses"]) == 5 and len(shown["static"]["routes"]) == 6
    assert shown["static"]["rules"][1].endswith("to 10.51.0.0/16 table 78 preference 500")
