# SPDX-License-Identifier: ISC
"""The applier in a real network namespace, with the tests in the engine's place."""

import signal
import subprocess
import time

import pytest

from applier_lab import router
from harness.monitor import AddressMonitor
from harness.wait import observe, wait_for

pytestmark = pytest.mark.agent_only

JOURNAL = "applied.journal"
MANY = 2000


def entry(host, address):
    return next((each for each in host.addresses() if each["local"] == address), None)


def gone(host, address, timeout=5):
    wait_for(lambda: not host.has(address), timeout, f"{address} gone")


def there(host, address, timeout=5):
    return wait_for(lambda: entry(host, address), timeout, f"{address} on {host.name}")


def accept_local(host, interface="eth0"):
    words = host.run(["sysctl", "-n", f"net.ipv4.conf.{interface}.accept_local"]).stdout
    return int(words)


def groups(host, interface="eth0"):
    return host.ip("maddr", "show", "dev", interface).stdout.split()


def journal(folder):
    """The records that hold."""
    path = folder / JOURNAL
    held = set()
    for line in path.read_text().splitlines()[1:] if path.exists() else []:
        (held.add if line[0] == "+" else held.discard)(line[1:])
    return held


def test_addresses_are_set_as_configured(host, appliers):
    applier = appliers(host)
    applier.tell(router(0, ["192.0.2.100/24", "192.0.2.101/32,scope=253", "10.9.0.1/24,brd=10.9.0.255,label=eth0:v"]),
                 router(1, ["fe80::99/128", "2001:db8::99/64"], family=6), "image whole")
    results = applier.own(0, 1, True)
    assert [results[slot]["error"] for slot in (0, 1)] == [0, 0]
    four, host_address, labelled = (entry(host, each) for each in ("192.0.2.100", "192.0.2.101", "10.9.0.1"))
    assert (four["prefixlen"], four["scope"], four.get("broadcast")) == (24, "global", None)
    assert (host_address["prefixlen"], host_address["scope"]) == (32, "link")
    assert (labelled["broadcast"], labelled["label"]) == ("10.9.0.255", "eth0:v")
    link_local, six = there(host, "fe80::99"), there(host, "2001:db8::99")
    assert link_local["nodad"] and link_local["deprecated"] and link_local["prefixlen"] == 128
    assert six["nodad"] and "deprecated" not in six and six["prefixlen"] == 64
    assert not link_local.get("tentative") and not six.get("tentative")
    applier.own(0, 1, False)
    left = sorted(each["local"] for each in host.addresses("eth0"))
    assert left == ["192.0.2.1", "2001:db8::1", "fe80::1"]


def test_2000_addresses_in_one_wish(host, appliers, tmp_path):
    addresses = [f"10.{20 + number // 250}.0.{number % 250 + 1}" for number in range(MANY)]
    applier = appliers(host)
    applier.tell(*(router(slot, [f"{address}/32"]) for slot, address in enumerate(addresses)), "image whole")
    results = applier.own(0, MANY - 1, True)
    times = sorted(line["ms"] for line in results.values())
    print(f"{MANY} addresses: first result after {times[0]:.1f} ms, last after {times[-1]:.1f} ms")
    assert all(line["error"] == 0 for line in results.values())
    assert {each["local"] for each in host.addresses("eth0", 4)} >= set(addresses)
    assert len(journal(tmp_path)) == MANY + 1
    results = applier.own(0, MANY - 1, False)
    print(f"given up after {max(line['ms'] for line in results.values()):.1f} ms")
    assert [each["local"] for each in host.addresses("eth0", 4)] == ["192.0.2.1"]
    applier.stop()
    assert not (tmp_path / JOURNAL).exists()


