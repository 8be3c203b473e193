# SPDX-License-Identifier: ISC
"""Reload as a difference: what did not change does not notice; a bad file changes nothing."""

import os

import pytest

from harness.config import Instance, configuration
from harness.rhythm import assert_rhythm
from harness.wait import observe, wait_for

INTERVAL = 0.2
LATE = 0.15
MANY = [Instance(f"i{vrid}", vrid, (f"198.51.100.{vrid}/32",), interval=INTERVAL) for vrid in range(1, 21)]


@pytest.fixture
def device(network, capture, devices, dut_kind):
    """Twenty routers, all Active."""
    made = devices(dut_kind, network.host("ours"))
    made.start(configuration(MANY))
    for instance in MANY:
        capture.wait_advert(10, host="ours", vrid=instance.vrid)
    return made


def check_unmoved(capture, device, instances, since):
    """They kept advertising in time, announced nothing again and kept their addresses."""
    for instance in instances:
        seen = capture.adverts("ours", instance.vrid, since=since)
        assert_rhythm(seen, INTERVAL, LATE, capture.last_time())
        assert {each.priority for each in seen} == {100}
    addresses = {instance.addresses[0].split("/")[0] for instance in instances}
    assert not [each for each in capture.arps("ours", since) if each.target in addresses]
    assert addresses <= {each["local"] for each in device.host.addresses()}


def settle_announcements(capture):
    """The gratuitous ARPs of the start have all been sent."""
    observe(3 * INTERVAL, "gratuitous ARPs that still belong to the start")
    return capture.last_time()


@pytest.mark.agent_only
@pytest.mark.parametrize("text, reason", [
    (configuration(MANY).replace("priority 100", "priority 300", 1), "priority"),
    (configuration(MANY).rstrip()[:-1], "vrrp_instance"),
    (configuration(MANY).replace("virtual_router_id 7", "virtual_routr_id 7", 1), "virtual_router_id"),
], ids=["value", "unclosed", "unknown-word"])
def test_bad_file_changes_nothing_and_says_why(capture, device, text, reason):
    since = settle_announcements(capture)
    logged = len(device.log())
    device.configure(text.replace("198.51.100.3/32", "198.51.100.33/32"))
    device.reload()
    wait_for(lambda: ": error: " in device.log()[logged:], 5, "the reason in the log")
    assert reason in device.log()[logged:]
    observe(5 * INTERVAL, "an effect of the bad file")
    check_unmoved(capture, device, MANY, since)
    assert not device.host.has("198.51.100.33")
    assert device.check()[0] == 2, "the same file is refused by -t for the same reason"


@pytest.mark.agent_only
def test_missing_file_changes_nothing(capture, device):
    since = settle_announcements(capture)
    logged = len(device.log())
    os.unlink(device.config_path)
    device.reload()
    wait_for(lambda: device.config_path in device.log()[logged:], 5, "the reason in the log")
    observe(5 * INTERVAL, "an effect of the missing file")
    check_unmoved(capture, device, MANY, since)


def test_one_change_is_not_noticed_by_the_others(capture, device):
    since = settle_announcements(capture)
    changed = MANY[4].but(priority=130)
    device.configure(configuration([*MANY[:4], changed, *MANY[5:]]))
    device.reload()
    capture.wait_advert(5, host="ours", vrid=changed.vrid, priority=130, since=since)
    observe(5 * INTERVAL, "an effect on the other routers")
    check_unmoved(capture, device, [*MANY[:4], *MANY[5:]], since)


def test_routers_come_and_go(capture, device):
    since = settle_announcements(capture)
    added = Instance("new", 77, ("198.51.100.77/32",), interval=INTERVAL)
    device.configure(configuration([*MANY[:-1], added]))
    device.reload()
    capture.wait_advert(10, host="ours", vrid=added.vrid, since=since)
    gone = MANY[-1]
    capture.wait_advert(5, host="ours", vrid=gone.vrid, priority=0, since=since)
    wait_for(lambda: not device.host.has(gone.addresses[0].split("/")[0]), 5, "the removal of its address")
    check_unmoved(capture, device, MANY[:-1], since)


def test_an_address_more(capture, device):
    """The new one is added and announced; the old one stays where it is."""
    since = settle_announcements(capture)
    changed = MANY[2].but(addresses=(*MANY[2].addresses, "198.51.100.103/32"))
    device.configure(configuration([*MANY[:2], changed, *MANY[3:]]))
    device.reload()
    wait_for(lambda: device.host.has("198.51.100.103"), 5, "the new address")
    wait_for(lambda: [each for each in capture.arps("ours", since) if each.target == "198.51.100.103"], 5,
             "its announcement")
    capture.wait_advert(5, host="ours", vrid=changed.vrid, count=2, since=since)
    observe(5 * INTERVAL, "an effect on the rhythm, of this router or of another")
    assert_rhythm(capture.adverts("ours", changed.vrid, since=since), INTERVAL, LATE, capture.last_time())
    check_unmoved(capture, device, [*MANY[:2], *MANY[3:]], since)


ALL_INTERVAL = 1
EVERY = [Instance(f"i{vrid}", vrid, (f"198.51.100.{vrid}/32",), interval=ALL_INTERVAL) for vrid in range(1, 256)]


@pytest.fixture
def full(network, capture, devices, dut_kind):
    """As many routers as an interface can have, all Active."""
    made = devices(dut_kind, network.host("ours"))
    made.start(configuration(EVERY))
    wait_for(lambda: all(capture.adverts("ours", each.vrid) for each in EVERY), 60, "255 Active routers")
    wait_for(lambda: made.control("show", check=False).returncode == 0, 10, "an answer to vrrpctl")
    observe(3, "gratuitous ARPs that still belong to the start")
    return made


def _transitions(device):
    return {each["name"]: each["counters"]["transitions"] for each in device.show()["routers"]}


def _check_full(capture, instances, since):
    """Not one of their advertisements is missing, and none is anything but the next in its row."""
    wait_for(lambda: all(len(capture.adverts("ours", each.vrid, since=since)) >= 3 for each in instances), 30,
             "three advertisements of each")
    for instance in instances:
        seen = capture.adverts("ours", instance.vrid, since=since)
        assert_rhythm(seen, ALL_INTERVAL, ALL_INTERVAL / 2, capture.last_time())
        assert {each.priority for each in seen} == {100}


@pytest.mark.agent_only
def test_bad_file_with_every_router(capture, full):
    before, since, logged = _transitions(full), capture.last_time(), len(full.log())
    full.configure(configuration(EVERY).replace("priority 100", "priority 300", 1))
    full.reload()
    wait_for(lambda: ": error: " in full.log()[logged:], 10, "the reason in the log")
    _check_full(capture, EVERY, since)
    assert _transitions(full) == before


@pytest.mark.agent_only
def test_good_file_with_every_router(capture, full):
    """One changes, one goes; the other 253 do not notice."""
    before, since = _transitions(full), capture.last_time()
    changed, gone = EVERY[99].but(priority=130), EVERY[199]
    others = [each for each in EVERY if each.vrid not in (changed.vrid, gone.vrid)]
    full.configure(configuration([each for each in EVERY if each is not gone]).replace(
        EVERY[99].text(), changed.text()))
    full.reload()
    capture.wait_advert(10, host="ours", vrid=changed.vrid, priority=130, since=since)
    capture.wait_advert(10, host="ours", vrid=gone.vrid, priority=0, since=since)
    _check_full(capture, others, since)
    after = _transitions(full)
    assert gone.name not in after
    assert {each.name: after[each.name] for each in others} == {each.name: before[each.name] for each in others}
