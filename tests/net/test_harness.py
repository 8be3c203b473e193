# SPDX-License-Identifier: ISC
"""The harness itself: what the other tests trust."""

import os
import signal
import sys
import textwrap
import time

import pytest

from harness import namespace
from harness.config import Instance, configuration
from harness.frame import Advert
from harness.notify import NotifySocket
from harness.pair import Pair, Side
from harness.process import Process, run
from harness.rhythm import Lateness
from harness.snmp import Manager, Snmpd
from harness.stalls import Stalls
from harness.tshark import assert_clean, decode_adverts
from harness.wait import Timeout, observe, wait_for

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def sample(family, **changes):
    source, addresses = (("192.0.2.1", ("198.51.100.1",)) if family == 4
                         else ("fe80::1", ("fe80::5e:1", "2001:db8::5e")))
    return Advert(vrid=9, source=source, addresses=addresses).but(**changes)


def test_capture_sees_each_frame_once_and_from_whom(network):
    one, other = network.host("one", addresses=()), network.host("other", addresses=())
    capture = network.capture()
    for number in range(1, 51):
        (one if number % 2 else other).send(sample(4, vrid=number).frames())
    wait_for(lambda: len(capture.adverts()) >= 50, 5, "fifty frames")
    assert [(seen.vrid, seen.host) for seen in capture.adverts()] == [
        (number, "one" if number % 2 else "other") for number in range(1, 51)]
    stamps = [seen.time for seen in capture.adverts()]
    assert stamps == sorted(stamps)


@pytest.mark.parametrize("family, changes, form", [
    (4, {}, "pseudo"), (4, {"checksum": "message"}, "message"), (6, {}, "pseudo"),
    (4, {"version": 2, "interval": 1}, "message"), (4, {"checksum": "bad"}, "wrong"),
    (6, {"checksum": "bad"}, "wrong"), (4, {"version": 2, "interval": 1, "checksum": "bad"}, "wrong"),
])
def test_frames_agree_with_tshark(network, tmp_path, need, family, changes, form):
    """What is sent as right is right for an independent decoder, and what is sent as wrong is wrong."""
    need("tshark")
    capture = network.capture()
    network.host("one", addresses=()).send(sample(family, **changes).frames())
    assert capture.wait_advert(5, host="one").checksum_form == form
    decoded = decode_adverts(capture, tmp_path, message_checksum=form == "message" and family == 4)
    assert [(each["vrrp.virt_rtr_id"], each["vrrp.prio"]) for each in decoded] == [("9", "200")]
    if form == "wrong":
        with pytest.raises(AssertionError):
            assert_clean(decoded)
    else:
        assert_clean(decoded)


def test_wire_without_the_switch(network):
    one, other = network.host("one"), network.host("other")
    network.wire(one, other, "eth1")
    capture = network.capture()
    one.send(sample(4, vrid=1).frames(), interface="eth1")
    one.send(sample(4, vrid=2).frames())
    capture.wait_advert(5, host="one", vrid=2)
    assert not capture.adverts(vrid=1)


def test_pair_measures_a_late_takeover(network, devices, peer_kind):
    """A Backup whose interval is longer than believed is told from one that is on time."""
    instance = Instance("one", 41, ("198.51.100.1/24",), interval=0.2)
    pair = Pair(network.capture(), Side(devices(peer_kind, network.host("one")), instance.but(priority=150)),
                Side(devices(peer_kind, network.host("other")), instance))
    pair.settle()
    pair.backup.instance = instance.but(interval=0.1)
    since = pair.capture.last_time()
    pair.active.device.kill()
    excess, _ = pair.takeover_excess(since)
    assert excess > 0.3


def test_set_reports_the_error_by_name(network, folder, ended, need):
    need("snmpd", "snmpset")
    host = network.host("one")
    ended(Snmpd(host, folder)).start()
    manager = Manager(host)
    contact = ".1.3.6.1.2.1.1.4.0"
    manager.wait_served(contact)
    assert manager.set(contact, "s", "somebody") == ""
    assert manager.set(contact, "i", "1") == "wrongType"
    assert manager.set(".1.3.6.1.2.1.1.3.0", "t", "1") == "notWritable"


