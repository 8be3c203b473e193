# SPDX-License-Identifier: ISC
"""Interfaces that are deleted, made anew and renamed again and again, and more news from the kernel than fit."""

import os
import signal
import time

import pytest

from harness.churn import LIMIT, create, link_names, start_active, states, wait_active, wait_state
from harness.config import Instance, configuration
from harness.process import children
from harness.stalls import Stalls
from harness.wait import wait_for

pytestmark = pytest.mark.agent_only

ROUNDS = int(os.environ.get("FAULT_CHURN", "10"))
EVENTS = 10000
# Seconds from an overrun until all is as the kernel has it.
EQUAL = 1.0
OWN = ("192.0.2.1/24", "2001:db8::1/64", "fe80::1/64")
FOUR = Instance("four", 71, ("198.51.100.71/24",), interval=0.2)
SIX = Instance("six", 72, ("fe80::5e:72/64", "2001:db8:5e::72/64"), interval=0.2)
VMAC = Instance("vmac", 73, ("198.51.100.73/32",), interval=0.2, extra=(
    "use_vmac", "virtual_routes {", "    203.0.113.0/24 dev eth0", "}",
    "virtual_rules {", "    from 198.51.100.73/32 table 71 priority 7100", "}"))
ALL = (FOUR, SIX, VMAC)


def descriptors(device):
    """{process: open descriptors}."""
    found = {"vrrp-agent": device.pid, **{title.split(" -")[0]: pid for pid, title in children(device.pid).items()}}
    return {title: len(os.listdir(f"/proc/{pid}/fd")) for title, pid in found.items()}


def traces(host):
    """What a router could leave behind."""
    return (sorted(each["local"] for each in host.addresses() if not each["local"].startswith("127.")),
            sorted(link_names(host)), host.ip("rule").stdout, host.ip("-6", "rule").stdout, host.ip("route").stdout,
            host.run(["nft", "list", "tables"], check=False).stdout)


def test_interface_deleted_recreated_and_renamed(network, alone, capture):
    before = traces(alone.host)
    start_active(alone, capture, configuration(ALL), ALL)
    first = None
    for number in range(ROUNDS):
        alone.host.ip("link", "del", "eth0")
        wait_state(alone, "fault", f"without the interface, {number}")
        create(network, alone.host, OWN)
        wait_active(alone, capture, ALL, f"made anew, {number}")
        alone.host.ip("link", "set", "eth0", "name", "away")
        wait_state(alone, "fault", f"under another name, {number}")
        alone.host.ip("link", "set", "away", "name", "eth0")
        wait_active(alone, capture, ALL, f"under its name, {number}")
        first = first or descriptors(alone)
    wait_for(lambda: descriptors(alone) == first, LIMIT,
             lambda: f"no more descriptors than after the first round: {first}, {descriptors(alone)}")
    alone.stop()
    assert traces(alone.host) == before


def test_interface_deleted_and_recreated_at_once(network, alone, capture):
    """Faster than the program can follow: what it hears of is past already."""
    before = traces(alone.host)
    start_active(alone, capture, configuration(ALL), ALL)
    for number in range(ROUNDS):
        alone.host.ip("link", "del", "eth0")
        create(network, alone.host, OWN)
        alone.host.batch("link set eth0 name away\nlink set away name eth0\n")
        if number % 5 == 4:
            wait_active(alone, capture, ALL, f"round {number}")
    wait_active(alone, capture, ALL, "the end")
    alone.stop()
    assert traces(alone.host) == before


# ---- More news than fit ----


def dropped(host):
    """Messages that the kernel dropped at netlink sockets of the namespace."""
    return sum(int(line.split()[8]) for line in host.run(["cat", "/proc/net/netlink"]).stdout.splitlines()[1:])