@pytest.mark.timing
@pytest.mark.parametrize("address, family", [("192.0.2.100/24", 4), ("2001:db8::99/64", 6)])
def test_a_removed_address_is_put_back(network, host, appliers, address, family):
    plain = address.split("/", maxsplit=1)[0]
    applier = appliers(host)
    capture = network.capture()
    applier.tell(router(0, [address], family=family, repeat=1), "image whole")
    applier.own(0, 0, True)
    wait_for(lambda: announcements(capture, plain), 5, "the first announcement")
    took = []
    with AddressMonitor(host) as monitor:
        for count in (1, 2, 3):
            host.ip("addr", "del", address, "dev", "eth0")
            removed = monitor.wait("del", plain, count)
            took.append(monitor.wait("new", plain, count) - removed)
            applier.wait("a result", lambda line, count=count: line.get("restored") == count and line["owned"])
            wait_for(lambda count=count: len(announcements(capture, plain)) == 1 + count, 5, "announced again")
    print("put back after " + ", ".join(f"{each * 1000:.1f} ms" for each in took))
    assert sorted(took)[1] < 0.1, "the ordinary one of three"


def announcements(capture, address):
    return [seen for seen in capture.frames()
            if (seen.kind == "arp" and seen.sender == seen.target == address)
            or (seen.kind == "na" and seen.target == address)]


def test_an_address_that_was_there_is_not_ours(network, host, appliers, tmp_path):
    applier = appliers(host)
    capture = network.capture()
    host.ip("addr", "add", "192.0.2.50/25", "dev", "eth0")
    applier.tell(router(0, ["192.0.2.50/24", "192.0.2.1/24"], repeat=1), "image whole")
    assert applier.own(0, 0, True)[0]["error"] == 0
    wait_for(lambda: announcements(capture, "192.0.2.50") and announcements(capture, "192.0.2.1"), 5, "announced")
    assert entry(host, "192.0.2.50")["prefixlen"] == 25
    assert not [line for line in journal(tmp_path) if "192.0.2" in line]
    applier.own(0, 0, False)
    applier.own(0, 0, True)
    assert host.has("192.0.2.50") and host.has("192.0.2.1")
    # When its owner takes it away, the router still needs it: ours from then on.
    host.ip("addr", "del", "192.0.2.50/25", "dev", "eth0")
    wait_for(lambda: (entry(host, "192.0.2.50") or {}).get("prefixlen") == 24, 5, "set by us")
    applier.own(0, 0, False)
    assert not host.has("192.0.2.50") and host.has("192.0.2.1")


def test_an_address_set_again_by_somebody_else_is_theirs(host, appliers):
    applier = appliers(host)
    applier.tell(router(0, ["192.0.2.100/24"]), "image whole")
    applier.own(0, 0, True)
    applier.signal(signal.SIGSTOP)
    host.ip("addr", "del", "192.0.2.100/24", "dev", "eth0")
    host.ip("addr", "add", "192.0.2.100/24", "dev", "eth0")
    applier.signal(signal.SIGCONT)
    host.ip("addr", "add", "192.0.2.77/24", "dev", "eth0")
    applier.own(0, 0, True)
    applier.own(0, 0, False)
    assert host.has("192.0.2.100")


def test_what_a_crash_left_is_gone_after_the_next_start(host, appliers, tmp_path):
    first = appliers(host)
    first.tell(router(0, ["192.0.2.100/24", "192.0.2.1/24"]), router(1, ["fe80::99/128"], family=6),
               router(2, ["192.0.2.101/24"]), "image whole")
    first.own(0, 2, True)
    there(host, "fe80::99")
    assert accept_local(host) == 1
    first.kill()
    assert host.has("192.0.2.100") and accept_local(host) == 1
    # Since then, 101 was taken over by somebody else.
    host.ip("addr", "del", "192.0.2.101/24", "dev", "eth0")
    host.ip("addr", "add", "192.0.2.101/24", "dev", "eth0")
    second = appliers(host)
    assert not host.has("192.0.2.100") and not host.has("fe80::99")
    assert host.has("192.0.2.1") and host.has("fe80::1") and host.has("192.0.2.101")
    assert accept_local(host) == 0
    assert journal(tmp_path) == set()
    second.tell(router(0, ["192.0.2.100/24"]), "image whole")
    assert second.own(0, 0, True)[0]["error"] == 0
    assert host.has("192.0.2.100")


