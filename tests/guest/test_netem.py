# SPDX-License-Identifier: ISC
"""Virtual routers on a bad line: nobody does what the protocol does not ask for, whatever is lost, late or twice."""

import pytest

from harness.config import Instance
from harness.stalls import Pulse
from harness.wait import observe, wait_for

# What netem does to all that a host hears on an interface.
LINES = {
    "eth1": ("loss", "20%"),
    "eth2": ("delay", "50ms", "20ms"),
    "eth3": ("delay", "400ms", "reorder", "30%"),
    "eth4": ("duplicate", "50%"),
}
SECONDS = 15
# How late or early an advertisement may be, what the emulated processor was held up not counted.
LATE, EARLY = 0.3, 0.02

each_router = pytest.mark.parametrize("interface, first", [
    pytest.param(interface, first, id=f"{words[0]}-{first}")
    for interface, words in LINES.items() for first in ("ours", "theirs")])


@pytest.fixture(scope="module")
def world(duo):
    """Behind each interface a bad line and two routers: of one the device is the first, of the other keepalived."""
    duo.routers = {}
    for number, (interface, words) in enumerate(LINES.items(), 1):
        duo.add_interface(interface, number, f"br{number}")
        for place, (name, host) in enumerate(duo.hosts.items()):
            vrid = 10 * number + place
            duo.routers[interface, name] = duo.pair(
                Instance(f"r{vrid}", vrid, (f"198.51.100.{vrid}/24",), interface=interface), name)
            port = duo.network.port_of(host.name, interface)
            duo.network.switch_run("tc", "qdisc", "add", "dev", port, "root", "netem", *words)
    duo.heard = {name: duo.network.hearing(host) for name, host in duo.hosts.items()}
    return duo


@pytest.fixture(scope="module")
def pulse():
    made = Pulse()
    yield made
    made.close()


@pytest.fixture(scope="module")
def span(world, pulse):
    """From when to when they were watched, all of them at once."""
    for pair in world.pairs:
        pair.start()
    for pair in world.pairs:
        wait_for(lambda: len(pair.adverts(pair.active)) >= 3, 60, "the first advertisements")
    since = world.capture.last_time()
    observe(SECONDS, "what the routers make of a bad line")
    return since, world.capture.last_time()


@each_router
def test_the_first_never_pauses(world, pulse, span, interface, first):
    """It hears nobody better, whatever the line does."""
    since, until = span
    pair = world.routers[interface, first]
    times = [seen.time for seen in pair.adverts(pair.active, since) if seen.time <= until]
    assert len(times) >= 3
    for earlier, later in zip(times, [*times[1:], until]):
        assert later - earlier < pair.active.instance.interval + LATE + pulse.longest(earlier, later)


@each_router
def test_the_second_goes_by_what_it_hears(world, pulse, span, interface, first):
    """Silent for Active_Down after each better advertisement that reached it, and not for longer."""
    since, until = span
    second = world.routers[interface, first].backup
    heard = [seen.time for seen in world.heard[second.host.name].adverts(vrid=second.instance.vrid, since=since)
             if seen.priority > second.instance.priority]
    assert heard, "the line lets nothing pass"
    sent = [seen.time for seen in world.capture.adverts(second.host.name, second.instance.vrid, since=since)]
    for last, following in zip(heard, [*heard[1:], until]):
        due = last + second.active_down
        late = LATE + pulse.longest(last, due + LATE)
        early = [due - stamp for stamp in sent if last + late < stamp < min(following, due - EARLY)]
        assert not early, f"advertised {early[0]:.3f} s before its Active_Down"
        if following > due + late:
            assert any(due - EARLY <= stamp <= due + late for stamp in sent), "did not take over"


@pytest.mark.parametrize("name", ["ours", "theirs"])
def test_failover_and_return(world, name):
    """The device dies, then keepalived: the other takes over on every line, and gives back."""
    world.settle()
    world.fail_over(name)


@pytest.mark.parametrize("interface", LINES, ids=[words[0] + words[1] for words in LINES.values()])
def test_the_line_was_bad(world, interface):
    """netem did what it was asked for, else the tests above mean nothing."""
    sent = heard = 0
    delays = []
    for name in world.hosts:
        pair = world.routers[interface, name]
        stamps = [seen.time for seen in pair.adverts(pair.active)]
        reached = [seen.time for seen in world.heard[pair.backup.host.name].adverts(vrid=pair.active.instance.vrid)]
        sent += len(stamps)
        heard += len(reached)
        delays += [min((later - stamp for later in reached if later > stamp), default=0) for stamp in stamps]
    what, *amount = LINES[interface]
    if what == "loss":
        assert heard < sent
    elif what == "duplicate":
        assert heard > 1.2 * sent
    else:
        assert max(delays) > float(amount[0].removesuffix("ms")) / 1000
        assert "reorder" not in amount or min(delays) < 0.1
