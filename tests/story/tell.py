#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The demo: two routers, a client and an snmpd in network namespaces.  Run it by tests/demo."""

import atexit
import json
import os
import signal
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

# pylint: disable=wrong-import-position
from story import nodes
from harness import namespace, process
from harness.device import VrrpAgent
from harness.namespace import Network
from harness.process import Process
from harness.snmp import (ADDRESSES, NEW_MASTER, OPERATIONS, Manager, RowStatus, Snmpd, Snmptrapd, address_row,
                          row)
from harness.wait import wait_for

INTERVAL = 1.0


def skew(priority):
    """Skew_Time of version 2, in seconds."""
    return (256 - priority) / 256


def title(text):
    print(f"\n=== {text}")


def say(text):
    print(f"    {text}")


class Pinger:
    """A client that asks an address 50 times a second, all the time."""

    def __init__(self, host, address, folder):
        self.process = Process(["ping", "-D", "-n", "-i", "0.02", address],
                               os.path.join(folder, f"ping-{address}"), host.namespace)

    def replies(self):
        stamps = [line.split("]")[0][1:] for line in self.process.log().splitlines() if "bytes from" in line]
        return [float(stamp) for stamp in stamps]

    def longest_gap(self, since):
        """The longest time without an answer that began after `since` (wall clock)."""
        times = [stamp for stamp in self.replies() if stamp >= since - 0.1]
        return max((b - a for a, b in zip(times, times[1:])), default=float("inf"))

    def wait_answer(self, since, timeout):
        wait_for(lambda: self.replies() and self.replies()[-1] > since, timeout, "an answer to the client")


class Story:
    """Two nodes, numbered 1 and 2, and a client."""

    def __init__(self, network, folder):
        self.folder = folder
        self.client = network.host("client", ["10.0.1.10/16"], "enp1s0")
        self.hosts = {1: network.host("node-01", ["10.0.42.145/16"], "enp1s0"),
                      2: network.host("node-02", ["10.0.40.112/16"], "enp1s0")}
        self.agents = {}
        self.pingers = {}

    def agent(self, number, agentx=None):
        self.agents[number] = VrrpAgent(self.hosts[number], self.folder, f"node-0{number}", agentx)
        return self.agents[number]

    def state(self, number, name):
        """Of a virtual router on a node; "" while the agent does not answer yet."""
        shown = self.agents[number].control("show", "--json", check=False)
        if shown.returncode != 0:
            return ""
        routers = {router["name"]: router for router in json.loads(shown.stdout)["routers"]}
        return routers[name]["state"]

    def wait_state(self, number, name, state, timeout=15):
        wait_for(lambda: self.state(number, name) == state, timeout, f"{name} {state} on node-0{number}", poll=0.02)

    def reachable(self, address):
        return self.client.run(["ping", "-c", "1", "-W", "1", address], check=False).returncode == 0

    def show(self, number):
        say(f"vrrpctl show on node-0{number}:")
        for line in self.agents[number].control("show").stdout.splitlines():
            say(f"    {line}")


def tell_unclosed(story):
    title("The file as it was copied: its last brace is missing")
    agent = story.agent(1)
    agent.configure(nodes.unclosed(1))
    code, output = agent.check()
    for line in output.splitlines():
        if "error" in line:
            say(line.replace(agent.folder + "/", ""))
    assert code == 2, f"an unclosed file was not refused: {code}"
    say("vrrp-agent -t refuses it (exit status 2). Nothing was started.")


