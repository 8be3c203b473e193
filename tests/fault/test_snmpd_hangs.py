# SPDX-License-Identifier: ISC
"""An snmpd that is stopped, killed or mute costs no advertisement and delays none by 10 ms."""

import os
import signal
import socket
import threading

import pytest

from harness.snmp import Manager, Snmpd, row, OPERATIONS
from harness.stalls import Stalls
from harness.wait import observe

from load import INTERVAL, STEADY, Load, now

pytestmark = pytest.mark.timing

SECONDS = float(os.environ.get("FAULT_SECONDS", "20"))
LATE = 0.010


class MuteMaster:
    """Accepts AgentX connections, reads nothing and never answers."""

    def __init__(self, path):
        self.connections = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(path)
        self._socket.listen(5)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self):
        while True:
            try:
                self.connections.append(self._socket.accept()[0])
            except OSError:
                return

    def close(self):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for connection in self.connections:
            connection.close()


def _load(network, devices, dut_kind, peer_kind, stalls, agentx=None):
    ours = devices(dut_kind, network.hosts.get("ours") or network.host("ours"), agentx=agentx)
    theirs = devices(peer_kind, network.host("theirs"))
    tester = network.host("tester", addresses=())
    tester.sysctl({"net/ipv6/conf/all/disable_ipv6": 1})
    return Load(network.capture(), ours, theirs, tester, stalls)


def _hold_up(device, seconds, why):
    device.process.signal(signal.SIGSTOP)
    observe(seconds, why)
    device.process.signal(signal.SIGCONT)


def test_a_program_that_is_held_up_is_found_out(network, devices, dut_kind, peer_kind, folder, ended):
    """However noisy the machine is: the checks of the next test fail for a program that misses its time."""
    load = _load(network, devices, dut_kind, peer_kind, ended(Stalls(folder)))
    load.start()
    load.start_flapping()
    since = now()
    for _ in range(15):
        _hold_up(load.ours, 0.03, "advertisements that come late")
        observe(0.3, "the program in between")
    load.stop_flapping()
    died = now()
    load.ours.process.signal(signal.SIGSTOP)  # before the kill, which takes its time
    load.theirs.kill()
    observe(5 * INTERVAL, "all takeovers missed")
    load.ours.process.signal(signal.SIGCONT)
    observe(1, "the takeovers")
    until = now()
    load.capture.wait_past(until)
    with pytest.raises(AssertionError, match="ms late"):
        load.check_steady(since, died, LATE)
    with pytest.raises(AssertionError, match="ms late"):
        load.check_flaps(since, until, LATE)
    with pytest.raises(AssertionError, match="ms late"):
        load.check_takeover(died, LATE)


@pytest.mark.parametrize("fault", ["healthy", "stopped", "killed", "mute"])
def test_no_advertisement_is_missed(network, devices, dut_kind, peer_kind, folder, ended, need, fault):
    """`healthy` is the control: the load alone, so that a machine that is too slow is not taken for a fault."""
    need("snmpd", "snmpget")
    half = SECONDS / (4 if fault == "healthy" else 2)
    snmpd = ended(Snmpd(network.host("ours"), folder))
    mute = None
    if fault == "mute":
        mute = ended(MuteMaster(snmpd.socket))
    else:
        snmpd.start()
    load = _load(network, devices, dut_kind, peer_kind, ended(Stalls(folder)), snmpd.socket)
    load.start()
    if fault != "mute":
        Manager(snmpd.host).wait_served(f"{OPERATIONS}.6.{row(snmpd.host, STEADY[-1])}")
    load.start_flapping()
    load.start_walking(Manager(snmpd.host))
    since = now()
    if fault == "stopped":
        snmpd.pause()
    elif fault == "killed":
        snmpd.kill()
    observe(half, f"the first half of the time in which snmpd is {fault}")
    died = now()
    load.theirs.kill()
    observe(half, f"the second half of the time in which snmpd is {fault}")
    until = now()
    if fault == "stopped":
        snmpd.resume()
    load.stop_flapping()
    assert mute is None or mute.connections, "the device never connected to the mute master"
    assert load.walks or fault in ("killed", "mute"), "nobody walked"
    load.capture.wait_past(until)
    load.check_steady(since, until, LATE)
    load.check_takeover(died, LATE)
    load.check_flaps(since, until, LATE)