def test_notify_socket_keeps_what_was_said(folder, ended):
    receiver = ended(NotifySocket(folder))
    run(["systemd-notify", "--ready", "--status=all well"], env=receiver.environment)
    receiver.wait("READY", "1")
    assert receiver.values("STATUS") == ["all well"]


def test_observe_ends_with_what_is_forbidden():
    with pytest.raises(AssertionError, match="a reason"):
        observe(5, "a reason", lambda: True)
    with pytest.raises(Timeout, match="something"):
        wait_for(lambda: False, 0.05, "something")


VICTIM = """
    import os, sys, time
    sys.path.insert(0, {tests!r})
    import conftest
    from harness import namespace, process

    class Config:
        option = pluginmanager = None
        addinivalue_line = staticmethod(lambda *words: None)
    Config.pluginmanager = type("Manager", (), {{"hasplugin": staticmethod(lambda name: False)}})
    conftest.pytest_configure(Config)
    network = namespace.Network()
    host = network.host("one")
    process.Process(["sleep", "600"], {log!r}, host.namespace)
    print(host.namespace, flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_nothing_is_left_of_a_run_that_ends_badly(tmp_path, ended, number):
    """After SIGTERM the run itself removes everything; after SIGKILL the next one does."""
    code = textwrap.dedent(VICTIM.format(tests=TESTS, log=str(tmp_path / "log")))
    victim = ended(Process([sys.executable, "-c", code], tmp_path / "output"))
    name = wait_for(lambda: victim.log().strip(), 20, "the namespace of the victim")
    assert name.startswith(f"va{victim.pid}x")
    inside = wait_for(lambda: run(["ip", "netns", "pids", name]).stdout.split(), 5, "its process")
    victim.signal(number)
    victim.wait_exit(20)
    if number == signal.SIGKILL:
        namespace.sweep()
    assert not [each for each in os.listdir("/run/netns") if each.startswith(f"va{victim.pid}x")]
    wait_for(lambda: not os.path.exists(f"/proc/{inside[0]}"), 5, "the end of the process inside")


def test_configuration_text_is_read_by_keepalived(network, devices, peer_kind):
    device = devices(peer_kind, network.host("one"))
    device.configure(configuration([Instance("one", 1, ("198.51.100.1/24",))]))
    assert device.check() == (0, "")


class Slow:
    """A machine that did nothing between 10.00 and 10.02."""

    @staticmethod
    def ready(moment):
        return 10.02 if 10 <= moment < 10.02 else moment


@pytest.mark.parametrize("times, fails", [
    ([0.005] * 200, False),
    ([0.005] * 198 + [0.015] * 2, False),
    ([0.005] * 197 + [0.015] * 3, True),
    ([0.005] * 199 + [0.2], True),
    ([0.015], False),
    ([0.015] * 2, True),
], ids=["all-in-time", "1-percent-late", "more-late", "one-missed", "one-of-few", "all-of-few"])
def test_lateness_is_judged_by_all_of_them(times, fails):
    def judge():
        lateness = Lateness(0.01, 0.1)
        for late in times:
            lateness.came("it", 5.0, 5.0 + late)
        lateness.judge()

    if fails:
        with pytest.raises(AssertionError, match="ms late"):
            judge()
    else:
        judge()


def test_what_the_machine_did_not_do_is_no_lateness():
    lateness = Lateness(0.01, 0.1, Slow)
    for _ in range(2):
        lateness.came("due while it stood still", 10.001, 10.029)
    lateness.judge()
    for _ in range(2):
        lateness.came("later than that explains", 10.001, 10.031)
    with pytest.raises(AssertionError, match="later than that explains.* 30.0 ms late, 19.0 ms of them the machine"):
        lateness.judge()


def test_probes_see_no_more_than_there_is(folder, ended):
    """A moment that was on time is ready at once; a long past one, before the probes began, too."""
    stalls = ended(Stalls(folder))
    assert stalls.ready(0.0) == 0.0
    moment = time.time()
    assert moment <= stalls.ready(moment) <= time.time()
