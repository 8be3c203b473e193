# SPDX-License-Identifier: ISC
"""Hosts as network namespaces, joined by a bridge in a namespace that is the switch.

Names begin with `va<pid of the run>x`, so that parallel runs do not meet and what a dead run left can be told.
"""

import ctypes
import itertools
import json
import os
import re
import signal
import socket
import threading

from .process import run

_libc = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWNET = 0x40000000
_NAME = re.compile(r"^va(\d+)x\d+-")
_numbers = itertools.count(1)
_open = []


def inside(namespace, function):
    """Calls function() in a thread of its own that has entered the namespace; returns its result.

    Sockets opened there stay there, whoever uses them afterwards.
    """
    result = {}

    def body():
        try:
            with open(f"/run/netns/{namespace}", "rb") as handle:
                if _libc.setns(handle.fileno(), _CLONE_NEWNET):
                    raise OSError(ctypes.get_errno(), f"setns to {namespace}")
            result["value"] = function()
        except BaseException as error:  # pylint: disable=broad-except
            result["error"] = error

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    if "error" in result:
        raise result["error"]
    return result["value"]


def _sysctl(namespace, values):
    def write():
        for key, value in values.items():
            with open(f"/proc/sys/{key}", "w", encoding="ascii") as stream:
                stream.write(str(value))

    inside(namespace, write)


def _delete(namespace):
    """Removes a namespace and what still runs in it (all of it ours: the name is)."""
    for pid in run(["ip", "netns", "pids", namespace], check=False).stdout.split():
        try:
            os.kill(int(pid), signal.SIGKILL)
        except ProcessLookupError:
            pass
    run(["ip", "netns", "delete", namespace], check=False)


def sweep():
    """Removes the namespaces of runs that are no longer alive."""
    for name in os.listdir("/run/netns") if os.path.isdir("/run/netns") else []:
        match = _NAME.match(name)
        if match and not os.path.exists(f"/proc/{match.group(1)}"):
            _delete(name)


def close_all():
    for network in list(_open):
        network.close()


class Host:
    """One namespace with an interface to the switch."""

    def __init__(self, network, name, number):
        self.network = network
        self.name = name
        self.number = number
        self.namespace = f"{network.prefix}{name}"
        self.interfaces = {}
        self._sockets = {}
        self._table = None

    def run(self, argv, **options):
        return run(argv, namespace=self.namespace, **options)

    def ip(self, *words, check=True):
        return run(["ip", "-n", self.namespace, *words], check=check)

    def batch(self, lines):
        """Several commands of ip, by one process."""
        run(["ip", "-n", self.namespace, "-batch", "-"], input_text=lines)

    def sysctl(self, values):
        _sysctl(self.namespace, values)

    def add_interface(self, interface, addresses=(), up=True, segment="br0"):
        """A veth pair: `interface` here, a port of the switch (of one of its segments) there. Returns its MAC."""
        port = f"p{self.number}{len(self.interfaces)}"
        mac = f"02:00:00:00:{self.number:02x}:{len(self.interfaces):02x}"
        switch = self.network.switch
        run(["ip", "-n", switch, "-batch", "-"], input_text=(
            f"link add {port} type veth peer name {interface} address {mac} netns {self.namespace}\n"
            f"link set {port} master {segment} up\n"))
        lines = [f"addr add {address} dev {interface} nodad" if ":" in address
                 else f"addr add {address} brd + dev {interface}" for address in addresses]
        if up:
            lines.append(f"link set {interface} up")
        if lines:
            self.batch("\n".join(lines) + "\n")
        self.interfaces[interface] = mac
        self.network.add_port(port, self.name, interface)
        return mac

    def mac(self, interface="eth0"):
        return self.interfaces[interface]

    def send(self, frames, interface="eth0"):
        """Puts frames (bytes, or a list of them) on the wire as they are."""
        sender = self._sockets.get(interface)
        if sender is None:
            def opened():
                raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
                raw.bind((interface, 0))
                return raw

            sender = self._sockets[interface] = inside(self.namespace, opened)
        for frame in [frames] if isinstance(frames, bytes) else frames:
            sender.send(frame)

    def addresses(self, interface=None, family=None):
        """The kernel's list: dicts of `ip -j addr`, with dev added, one for each address."""
        words = ["ip", "-n", self.namespace, "-j", *([f"-{family}"] if family else []), "addr", "show"]
        words += ["dev", interface] if interface else []
        found = []
        for link in json.loads(run(words).stdout or "[]"):
            for address in link.get("addr_info", []):
                if address:
                    found.append({**address, "dev": link["ifname"]})
        return found

    def held(self):
        """The set of all addresses, which costs much less than addresses()."""
        from .monitor import AddressTable

        if self._table is None:
            self._table = AddressTable(self.namespace)
        return self._table.held()

    def has(self, address):
        return address in self.held()

    def index(self, interface="eth0"):
        return json.loads(self.ip("-j", "link", "show", "dev", interface).stdout)[0]["ifindex"]

    def close(self):
        for sender in self._sockets.values():
            sender.close()
        if self._table is not None:
            self._table.close()
        _delete(self.namespace)