def test_what_a_crash_left_on_a_link_that_was_renamed_since(host, appliers, tmp_path):
    first = appliers(host)
    first.tell(router(0, ["192.0.2.100/24"]), "image whole")
    first.own(0, 0, True)
    first.kill()
    host.ip("link", "set", "eth0", "name", "lan0")
    assert host.has("192.0.2.100") and accept_local(host, "lan0") == 1
    appliers(host)
    assert not host.has("192.0.2.100") and accept_local(host, "lan0") == 0
    assert journal(tmp_path) == set()


def test_another_link_with_the_index_of_one_that_is_gone_is_left_alone(host, appliers, tmp_path):
    host.ip("link", "add", "dum0", "up", "type", "bridge")
    first = appliers(host)
    first.tell(router(0, ["192.0.2.100/24"], interface="dum0"), "image whole")
    first.own(0, 0, True)
    first.kill()
    index = host.index("dum0")
    host.ip("link", "del", "dum0")
    host.ip("link", "add", "other0", "index", str(index), "up", "type", "bridge")
    host.sysctl({"net/ipv4/conf/other0/accept_local": 2})
    appliers(host)
    assert journal(tmp_path) == set() and accept_local(host, "other0") == 2


@pytest.mark.parametrize("results", [1, 500, 1000, 1500])
def test_crash_in_the_middle_of_a_takeover(host, appliers, results):
    """An address is in the journal before it is set: none is left, whenever the crash comes."""
    addresses = [f"10.{20 + number // 250}.0.{number % 250 + 1}" for number in range(MANY)]
    first = appliers(host)
    first.tell(*(router(slot, [f"{address}/32"]) for slot, address in enumerate(addresses)), "image whole",
               f"own 0 {MANY - 1} 1", "go")
    wait_for(lambda: len(first.said) > results, 10, "some results", poll=0)
    first.kill()
    assert len(host.addresses("eth0", 4)) > results / 2
    appliers(host)
    assert [each["local"] for each in host.addresses("eth0", 4)] == ["192.0.2.1"]


def test_stop_leaves_what_is_still_wished_and_does_what_was_wished_last(host, appliers, tmp_path):
    applier = appliers(host)
    applier.tell(router(0, ["192.0.2.100/24"]), router(1, ["192.0.2.101/24"]), "image whole")
    applier.own(0, 1, True)
    applier.tell("own 1 1 0", "stop")
    applier.stop()
    assert host.has("192.0.2.100") and not host.has("192.0.2.101")
    assert accept_local(host) == 0
    assert [line.split()[-1] for line in journal(tmp_path)] == ["192.0.2.100/24"]


def test_interface_down_and_up(network, host, appliers):
    applier = appliers(host)
    capture = network.capture()
    applier.tell(router(0, ["192.0.2.100/24"], repeat=1), router(1, ["fe80::99/128", "2001:db8::99/64"], family=6),
                 "image whole")
    applier.own(0, 1, True)
    there(host, "2001:db8::99")
    host.ip("link", "set", "eth0", "down")
    row = applier.wait_interface("eth0", lambda row: not row["up"])
    assert row["flaps"] == 1
    result = applier.wait("IPv6 lost", lambda line: line.get("slot") == 1 and line["error"])
    assert result["error"] == -100  # ENETDOWN
    since = len(applier.said)
    host.ip("link", "set", "eth0", "up")
    applier.wait("IPv6 back", lambda line: line.get("slot") == 1 and not line["error"], since)
    there(host, "fe80::99")
    there(host, "2001:db8::99")
    assert host.has("192.0.2.100")
    assert applier.wait_interface("eth0", lambda row: row["up"])["flaps"] == 1
    assert all(line["restored"] == 0 for line in applier.results())
    assert announcements(capture, "192.0.2.100")