def tell_as_written(story):
    title("The file closed, as written: equal priorities, and each virtual address is a node's own address")
    for number in (1, 2):
        agent = story.agent(number)
        agent.configure(nodes.as_written(number))
        code, output = agent.check()
        assert code == 1, f"expected warnings, got {code}:\n{output}"
        if number == 1:
            for line in output.splitlines():
                if "warning" in line:
                    say(line.replace(agent.folder + "/", ""))
        agent.start()
    for name in nodes.ADDRESSES:
        wait_for(lambda: sorted(story.state(n, name) for n in (1, 2)) == ["active", "backup"], 20,
                 f"one active router for {name}", poll=0.1)
    for number, address in ((1, "10.0.42.145"), (2, "10.0.40.112")):
        assert story.hosts[number].has(address), f"node-0{number} lost its own address {address}"
        assert story.reachable(address), f"{address} does not answer"
        say(f"node-0{number} keeps its own address {address}, and the client reaches it.")
    for number in (1, 2):
        story.agents[number].stop()
        assert story.hosts[number].has(nodes.ADDRESSES[f"VI_{number}"])
    say("Both agents stopped; each node still has its address.")


def prepare_as_meant(story, snmpd):
    for number, host in story.hosts.items():
        host.ip("addr", "flush", "dev", "enp1s0")
        host.ip("addr", "add", f"10.0.0.{number}/16", "brd", "+", "dev", "enp1s0")
        story.agent(number, snmpd.socket if number == 2 else None).start(nodes.as_meant(number))
    story.wait_state(1, "VI_1", "active")
    story.wait_state(2, "VI_2", "active")


def tell_loss(story, lost):
    """Pulls a node's plug and measures what the client misses."""
    other = 3 - lost
    name = f"VI_{lost}"
    address = nodes.ADDRESSES[name]
    own = {1: 90, 2: 90}[other]
    bound = 3 * INTERVAL + skew(own)
    pinger = Pinger(story.client, address, story.folder)
    wait_for(lambda: len(pinger.replies()) > 5, 5, f"answers from {address}")
    since = time.time()
    story.hosts[lost].ip("link", "set", "enp1s0", "down")
    pinger.wait_answer(since + 1, bound + 5)
    gap = pinger.longest_gap(since)
    pinger.process.terminate()
    say(f"node-0{lost} is unplugged: the client misses {address} for {gap:.2f} s "
        f"(the protocol's own time is at most {bound:.2f} s), then node-0{other} answers.")
    assert gap < bound + 0.5, f"the takeover took {gap:.2f} s"
    assert all(story.reachable(each) for each in nodes.ADDRESSES.values())
    say("Both addresses answer from the node that is left.")
    story.hosts[lost].ip("link", "set", "enp1s0", "up")
    story.hosts[lost].ip("addr", "replace", f"10.0.0.{lost}/16", "brd", "+", "dev", "enp1s0")
    story.wait_state(lost, name, "active")
    say(f"node-0{lost} is plugged in again and takes {address} back.")


def tell_as_meant(story, snmpd):
    title("As meant: a second, own address on each node, priorities 100/90 and 90/97")
    prepare_as_meant(story, snmpd)
    say("node-01's file:")
    for line in nodes.as_meant(1).splitlines():
        say(f"    {line}")
    story.show(1)
    for lost in (1, 2):
        tell_loss(story, lost)


def tell_set(story, manager, trapd):
    title("SNMP: a SET of the priority fails over, and a trap tells of it")
    index = row(story.hosts[2], nodes.VRIDS["VI_1"], interface="enp1s0")
    priority = f"{OPERATIONS}.7.{index}"
    manager.wait_served(priority)
    say(f"snmpget {priority} says {manager.get(priority)[0].number} on node-02, a Backup.")
    before = time.monotonic()
    error = manager.set(priority, "u", "150")
    assert not error, f"snmpset: {error}"
    answered = time.monotonic() - before
    story.wait_state(2, "VI_1", "active")
    took = time.monotonic() - before
    bound = 3 * INTERVAL + skew(150)
    say(f"snmpset {priority} u 150 is answered after {answered * 1000:.0f} ms, already on the disk;")
    say(f"node-02 is Active after {took:.2f} s (it has to miss the Active, at most {bound:.2f} s).")
    assert took < bound + 1
    wait_for(lambda: trapd.received(NEW_MASTER), 10, "the trap vrrpv3NewMaster")
    say("The trap that snmptrapd received, vrrpv3NewMaster:")
    for value in trapd.received(NEW_MASTER)[-1]:
        say(f"    {value.oid} = {value.text}")
    story.show(2)
    story.agents[2].kill()
    story.agents[2].start()
    manager.wait_served(priority)
    assert manager.get(priority)[0].number == 150
    say("node-02's agent is killed (SIGKILL) and started again: the priority is still 150.")
    assert not manager.set(priority, "u", "90")
    story.wait_state(1, "VI_1", "active")
    say("snmpset back to 90: node-01 has taken the address back.")


