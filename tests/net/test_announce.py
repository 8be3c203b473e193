# SPDX-License-Identifier: ISC
"""Gratuitous ARP and unsolicited neighbour advertisements: how many, in which order, how fast."""

import pytest

from harness.config import Instance
from harness.frame import Advert
from harness.wait import observe, wait_for

INTERVAL = 0.02
OWNER = Instance("one", 61, ("198.51.100.1/24",), priority=255, state="MASTER")
ACTIVE = Instance("one", 62, ("198.51.100.2/24", "198.51.100.3/24"), interval=1, priority=200)


def owners(count, interface="eth0", first=1):
    return [Instance(f"{interface}-{vrid}", vrid, (f"198.51.100.{vrid}/32",), priority=255, state="MASTER",
                     interface=interface) for vrid in range(first, first + count)]


def six(count):
    return [Instance(f"six-{vrid}", vrid, (f"fe80::5e:{vrid:x}/64",), priority=255, state="MASTER")
            for vrid in range(1, count + 1)]


def text(instances, *lines, other=""):
    """Without the harness's own lines about announcements."""
    head = "global_defs {\n    router_id test\n" + "".join(f"    {line}\n" for line in lines) + "}\n"
    return head + other + "".join(instance.text() for instance in instances)


@pytest.fixture
def device(network, capture, devices, dut_kind):
    return devices(dut_kind, network.host("ours"))


def virtual(seen):
    return seen.target.startswith("198.51.100.") or seen.target.startswith("fe80::5e:")


def announced(capture, since=0.0):
    """Without the answers that the kernel of a host gives on one interface to the requests of another."""
    requests = [seen for seen in capture.arps("ours", since) if seen.raw[20:22] == b"\0\1"]
    return [seen for seen in requests + capture.neighbour_adverts("ours", since) if virtual(seen)]


def wait_count(capture, count, timeout=30, since=0.0):
    return sorted(wait_for(lambda: len(announced(capture, since)) >= count and announced(capture, since), timeout,
                           lambda: f"{count} announcements, {len(announced(capture, since))} came"),
                  key=lambda seen: seen.time)


@pytest.mark.agent_only
@pytest.mark.parametrize("pause", [(), ("vrrp_garp_interval 0.002",)], ids=["unpaced", "paced"])
def test_everybody_once_before_anybody_twice(capture, device, pause):
    """120 routers become Active at once, with three announcements each."""
    device.start(text(owners(120), "vrrp_garp_master_repeat 3", "vrrp_garp_master_delay 0", *pause))
    seen = wait_count(capture, 360)
    order = [each.target for each in seen]
    assert len(set(order[:120])) == 120, f"{120 - len(set(order[:120]))} routers waited for another's second"
    observe(0.5, "more than three for each")
    assert all(order.count(target) == 3 for target in set(order))


@pytest.mark.agent_only  # keepalived 2.2.7 leaves some of the repeats out
@pytest.mark.parametrize("instances, word", [(owners(20), "vrrp_garp_interval"), (six(20), "vrrp_gna_interval")],
                         ids=["arp", "na"])