def test_interface_deleted_and_made_again(host, appliers, tmp_path):
    host.ip("link", "add", "dum0", "type", "bridge")
    host.ip("link", "set", "dum0", "up")
    applier = appliers(host)
    applier.tell(router(0, ["10.7.0.1/24"], "dum0"), router(1, ["fd00:7::1/64"], "dum0", 6), "image whole")
    applier.own(0, 1, True)
    index = applier.wait_interface("dum0", lambda row: row["index"])["index"]
    since = len(applier.said)
    host.ip("link", "del", "dum0")
    for slot in (0, 1):
        applier.wait("no device", lambda line, slot=slot: line.get("slot") == slot and line["error"] == -19, since)
    applier.wait_interface("dum0", lambda row: row["index"] == 0)
    wait_for(lambda: journal(tmp_path) == set(), 5, lambda: f"nothing owned, not {journal(tmp_path)}")
    since = len(applier.said)
    host.ip("link", "add", "dum0", "type", "bridge")
    host.ip("link", "set", "dum0", "up")
    for slot in (0, 1):
        applier.wait("set", lambda line, slot=slot: line.get("slot") == slot and not line["error"], since)
    there(host, "10.7.0.1")
    there(host, "fd00:7::1")
    assert applier.wait_interface("dum0", lambda row: row["index"])["index"] != index
    wait_for(lambda: accept_local(host, "dum0") == 1 and "224.0.0.18" in groups(host, "dum0"), 5, "groups joined again")
    assert "ff02::12" in groups(host, "dum0")
    assert all(line["restored"] == 0 for line in applier.results())


def test_renamed_interface_loses_the_addresses_and_the_new_bearer_gets_them(host, appliers):
    host.ip("link", "add", "dum0", "type", "bridge")
    host.ip("link", "set", "dum0", "up")
    applier = appliers(host)
    applier.tell(router(0, ["10.7.0.1/24"], "dum0"), "image whole")
    applier.own(0, 0, True)
    host.ip("link", "set", "dum0", "name", "dum1")
    gone(host, "10.7.0.1")
    wait_for(lambda: accept_local(host, "dum1") == 0 and "224.0.0.18" not in groups(host, "dum1"), 5, "undone")
    host.ip("link", "set", "dum1", "name", "dum0")
    assert there(host, "10.7.0.1")["dev"] == "dum0"


def test_address_that_moves_to_another_router_stays(host, appliers):
    applier = appliers(host)
    applier.tell(router(0, ["192.0.2.100/24"]), router(1, ["192.0.2.101/24"]), "image whole")
    applier.own(0, 1, True)
    with AddressMonitor(host) as monitor:
        # VRIDs swapped, then one router removed whose address another one has.
        applier.tell(router(0, ["192.0.2.101/24"]), router(1, ["192.0.2.100/24"]), "image delta")
        applier.own(0, 1, True)
        applier.tell(router(1, ["192.0.2.100/24", "192.0.2.101/24"]), "remove 0", "own 0 0 0", "image delta")
        applier.own(1, 1, True)
        assert host.has("192.0.2.100") and host.has("192.0.2.101")
        assert [event for event in monitor.events if event[1] == "del"] == []


def test_a_shared_address_is_as_who_wants_it_has_it(host, appliers):
    applier = appliers(host)
    applier.tell(router(0, ["192.0.2.100/24"]), router(1, ["192.0.2.100/32"]), "image whole")
    applier.own(0, 0, True)
    assert entry(host, "192.0.2.100")["prefixlen"] == 24
    with AddressMonitor(host) as monitor:
        applier.own(1, 1, True)
        assert monitor.events == []
    applier.own(0, 0, False)
    wait_for(lambda: (entry(host, "192.0.2.100") or {}).get("prefixlen") == 32, 5, "the other's prefix length")
    applier.own(1, 1, False)
    gone(host, "192.0.2.100")


def test_image_changes_what_is_owned(host, appliers):
    applier = appliers(host)
    applier.tell(router(0, ["192.0.2.100/24", "192.0.2.101/24"]), router(1, ["192.0.2.110/24"]), "image whole")
    applier.own(0, 1, True)
    applier.tell(router(0, ["192.0.2.100/32", "192.0.2.102/24"]), "image delta", "go")
    there(host, "192.0.2.102")
    wait_for(lambda: (entry(host, "192.0.2.100") or {}).get("prefixlen") == 32, 5, "the new prefix length")
    gone(host, "192.0.2.101")
    assert host.has("192.0.2.110")
    # A slot that goes gives its addresses up; a router that comes into it later owns nothing.
    applier.tell("remove 1", "image delta", "go")
    gone(host, "192.0.2.110")
    applier.tell(router(1, ["192.0.2.110/24"]), "image delta", "go")
    applier.own(0, 0, True)
    assert not host.has("192.0.2.110")
    # A whole image takes away whatever it does not name.
    applier.tell(router(1, ["192.0.2.110/24"]), "image whole", "go")
    gone(host, "192.0.2.100")
    gone(host, "192.0.2.102")


