# SPDX-License-Identifier: ISC
"""The bench's own small programs: who plays the peers, and who notes what happens and when."""

import atexit
import ipaddress
import os
import shutil
import struct
import subprocess
import sys
import tempfile
from collections import namedtuple

from harness.compiler import compile_c
from harness.wait import wait_for

_HERE = os.path.dirname(os.path.abspath(__file__))
_built = {}
_ADVERT = 1

# router: (interface of the host, VRID); address: as an integer; time: seconds of the wall clock.
class Advert(namedtuple("Advert", "time host router priority address")):
    interface = property(lambda self: self.router[0])
    vrid = property(lambda self: self.router[1])


Arp = namedtuple("Arp", "time host address")
Flow = namedtuple("Flow", "count longest")


def number_of(address):
    """An IPv4 address as it stands in records."""
    return int(ipaddress.IPv4Address(address))


def _swapped(address):
    """From network order."""
    return int.from_bytes(address.to_bytes(4, sys.byteorder), "big")


def _program(name, libraries=()):
    """Built once in a run."""
    if not _built:
        _built[""] = tempfile.mkdtemp(prefix="va-bench")
        atexit.register(shutil.rmtree, _built[""], ignore_errors=True)
    if name not in _built:
        _built[name] = os.path.join(_built[""], name)
        compile_c(os.path.join(_HERE, name + ".c"), _built[name], "-O2", *(f"-l{library}" for library in libraries))
    return _built[name]


def _start(name, namespace, *words, punctual=False, libraries=()):
    """punctual: on time whatever the device does, as if on another machine. The kernel kills it if the bench dies."""
    return subprocess.Popen(
        ["setpriv", "--pdeathsig", "KILL", "nsenter", f"--net=/run/netns/{namespace}",
         *(["chrt", "--fifo", "1"] if punctual else []), _program(name, libraries), *words],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _kill(process):
    process.kill()
    process.stdin.close()
    process.stdout.close()
    process.wait()


def _ready(process, name):
    line = process.stdout.readline().decode()
    assert line == "ready\n", f"{name} does not begin"


class _Reader:
    """Records of one size at the end of a file that grows."""

    def __init__(self, path, layout):
        self._path, self._layout = path, struct.Struct(layout)
        self._at = 0

    def more(self):
        with open(self._path, "rb") as stream:
            stream.seek(self._at)
            octets = stream.read()
        whole = len(octets) - len(octets) % self._layout.size
        self._at += whole
        return self._layout.iter_unpack(octets[:whole])


class Recorder:
    """Every advertisement and gratuitous ARP that enters the switch. `keep`: whether each, or only counts."""

    def __init__(self, network, folder, keep=True):
        names = list(network.ports)
        self._ports = [network.ports[name] for name in names]
        path = os.path.join(folder, "records")
        self._adverts, self._arps = [], []
        self._reader = _Reader(path, "=QIBBBB") if keep else None
        self._process = _start("recorder", network.switch, path if keep else "-", *names)
        _ready(self._process, "the recorder")

    def _look(self):
        for stamp, address, port, kind, vrid, priority in self._reader.more():
            host, interface = self._ports[port - 1]
            if kind == _ADVERT:
                self._adverts.append(Advert(stamp / 1e9, host, (interface, vrid), priority, _swapped(address)))
            else:
                self._arps.append(Arp(stamp / 1e9, host, _swapped(address)))

    def adverts(self, host, since=0.0):
        self._look()
        return [seen for seen in self._adverts if seen.host == host and seen.time >= since]

    def wait_first(self, host, router, since, priority=None, timeout=10):
        """The first advertisement of a router that matches, waited for."""
        return wait_for(lambda: [seen for seen in self.adverts(host, since) if seen.router == router
                                 and priority in (None, seen.priority)], timeout, f"{host}'s {router}")[0]

    def wait_past(self, host, stamp, timeout):
        """Until an advertisement of the host is later than `stamp`: what came before is then here as well."""
        wait_for(lambda: self.adverts(host, stamp), timeout, "a later advertisement", 0.1)

    def announcements(self, host, since=0.0):
        """{address: time of the first gratuitous ARP}."""
        self._look()
        first = {}
        for seen in self._arps:
            if seen.host == host and seen.time >= since:
                first.setdefault(seen.address, seen.time)
        return first

    def end(self):
        """{(host, router): Flow} of all advertisements. Fails if the kernel dropped a frame."""
        self._process.stdin.close()
        *flows, lost = self._process.stdout.read().decode().splitlines()
        self._process.wait()
        assert lost == "lost 0", f"the recorder {lost}: its figures mean nothing"
        found = {}
        for line in flows:
            port, vrid, count, longest = line.split()
            host, interface = self._ports[int(port) - 1]
            found[host, (interface, int(vrid))] = Flow(int(count), float(longest))
        return found

    def close(self):
        _kill(self._process)


class Addresses:
    """{address as an integer: when the kernel first said it was there} from now on."""

    def __init__(self, host, folder):
        path = os.path.join(folder, "addresses")
        self._process = _start("addresses", host.namespace, path, punctual=True)
        _ready(self._process, "the listener to addresses")
        self._reader = _Reader(path, "=QII")
        self._found = []

    def added(self, since=0.0):
        self._found += [(stamp / 1e9, _swapped(address))
                        for stamp, address, _ in self._reader.more()]
        first = {}
        for stamp, address in self._found:
            if stamp >= since:
                first.setdefault(address, stamp)
        return first

    def close(self):
        _kill(self._process)


class Pacer:
    """Sends [(seconds from the begin of a round, interface, frame)] from a host, for so many rounds."""

    def __init__(self, host, schedule, rounds=1, period=0.0):
        schedule = sorted(schedule)
        interfaces = {name: place for place, name in enumerate(sorted({each[1] for each in schedule}))}
        frames = {key: place for place, key in enumerate(dict.fromkeys(each[1:] for each in schedule))}
        self._process = _start("pacer", host.namespace, punctual=True)
        write = self._process.stdin.write
        write(struct.pack("=5Q", rounds, round(period * 1e9), len(interfaces), len(frames), len(schedule)))
        write(b"".join(struct.pack("16s", name.encode()) for name in interfaces))
        write(b"".join(struct.pack("=II", interfaces[name], len(frame)) + frame for name, frame in frames))
        write(b"".join(struct.pack("=QQ", round(offset * 1e9), frames[name, frame])
                       for offset, name, frame in schedule))
        self._process.stdin.close()
        assert self._process.stdout.readline() == b"begun\n", "the pacer does not begin"

    def alive(self):
        return self._process.poll() is None

    def end(self):
        """Now. What it says of itself."""
        self._process.terminate()
        return self.wait(5)

    def wait(self, timeout):
        """What it says of itself at the end: "NUMBER sent, ..."."""
        wait_for(lambda: not self.alive(), timeout, "the end of the pacer", 0.05)
        said = self._process.stdout.read().decode().strip()
        assert self._process.returncode == 0 and " 0 failed" in said, f"the pacer: {said}"
        return said

    def close(self):
        _kill(self._process)


class Counter:
    """A subagent of `objects` that are nothing but numbers."""

    def __init__(self, host, agentx, objects):
        self._process = _start("counter", host.namespace, agentx, str(objects),
                               libraries=("netsnmpagent", "netsnmp"))
        _ready(self._process, "the counting subagent")
        self.pid = self._process.pid

    def close(self):
        _kill(self._process)