def storm(host):
    """Addresses and names that come and go, on interfaces that are none of the program's."""
    lines = "addr add 10.9.0.1/24 dev other\naddr del 10.9.0.1/24 dev other\n" * (EVENTS // 4)
    lines += "link set other name another\nlink set another name other\n" * (EVENTS // 4)
    host.run(["ip", "-batch", "-"], input_text=lines, timeout=120)


def check_truth(host, device, capture):
    """The program believes what the kernel has: what was taken is back, what is gone is known as gone."""
    wait_for(lambda: {"198.51.100.71", "2001:db8:5e::72"} <= host.held(), LIMIT,
             lambda: f"the addresses put back:\n{host.ip('addr').stdout}\n{device.log()[-2000:]}")
    wait_for(lambda: states(device) == {"four": "active", "six": "active", "gone": "fault", "come": "active"}, LIMIT,
             lambda: f"the states: {states(device)}\n{device.log()[-2000:]}")
    wait_for(lambda: capture.adverts("ours", 71, source="192.0.2.77"), LIMIT, "advertisements from the new address")
    wait_for(lambda: host.has("203.0.113.75") and not host.has("203.0.113.74"), LIMIT,
             lambda: f"the addresses of interfaces that came and went:\n{host.ip('addr').stdout}")


def overrun(alone, stopped):
    """More news than fit, the last of which change what the routers rest on. When the program could read them."""
    host = alone.host
    host.batch("".join(f"link add {name} type bridge\naddr add {address} dev {name}\nlink set {name} up\n"
                       for name, address in (("other", "10.8.0.1/24"), ("first", "203.0.113.1/26"))))
    routers = (FOUR, SIX, Instance("gone", 74, ("203.0.113.74/26",), interface="first", interval=0.2),
               Instance("come", 75, ("203.0.113.75/26",), interface="second", interval=0.2))
    alone.start(configuration(routers))
    wait_for(lambda: host.has("203.0.113.74") and host.has("198.51.100.71") and host.has("2001:db8:5e::72"), LIMIT,
             lambda: f"the start:\n{alone.log()[-2000:]}")
    if stopped:
        alone.process.signal(signal.SIGSTOP)
    storm(host)
    host.batch("addr del 198.51.100.71/24 dev eth0\naddr del 2001:db8:5e::72/64 dev eth0\n"
               "addr del 192.0.2.1/24 dev eth0\naddr add 192.0.2.77/24 dev eth0\n"
               "link set first name second\n")
    if stopped:
        assert dropped(host) > 0, "nothing was lost: the test tests nothing"
        alone.process.signal(signal.SIGCONT)
    return time.time()


@pytest.mark.parametrize("stopped", [True, False], ids=["stopped", "running"])
def test_netlink_overrun(alone, capture, stopped):
    overrun(alone, stopped)
    check_truth(alone.host, alone, capture)
    alone.stop()
    assert not {"198.51.100.71", "2001:db8:5e::72", "203.0.113.75"} & alone.host.held()


@pytest.mark.timing
@pytest.mark.parametrize("stopped", [True, False], ids=["stopped", "running"])
def test_netlink_overrun_in_time(alone, capture, folder, ended, stopped):
    """What was taken is back, what is gone is known as gone, what is new is used."""
    stalls = ended(Stalls(folder))
    since = overrun(alone, stopped)
    wait_for(lambda: {"198.51.100.71", "2001:db8:5e::72"} <= alone.host.held(), LIMIT, "the addresses put back")
    wait_for(lambda: [states(alone)[name] for name in ("gone", "come")] in (["fault", "backup"], ["fault", "active"]),
             LIMIT, lambda: f"the states: {states(alone)}")
    took = time.time() - stalls.ready(since)
    assert took < EQUAL, f"addresses and states were the kernel's after {took:.3f} s"
    first = wait_for(lambda: capture.adverts("ours", 71, since=since, source="192.0.2.77"), LIMIT,
                     "advertisements from the new address")[0]
    took = first.time - stalls.ready(since)
    assert took < EQUAL, f"the new address was used after {took:.3f} s"