def test_another_router_in_the_slot_owns_nothing(host, appliers):
    applier = appliers(host)
    applier.tell(router(0, ["192.0.2.100/24", "192.0.2.101/24"], vrid=1), "image whole")
    applier.own(0, 0, True)
    applier.tell("own 0 0 0", router(0, ["192.0.2.101/24", "192.0.2.102/24"], vrid=2), "image whole", "go")
    gone(host, "192.0.2.100")
    gone(host, "192.0.2.101")
    assert not host.has("192.0.2.102")
    # A wish that is made right after an image is about that image's router.
    applier.tell("remove 0", "image delta", router(0, ["192.0.2.103/24"], vrid=3), "image delta")
    assert applier.own(0, 0, True)[0]["error"] == 0
    assert host.has("192.0.2.103") and not host.has("192.0.2.102")


def test_addresses_on_another_interface_than_the_router(host, appliers):
    host.ip("link", "add", "dum0", "type", "bridge")
    applier = appliers(host)
    applier.tell(router(0, ["192.0.2.100/24", "10.7.0.1/24,dev=dum0"]), "image whole")
    assert applier.own(0, 0, True)[0]["error"] == -100  # ENETDOWN
    assert host.has("192.0.2.100") and not host.has("10.7.0.1")
    since = len(applier.said)
    host.ip("link", "set", "dum0", "up")
    applier.wait("all there", lambda line: line.get("slot") == 0 and not line["error"], since)
    assert entry(host, "10.7.0.1")["dev"] == "dum0"
    assert "224.0.0.18" not in groups(host, "dum0")


def test_failure_is_told(host, appliers):
    applier = appliers(host)
    host.sysctl({"net/ipv6/conf/eth0/disable_ipv6": 1})
    applier.tell(router(0, ["2001:db8::99/64"], family=6), router(1, ["192.0.2.100/24"]),
                 router(2, ["10.0.0.1/8"], "missing0"), "image whole")
    results = applier.own(0, 2, True)
    assert results[0]["error"] == -13 and results[1]["error"] == 0 and results[2]["error"] == -19
    assert applier.interface("missing0")["index"] == 0
    # Wanting again looks again.
    host.sysctl({"net/ipv6/conf/eth0/disable_ipv6": 0})
    assert applier.own(0, 0, True)[0]["error"] == 0
    there(host, "2001:db8::99")


def test_lost_news_are_made_up_for(host, appliers):
    host.ip("link", "add", "dum0", "type", "bridge")
    host.ip("link", "set", "dum0", "up")
    applier = appliers(host)
    applier.tell(router(0, ["192.0.2.100/24"]), router(1, ["10.7.0.1/24"], "dum0"), "track lo", "image whole")
    applier.own(0, 1, True)
    assert host.has("192.0.2.100") and host.has("10.7.0.1")
    applier.signal(signal.SIGSTOP)
    storm = "".join(f"link set lo mtu {60000 + number % 2}\n" for number in range(10000))
    host.run(["ip", "-batch", "-"], input_text=storm, timeout=60)
    host.ip("addr", "del", "192.0.2.100/24", "dev", "eth0")
    host.ip("addr", "add", "198.51.100.7/24", "dev", "eth0")
    host.ip("link", "set", "dum0", "name", "dum1")
    host.ip("addr", "flush", "dev", "eth0", "to", "192.0.2.1/32")
    assert drops(host) > 0, "nothing was lost: the test tests nothing"
    applier.signal(signal.SIGCONT)
    there(host, "192.0.2.100")
    gone(host, "10.7.0.1")
    applier.wait_interface("eth0", lambda row: row["primary4"] == "198.51.100.7")
    applier.wait_interface("dum0", lambda row: row["index"] == 0)
    applier.wait("restored", lambda line: line.get("slot") == 0 and line["restored"] == 1)


