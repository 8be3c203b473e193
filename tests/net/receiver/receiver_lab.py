# SPDX-License-Identifier: ISC
"""Three namespaces (a switch, the host under test, its peer), frames from the peer, and the
receiver program in the host, for the tests of this folder."""

import ctypes
import itertools
import json
import os
import queue
import re
import socket
import subprocess
import threading
import time

from scapy.layers.inet import IP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Raw

GROUP4, GROUP6 = "224.0.0.18", "ff02::12"
HOST_MAC, PEER_MAC = "02:00:00:00:09:01", "02:00:00:00:09:02"
HOST4, PEER4, VIRTUAL4, SUBNET_BROADCAST = "10.9.0.1", "10.9.0.2", "10.9.0.100", "10.9.0.255"
HOST_LINK_LOCAL, PEER_LINK_LOCAL = "fe80::1", "fe80::2"
HOST6, PEER6, VIRTUAL6 = "fd00:9::1", "fd00:9::2", "fd00:9::100"
PATIENCE = 10  # seconds to wait for a condition before a test fails

_libc = ctypes.CDLL(None, use_errno=True)


def run(command):
    done = subprocess.run(command.split(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


def in_namespace(name, function):
    """Runs function in a thread of its own that has entered the namespace."""
    results = queue.Queue()

    def work():
        with open(f"/run/netns/{name}", "rb") as namespace:
            if _libc.setns(namespace.fileno(), 0x40000000) != 0:
                results.put(OSError(ctypes.get_errno(), "setns"))
                return
        try:
            results.put(function())
        except Exception as error:  # handed to the caller, who raises it
            results.put(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    result = results.get_nowait()
    if isinstance(result, Exception):
        raise result
    return result


def packet_socket(namespace, interface, protocol=0):
    def make():
        made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(protocol))
        made.bind((interface, protocol))
        made.settimeout(PATIENCE)
        return made

    return in_namespace(namespace, make)


def wait_for(condition, what):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        result = condition()
        if result:
            return result
        time.sleep(0.01)
    raise AssertionError(f"never happened: {what}")


def remove_leftovers():
    """Namespaces of runs that were killed before they could clean up."""
    for name in os.listdir("/run/netns") if os.path.isdir("/run/netns") else []:
        run_of = re.fullmatch(r"rcv(\d+)-\d+-(sw|host|peer)", name)
        if run_of and not os.path.exists(f"/proc/{run_of[1]}"):
            subprocess.run(["ip", "netns", "delete", name], check=False)


class Lab:
    """The namespaces and the wires between them.  `host` and `peer` are namespace names."""

    _numbers = itertools.count()

    def __init__(self):
        prefix = f"rcv{os.getpid()}-{next(self._numbers)}"
        self.switch, self.host, self.peer = (f"{prefix}-{name}" for name in ("sw", "host", "peer"))
        self.sockets = []
        for namespace in (self.switch, self.host, self.peer):
            run(f"ip netns add {namespace}")
            run(f"ip -n {namespace} link set lo up")
        run(f"ip -n {self.switch} link add br0 type bridge mcast_snooping 0")
        run(f"ip -n {self.switch} link set br0 up")
        self.wire(self.host, "eth0", HOST_MAC)
        self.wire(self.peer, "eth0", PEER_MAC)
        self.restore_addresses()
        for address in (f"{PEER4}/24", f"{PEER_LINK_LOCAL}/64 nodad", f"{PEER6}/64 nodad"):
            run(f"ip -n {self.peer} address add {address} dev eth0")

    def wire(self, namespace, interface, mac, index=None):
        """Gives the namespace an interface whose other end is a port of the switch."""
        number = f"index {index} " if index else ""
        port = f"p{namespace[-4:]}{interface}"[-15:]
        run(
            f"ip -n {namespace} link add {interface} {number}address {mac} type veth"
            f" peer name {port} netns {self.switch}"
        )
        run(f"ip -n {self.switch} link set {port} master br0 up")
        run(f"ip -n {namespace} link set {interface} addrgenmode none")
        run(f"ip -n {namespace} link set {interface} up")
        self.wait_carrier(namespace, interface)

    def restore_addresses(self, interface="eth0"):
        """The host's own addresses, after something took them away."""
        for address in (f"{HOST4}/24 brd +", f"{HOST_LINK_LOCAL}/64 nodad", f"{HOST6}/64 nodad"):
            run(f"ip -n {self.host} address replace {address} dev {interface}")
        wait_for(self.addresses_are_local, "IPv6 addresses in use, which the kernel does later")

    def addresses_are_local(self):
        routes = run(f"ip -6 -n {self.host} route show table local").split()
        tentative = run(f"ip -6 -n {self.host} address show tentative")
        return HOST6 in routes and HOST_LINK_LOCAL in routes and not tentative

    def recreate(self, interface, index=None):
        run(f"ip -n {self.host} link delete {interface}")
        self.wire(self.host, interface, HOST_MAC, index)
        self.restore_addresses(interface)

    def many_pairs(self, count):
        """Interfaces m0, m1, ... of the host, each wired to one of the same name in the peer."""
        for namespace in (self.host, self.peer):
            self.sysctl(namespace, "net.ipv6.conf.default.accept_dad=0")
        lines = []
        for number in range(count):
            lines.append(f"link add m{number} type veth peer name m{number} netns {self.peer}")
            lines.append(f"link set m{number} up")
        self.batch(self.host, lines)
        self.batch(self.peer, [f"link set m{number} up" for number in range(count)])
        self.wait_carrier(self.host, f"m{count - 1}")
        links = json.loads(run(f"ip -j -n {self.host} link show"))
        self.indices = {link["ifname"]: link["ifindex"] for link in links}

    def batch(self, namespace, lines):
        subprocess.run(
            ["ip", "-n", namespace, "-batch", "-"], input="\n".join(lines), text=True, check=True
        )

    def add_macvlan(self, name, mac, mode):
        host = self.host
        run(f"ip -n {host} link add {name} link eth0 address {mac} type macvlan mode {mode}")
        run(f"ip -n {host} link set {name} addrgenmode none")
        run(f"ip -n {host} link set {name} up")
        self.wait_carrier(host, name)

    def wait_carrier(self, namespace, interface):
        """Until the interface sends and every port of the switch forwards: the kernel does either
        some time after the carrier came up."""
        wait_for(
            lambda: self.link(namespace, interface)["operstate"] == "UP",
            f"{interface} in operation",
        )
        wait_for(self.ports_forward, "ports forwarding")

    def ports_forward(self):
        ports = json.loads(run(f"ip -j -d -n {self.switch} link show master br0"))
        return all(
            port["operstate"] == "UP"
            and port["linkinfo"]["info_slave_data"]["state"] == "forwarding"
            for port in ports
        )

    def link(self, namespace, interface):
        return json.loads(run(f"ip -j -n {namespace} link show {interface}"))[0]

    def index(self, namespace, interface):
        return self.link(namespace, interface)["ifindex"]

    def sent_packets(self, namespace, interface):
        link = json.loads(run(f"ip -j -s -n {namespace} link show {interface}"))[0]
        return link["stats64"]["tx"]["packets"]

    def sysctl(self, namespace, setting):
        run(f"ip netns exec {namespace} sysctl -qw {setting}")

    def get_sysctl(self, namespace, name):
        return run(f"ip netns exec {namespace} sysctl -n {name}").strip()

    def settings(self, namespace, tree):
        return run(f"ip netns exec {namespace} sysctl {tree}")

    def add_address(self, namespace, interface, address):
        run(f"ip -n {namespace} address add {address} dev {interface}")

    def injector(self, interface="eth0"):
        made = packet_socket(self.peer, interface)
        self.sockets.append(made)
        return made

    def sniffer(self, ethertype, interface="eth0"):
        made = packet_socket(self.peer, interface, ethertype)
        self.sockets.append(made)
        return made

    def remove(self):
        for made in self.sockets:
            made.close()
        for namespace in (self.switch, self.host, self.peer):
            subprocess.run(["ip", "netns", "delete", namespace], check=False)


class Receiver:
    """The program under test, in the host's namespace."""

    _marks = itertools.count(1)

    def __init__(self, lab):
        self.lab = lab
        self.wire = lab.injector()
        build = os.environ.get("TOP_BUILDDIR", ".")
        program = os.environ.get("RECEIVER", f"{build}/tests/net/receiver/receiver")
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", lab.host, program],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )
        self.lines = queue.Queue()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.heard = []
        self._until(lambda line: line.get("done") == "open")

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(json.loads(line))
        self.lines.put({"ended": True})

    def _until(self, wanted):
        while True:
            try:
                line = self.lines.get(timeout=PATIENCE)
            except queue.Empty:
                raise AssertionError(f"no answer; heard so far: {self.heard}") from None
            if wanted(line):
                return line
            assert "ended" not in line, "the receiver ended"
            if "source" in line:
                self.heard.append(line)

    def do(self, command):
        self.process.stdin.write(command + "\n")
        return self._until(lambda line: line.get("done") == command.split()[0])["result"]

    def program_pid(self):
        return self.process.pid  # "ip netns exec" becomes the program

    def join(self, interface="eth0"):
        assert self.do(f"join {interface} {GROUP4}") == 1
        assert self.do(f"join {interface} {GROUP6}") == 1

    def hear(self, frames, wire=None, mark_family=None):
        """Sends the frames, then a mark, and returns what was heard before the mark.  The mark is
        unicast, so that it needs no membership and shows that silence is not a lost wire."""
        wire = wire or self.wire
        self.heard = []
        for frame in frames:
            wire.send(bytes(frame))
        six = mark_family == 6 if mark_family else bool(frames) and IPv6 in frames[0]
        mark = f"mark {next(self._marks)}".encode()
        network = IPv6(src=PEER6, dst=HOST6, nh=112) if six else IP(src=PEER4, dst=HOST4, proto=112)
        self.wire.send(bytes(Ether(src=PEER_MAC, dst=HOST_MAC) / network / Raw(mark)))
        self._until(lambda line: line.get("payload") == mark.hex())
        return self.heard

    def hear_by_broadcast(self, make, copies, mac, **fields):
        """As hear, for a frame from mac that may pass through a macvlan, to which the kernel hands
        multicast frames later, in their order.  The mark is a frame that so many places hear; it
        and the frame are told from those of earlier calls by their payload."""
        number = next(self._marks)
        frame_payload, mark_payload = f"frame {number}".encode(), f"mark {number}".encode()
        self.wire.send(bytes(make(frame_payload, ethernet={"src": mac}, **fields)))
        self.wire.send(bytes(make(mark_payload, ethernet={"src": PEER_MAC})))
        self.heard = []
        for _ in range(copies):
            self._until(lambda line: line.get("payload") == mark_payload.hex())
        return [one for one in self.heard if one["payload"] == frame_payload.hex()]

    def stop(self):
        self.process.stdin.close()
        assert self.process.wait(PATIENCE) == 0
        self.reader.join(PATIENCE)
        self.process.stdout.close()


def advert(count=1, vrid=51, priority=100, octets=4):
    """A version 3 advertisement's octets.  The receiver does not look into them."""
    head = bytes([0x31, vrid, priority, count, 0, 100, 0xBE, 0xEF])
    return head + bytes(i % 251 for i in range(count * octets))


def ipv4(payload=None, ethernet=None, **fields):
    fields = {"src": PEER4, "dst": GROUP4, "ttl": 255, "proto": 112, **fields}
    ethernet = {"src": "00:00:5e:00:01:33", "dst": "01:00:5e:00:00:12", **(ethernet or {})}
    return Ether(**ethernet) / IP(**fields) / Raw(advert() if payload is None else payload)


def ipv6(payload=None, ethernet=None, extension=None, **fields):
    fields = {"src": PEER_LINK_LOCAL, "dst": GROUP6, "hlim": 255, **fields}
    ethernet = {"src": "00:00:5e:00:02:33", "dst": "33:33:00:00:00:12", **(ethernet or {})}
    payload = Raw(advert(octets=16) if payload is None else payload)
    if extension is None:
        return Ether(**ethernet) / IPv6(nh=112, **fields) / payload
    extension.nh = 112
    return Ether(**ethernet) / IPv6(**fields) / extension / payload