def test_pause_between_frames(capture, device, instances, word):
    """Frames may come later than they should, but never sooner; the other family's word does not count."""
    other = "vrrp_gna_interval" if word == "vrrp_garp_interval" else "vrrp_garp_interval"
    device.start(text(instances, "vrrp_garp_master_repeat 2", "vrrp_garp_master_delay 0",
                      f"{word} {INTERVAL}", f"{other} 10"))
    times = [seen.time for seen in wait_count(capture, 40)]
    gaps = [later - earlier for earlier, later in zip(times, times[1:])]
    # One that was held up on its way makes the gap after it shorter.
    assert sorted(gaps)[len(gaps) // 4] > INTERVAL * 0.9, sorted(gaps)[:20]
    assert times[-1] - times[0] > 39 * INTERVAL * 0.95


@pytest.mark.agent_only
def test_group_shares_its_pauses(network, capture, device):
    """eth0 and eth1 together keep the group's; eth2 has the global one, which is none."""
    for number, interface in enumerate(("eth1", "eth2"), 1):
        device.host.add_interface(interface, (f"192.0.{2 + number}.1/24",))
    group = f"garp_group {{\n    garp_interval {INTERVAL}\n    interfaces {{\n        eth0\n        eth1\n    }}\n}}\n"
    instances = owners(15, "eth0", 1) + owners(15, "eth1", 21) + owners(15, "eth2", 41)
    device.start(text(instances, "vrrp_garp_master_repeat 1", "vrrp_garp_master_delay 0", other=group))
    seen = wait_count(capture, 45)
    shared = [each.time for each in seen if each.interface != "eth2"]
    free = [each.time for each in seen if each.interface == "eth2"]
    assert len(shared) == 30 and len(free) == 15
    assert shared[-1] - shared[0] > 29 * INTERVAL * 0.95
    assert free[-1] - free[0] < shared[-1] - shared[0]


@pytest.mark.parametrize("lines, extra, first, second", [
    (("vrrp_garp_master_delay 2",), (), 5, 5),
    (("vrrp_min_garp",), (), 1, 0),
    (("vrrp_min_garp", "vrrp_garp_master_repeat 3"), (), 3, 0),
    (("vrrp_garp_master_repeat 4",), ("garp_master_repeat 2", "garp_master_delay 2"), 2, 2),
], ids=["default-repeat", "min", "min-and-repeat", "instance"])
def test_bursts_at_takeover(capture, device, lines, extra, first, second):
    device.start(text([OWNER.but(extra=extra)], *lines))
    began = wait_count(capture, first)[0].time
    observe(1, "announcements beyond the first burst", lambda: len(announced(capture)) > first)
    if second:
        seen = wait_count(capture, first + second)
        assert 1.9 < seen[first].time - began < 3.5
    else:
        observe(1.5, "a second burst", lambda: len(announced(capture)) > first)


def test_refreshes(capture, device):
    device.start(text([OWNER], "vrrp_garp_master_repeat 1", "vrrp_garp_master_delay 0",
                      "vrrp_garp_master_refresh 1", "vrrp_garp_master_refresh_repeat 2"))
    times = [seen.time for seen in wait_count(capture, 7)]
    for number, refresh in enumerate((times[1:3], times[3:5], times[5:7]), 1):
        assert number - 0.2 < refresh[0] - times[0] < number + 1.5
        assert refresh[1] - refresh[0] < 0.5


def test_refreshes_follow_a_reload(capture, device):
    """They begin, and end, with what the file says, without a takeover."""
    words = ("vrrp_garp_master_repeat 1", "vrrp_garp_master_delay 0")

    def reload(*more):
        device.configure(text([OWNER], *words, *more))
        device.reload()

    device.start(text([OWNER], *words))
    wait_count(capture, 1)
    observe(1.5, "a refresh that nobody wants yet", lambda: len(announced(capture)) > 1)
    reload("vrrp_garp_master_refresh 1")
    seen = wait_count(capture, 4)
    assert all(later.time - earlier.time > 0.8 for earlier, later in zip(seen[1:], seen[2:]))
    reload()
    observe(1.5, "many more", lambda: len(announced(capture)) > 20)
    since = capture.last_time() + 1e-6
    observe(2.5, "a refresh that nobody wants any more", lambda: announced(capture, since))


@pytest.mark.parametrize("lines, extra, first, second", [
    ((), ("garp_lower_prio_repeat 3", "garp_lower_prio_delay 2"), 3, 3),
    (("vrrp_garp_lower_prio_repeat 2", "vrrp_garp_lower_prio_delay 0"), ("garp_master_repeat 4",), 2, 0),
    (("vrrp_garp_master_repeat 2", "vrrp_garp_master_delay 2"), ("garp_master_repeat 1", "garp_master_delay 1"), 2, 2),
    (("vrrp_garp_lower_prio_repeat 0",), ("garp_master_repeat 1", "garp_master_delay 0"), 0, 0),
], ids=["instance", "global", "inherited-from-globals", "none"])
def test_lower_priority_is_answered(network, capture, device, lines, extra, first, second):
    """Once heard, both addresses are announced so often, and again; what was inherited is the globals' value."""
    tester = network.host("tester", addresses=())
    device.start(text([ACTIVE.but(extra=extra)], *lines))
    capture.wait_advert(20, host="ours", vrid=ACTIVE.vrid)
    observe(6.5, "announcements that belong to the takeover")
    since = capture.last_time() + 1e-6
    frame = Advert(vrid=ACTIVE.vrid, source="192.0.2.99", interval=100, priority=100,
                   addresses=tuple(each.split("/")[0] for each in ACTIVE.addresses))
    tester.send(frame.frames())
    capture.wait_advert(5, host="ours", vrid=ACTIVE.vrid, since=since)
    if first:
        wait_count(capture, 2 * first, since=since)
    observe(1, "more than a burst", lambda: len(announced(capture, since)) > 2 * first)
    if second:
        wait_count(capture, 2 * (first + second), since=since)
    observe(1.5, "more than two bursts", lambda: len(announced(capture, since)) > 2 * (first + second))


@pytest.mark.agent_only
def test_lower_priority_again_and_again(network, capture, device):
    """Whoever sends us frames does not make us send as many: one burst a second."""
    tester = network.host("tester", addresses=())
    device.start(text([ACTIVE], "vrrp_garp_master_repeat 2", "vrrp_garp_master_delay 0"))
    capture.wait_advert(20, host="ours", vrid=ACTIVE.vrid)
    observe(1, "announcements that belong to the takeover")
    since = capture.last_time() + 1e-6
    frame = Advert(vrid=ACTIVE.vrid, source="192.0.2.99", interval=100, priority=100,
                   addresses=tuple(each.split("/")[0] for each in ACTIVE.addresses))
    for _ in range(40):
        tester.send(frame.frames())
        observe(0.05, "the time between two frames")
    observe(0.5, "what belongs to the last of them")
    times = [seen.time for seen in announced(capture, since)]
    bursts = [times[0]] + [later for earlier, later in zip(times, times[1:]) if later - earlier > 0.3]
    assert len(bursts) >= 2 and len(times) == 4 * len(bursts)
    assert all(later - earlier > 0.9 for earlier, later in zip(bursts, bursts[1:])), bursts