def drops(host):
    """Messages the kernel dropped at netlink sockets of the namespace."""
    return sum(int(line.split()[8]) for line in host.run(["cat", "/proc/net/netlink"]).stdout.splitlines()[1:])


def test_announcements_first_rounds_before_any_second(network, host, appliers):
    count, repeat = 300, 3
    addresses = [f"10.{20 + number // 250}.0.{number % 250 + 1}" for number in range(count)]
    applier = appliers(host)
    capture = network.capture()
    applier.tell(*(router(slot, [f"{each}/32"], repeat=repeat, delay=500) for slot, each in enumerate(addresses)),
                 "image whole")
    results = applier.own(0, count - 1, True)
    # The engine's answer to the results is the same wish.
    applier.tell(f"announce 0 {count - 1}", "go")
    wait_for(lambda: len(gratuitous(capture)) == 2 * count * repeat, 10,
             lambda: f"{2 * count * repeat} announcements, not {len(gratuitous(capture))}")
    seen = [frame.sender for frame in gratuitous(capture)]
    assert set(seen[:count]) == set(addresses)
    assert all(seen[: count * repeat].count(each) == repeat for each in addresses)
    stamps = [frame.time for frame in gratuitous(capture)]
    print(f"{count} routers: first round in {(stamps[count - 1] - stamps[0]) * 1000:.1f} ms, last result after "
          f"{max(line['ms'] for line in results.values()):.1f} ms")
    # Half of the delay: how late the first frame of all left and was seen says nothing about it.
    assert stamps[count * repeat] - stamps[0] > 0.25
    assert all(seen[count * repeat :].count(each) == repeat for each in addresses)
    observe(0.3, "nothing more is announced", lambda: len(gratuitous(capture)) > 2 * count * repeat)
    # Another wish, which answers nothing, begins anew.
    applier.tell("announce 7 7", "go")
    wait_for(lambda: len(gratuitous(capture)) == 2 * count * repeat + 2 * repeat, 5, "another burst")
    assert all(frame.sender_mac == host.mac() for frame in gratuitous(capture))


def gratuitous(capture):
    return [frame for frame in capture.arps() if frame.sender == frame.target]


def test_refresh_until_given_up(network, host, appliers):
    applier = appliers(host)
    capture = network.capture()
    applier.tell(router(0, ["192.0.2.100/24"], repeat=1, refresh=100), "image whole")
    asked = time.time()
    applier.own(0, 0, True)
    wait_for(lambda: len(gratuitous(capture)) >= 4, 10, "refreshed three times")
    # However late any of them was, none came before its time.
    assert gratuitous(capture)[3].time - asked > 0.29
    applier.own(0, 0, False)
    given_up = time.time()
    observe(0.4, "given up, and still announced",
            lambda: [frame for frame in gratuitous(capture) if frame.time > given_up])


def test_neighbour_adverts_come_from_the_link_local_address(network, host, appliers):
    applier = appliers(host)
    capture = network.capture()
    applier.tell(router(0, ["fe80::99/128", "2001:db8::99/64"], family=6, repeat=2), "image whole")
    applier.own(0, 0, True)
    wait_for(lambda: len(capture.neighbour_adverts(host="a")) == 4, 5, "two rounds of two")
    assert {seen.source for seen in capture.neighbour_adverts(host="a")} == {"fe80::1"}


def test_a_new_mac_is_announced(network, host, appliers):
    applier = appliers(host)
    capture = network.capture()
    applier.tell(router(0, ["192.0.2.100/24"], repeat=1), "image whole")
    applier.own(0, 0, True)
    wait_for(lambda: len(gratuitous(capture)) == 1, 5, "announced")
    host.ip("link", "set", "eth0", "address", "02:00:00:00:aa:bb")
    wait_for(lambda: [frame for frame in gratuitous(capture) if frame.sender_mac == "02:00:00:00:aa:bb"], 5,
             "announced with the new MAC")
    assert applier.wait_interface("eth0", lambda row: row["mac"] == "02:00:00:00:aa:bb")