def tell_create(story, manager):
    title("SNMP: a virtual router made and destroyed by snmpset alone")
    host, vrid, address = story.hosts[2], 77, "10.0.77.77"
    status = f"{OPERATIONS}.13.{row(host, vrid, interface='enp1s0')}"
    member = f"{ADDRESSES}.2.{address_row(host, vrid, address, interface='enp1s0')}"
    accept = f"{OPERATIONS}.11.{row(host, vrid, interface='enp1s0')}"
    say(f"snmpset {status} i 4 {member} i 4 {accept} i 1")
    say("(createAndGo of the router and of its address, and let it be pinged: one PDU)")
    error = manager.set(status, "i", str(RowStatus.CREATE_AND_GO), member, "i", str(RowStatus.CREATE_AND_GO),
                        accept, "i", "1")
    assert not error, f"snmpset: {error}"
    wait_for(lambda: story.reachable(address), 10, f"{address} answering")
    say(f"{address} answers the client. snmpwalk of vrrpv3OperationsTable shows its row:")
    for value in manager.walk(OPERATIONS):
        if value.oid.endswith(f".{row(host, vrid, interface='enp1s0')}"):
            say(f"    {value.oid} = {value.text}")
    say("vrrpctl config diff, what SNMP changed:")
    for line in story.agents[2].control("config", "diff").stdout.splitlines():
        say(f"    {line}")
    assert not manager.set(status, "i", str(RowStatus.DESTROY))
    wait_for(lambda: not host.has(address), 10, f"{address} given up")
    assert "snmp-" not in story.agents[2].control("config", "diff").stdout
    say("snmpset ... i 6 (destroy): it is gone, and so is its address.")


def tell_hang(story, snmpd):
    title("snmpd hangs: nobody notices")
    pinger = Pinger(story.client, nodes.ADDRESSES["VI_2"], story.folder)
    wait_for(lambda: len(pinger.replies()) > 5, 5, "answers")
    snmpd.pause()
    since = time.time()
    pinger.wait_answer(since + 5, 10)
    gap = pinger.longest_gap(since)
    snmpd.resume()
    pinger.process.terminate()
    assert story.state(1, "VI_2") == "backup" and story.state(2, "VI_2") == "active"
    say(f"snmpd stopped for 5 s: no failover; the client's longest wait was {gap * 1000:.0f} ms.")


def tell(folder):
    with Network() as network:
        story = Story(network, folder)
        print("\nTwo nodes and a client on one network, each in a namespace of its own. The nodes share 10.0.42.145, at\n"
              "home on node-01 (VI_1), and 10.0.40.112, at home on node-02 (VI_2), by a keepalived.conf on each.")
        tell_unclosed(story)
        tell_as_written(story)
        snmpd = Snmpd(story.hosts[2], folder).start()
        trapd = Snmptrapd(story.hosts[2], folder)
        tell_as_meant(story, snmpd)
        tell_set(story, Manager(story.hosts[2]), trapd)
        tell_create(story, Manager(story.hosts[2]))
        tell_hang(story, snmpd)
        for agent in story.agents.values():
            agent.stop()
        left = [address for address in nodes.ADDRESSES.values()
                for host in story.hosts.values() if host.has(address)]
        assert not left, f"addresses left behind: {left}"
        title("Both agents stopped in order; no address was left behind. That is all.")


def main():
    atexit.register(namespace.close_all)
    atexit.register(process.kill_all)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    namespace.sweep()
    with tempfile.TemporaryDirectory(prefix="va") as folder:
        tell(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