class Network:
    """A switch and its hosts. Use it as a context: everything goes at the end."""

    def __init__(self):
        self.prefix = f"va{os.getpid()}x{next(_numbers)}-"
        self.switch = f"{self.prefix}switch"
        self.hosts = {}
        self.ports = {}
        self._captures = []
        _open.append(self)
        run(["ip", "netns", "add", self.switch])
        _sysctl(self.switch, {"net/ipv6/conf/all/disable_ipv6": 1, "net/ipv6/conf/default/disable_ipv6": 1})
        self.add_segment("br0")

    def host(self, name, addresses=None, interface="eth0", dad=False):
        """A host with one interface. Without `addresses`: 192.0.2.N/24, 2001:db8::N/64 and fe80::N/64."""
        number = len(self.hosts) + 1
        if addresses is None:
            addresses = [f"192.0.2.{number}/24", f"2001:db8::{number}/64", f"fe80::{number}/64"]
        host = Host(self, name, number)
        run(["ip", "netns", "add", host.namespace])
        self.hosts[name] = host
        host.sysctl({
            "net/ipv4/conf/all/rp_filter": 0,
            "net/ipv4/conf/default/rp_filter": 0,
            "net/ipv6/conf/all/accept_dad": int(dad),
            "net/ipv6/conf/default/accept_dad": int(dad),
            "net/ipv6/conf/default/accept_ra": 0,
            "net/ipv6/conf/default/addr_gen_mode": 1,
            "net/ipv6/conf/default/router_solicitations": 0,
        })
        host.ip("link", "set", "lo", "up")
        host.add_interface(interface, addresses)
        return host

    def add_port(self, port, host, interface):
        self.ports[port] = (host, interface)

    def wire(self, one, other, interface):
        """A link between two hosts that does not pass the switch; the same interface name on both."""
        run(["ip", "-n", one.namespace, "link", "add", interface, "type", "veth",
             "peer", "name", interface, "netns", other.namespace])
        for host in (one, other):
            host.ip("link", "set", interface, "up")

    def add_segment(self, name):
        """Another bridge, which hears nothing of the others."""
        run(["ip", "-n", self.switch, "-batch", "-"], input_text=(
            f"link add {name} type bridge stp_state 0 forward_delay 0 mcast_snooping 0\nlink set {name} up\n"))

    def switch_run(self, *argv):
        """A command in the switch's namespace."""
        return run(argv, namespace=self.switch)

    def capture(self):
        """A running capture of every frame that enters the switch."""
        return self._capture(self.switch, self.ports)

    def hearing(self, host):
        """A running capture of every frame that reaches a host's interfaces; they bear the host's own name."""
        return self._capture(host.namespace, {interface: (host.name, interface) for interface in host.interfaces})

    def _capture(self, namespace, ports):
        from .capture import Capture

        capture = Capture(namespace, ports)
        self._captures.append(capture)
        return capture

    def port_of(self, host, interface="eth0"):
        """The name of the switch's port that leads to a host (to cut it off, for one)."""
        return next(port for port, owner in self.ports.items() if owner == (host, interface))

    def set_port(self, port, state):
        """Takes a port of the switch "up" or "down": the host behind it sees its carrier come or go."""
        run(["ip", "-n", self.switch, "link", "set", port, state])

    def isolate(self, port, apart):
        """Cuts a port off the others, its carrier as before, or joins it again."""
        run(["ip", "-n", self.switch, "link", "set", port, *(["nomaster"] if apart else ["master", "br0"])])

    def close(self):
        for capture in self._captures:
            capture.close()
        for host in self.hosts.values():
            host.close()
        _delete(self.switch)
        if self in _open:
            _open.remove(self)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()