def test_primary_addresses(host, appliers):
    applier = appliers(host)
    applier.tell(router(0, ["192.0.2.1/24", "192.0.2.100/32"]), router(1, ["fe80::99/128"], family=6), "image whole")
    applier.own(0, 1, True)
    # A virtual address that was there before is the interface's own.
    row = applier.wait_interface("eth0", lambda row: row["primary4"])
    assert (row["primary4"], row["primary6"]) == ("192.0.2.1", "fe80::1")
    host.ip("addr", "add", "198.51.100.7/24", "dev", "eth0")
    host.ip("addr", "del", "fe80::1/64", "dev", "eth0")
    assert applier.wait_interface("eth0", lambda row: not row["primary6"])["primary4"] == "192.0.2.1"
    applier.own(0, 0, False)
    host.ip("addr", "flush", "dev", "eth0", "to", "192.0.2.1/32")
    applier.wait_interface("eth0", lambda row: row["primary4"] == "198.51.100.7")


def test_tentative_link_local_address_is_no_source(network, appliers):
    host = network.host("b", addresses=["192.0.2.9/24"], dad=True)
    applier = appliers(host)
    applier.tell(router(0, ["fe80::99/128"], family=6), "image whole")
    applier.wait_interface("eth0", lambda row: row["primary4"] == "192.0.2.9")
    host.ip("addr", "add", "fe80::9/64", "dev", "eth0")
    assert applier.wait_interface("eth0", lambda row: row["primary6"])["primary6"] == "fe80::9"
    assert not entry(host, "fe80::9").get("tentative")


def test_groups_and_accept_local_follow_the_routers(host, appliers, tmp_path):
    applier = appliers(host)
    applier.tell(router(0, ["192.0.2.100/24"]), router(1, ["fe80::99/128"], family=6), "image whole", "go")
    wait_for(lambda: {"224.0.0.18", "ff02::12"} <= set(groups(host)) and accept_local(host) == 1, 5, "joined")
    applier.tell("remove 0", "image delta", "go")
    wait_for(lambda: "224.0.0.18" not in groups(host) and accept_local(host) == 0, 5, "left")
    assert "ff02::12" in groups(host)
    # What was on before stays on.
    host.sysctl({"net/ipv4/conf/eth0/accept_local": 1})
    applier.tell(router(0, ["192.0.2.100/24"]), "image delta", "go")
    wait_for(lambda: "224.0.0.18" in groups(host), 5, "joined")
    assert journal(tmp_path) == set()
    applier.stop()
    assert accept_local(host) == 1 and "224.0.0.18" not in groups(host)


def test_mtu_too_small_and_back(host, appliers):
    applier = appliers(host)
    applier.tell(router(0, ["192.0.2.100/24"]), router(1, ["fe80::99/128"], family=6), "image whole")
    applier.own(0, 1, True)
    there(host, "fe80::99")
    wait_for(lambda: "ff02::12" in groups(host), 5, "joined")
    host.ip("link", "set", "eth0", "mtu", "1000")
    gone(host, "fe80::99")
    host.ip("link", "set", "eth0", "mtu", "1500")
    there(host, "fe80::99")
    wait_for(lambda: "ff02::12" in groups(host), 5, "joined again")


def test_full_run_directory_costs_no_address(host, appliers, tmp_path):
    """The journal can't be written; the addresses come all the same, and the journal when it can."""
    count = 500
    addresses = [f"10.{20 + number // 250}.0.{number % 250 + 1}/32" for number in range(count)]
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", tmp_path], check=True)
    try:
        applier = appliers(host)
        applier.tell(*(router(slot, [each]) for slot, each in enumerate(addresses)), "image whole")
        results = applier.own(0, count - 1, True)
        assert all(line["error"] == 0 for line in results.values())
        assert len(host.addresses("eth0", 4)) == count + 1
        assert len(journal(tmp_path)) < count, "there was room: the test tests nothing"
        subprocess.run(["mount", "-o", "remount,size=1m", tmp_path], check=True)
        applier.own(7, 7, True)
        wait_for(lambda: len(journal(tmp_path)) == count + 1, 5, "a whole journal")
        applier.stop()
        applier.errors.close()
    finally:
        subprocess.run(["umount", "-l", tmp_path], check=True)
