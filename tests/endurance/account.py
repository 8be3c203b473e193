# SPDX-License-Identifier: ISC
"""What is counted while the hosts rest: notifications, memory, descriptors, and what the logs say."""

import os
import re
from collections import Counter

from harness.snmp import NEW_MASTER, OPERATIONS, SINK, SNMP_TRAP_OID, VRRPV3, parse_varbinds

MARK = "NOTIFICATION\n"
BECAME = re.compile(r"^\S+ notice core: (\S+): \S+ -> active: ", re.M)
SINK_PORT = f":{int(SINK.rpartition(':')[2]):04X}"


class Tail:
    """What was added to a file since it was last looked at, in whole parts that end with `end`."""

    def __init__(self, path, end="\n"):
        self._path = path
        self._end = end
        self._at = 0

    def read(self):
        with open(self._path, "rb") as stream:
            stream.seek(self._at)
            octets = stream.read()
        whole = octets[:octets.rfind(self._end.encode()) + len(self._end)] if self._end.encode() in octets else b""
        self._at += len(whole)
        return whole.decode("utf-8", "replace")


class Notifications:
    """Of one host: how often each router became Active, as its log has it, beside the notifications
    that arrived. names: {(segment, family, vrid): its name}, also of those that are no longer there."""

    def __init__(self, node, names):
        self._node = node
        self._names = names
        self._trapd = Tail(node.sink.process.log_path)
        self._rest = ""
        self._log = Tail(f"{node.device.folder}/log")
        self.became, self.arrived = Counter(), Counter()
        self._drops = 0
        self.totals = Counter()

    def _name(self, index):
        number, vrid, kind = map(int, index.split("."))
        return self._names.get((self._node.segment_of[number], 4 if kind == 1 else 6, vrid), index)

    def read(self):
        self._rest += self._trapd.read()
        *whole, self._rest = self._rest.split(MARK)
        for part in whole:
            self._take(part)
        for name in BECAME.findall(self._log.read()):
            self.became[name] += 1
            self.totals["became"] += 1

    def flush(self):
        """The last notification has no mark behind it: it is whole when nothing more comes."""
        self._take(self._rest)
        self._rest = ""

    def _take(self, part):
        binds = parse_varbinds(part)
        kind = next((each.text for each in binds if each.oid == SNMP_TRAP_OID), "")
        if not kind.startswith(VRRPV3):
            return
        self.totals["arrived"] += 1
        if kind == NEW_MASTER:
            index = next(each.oid[len(OPERATIONS) + 3:] for each in binds if each.oid.startswith(OPERATIONS + ".3."))
            self.arrived[self._name(index)] += 1
            self.totals["new-master"] += 1

    def is_whole(self):
        """Whether what was told has arrived, as far as can be seen without a look at the last of it."""
        return all(self.arrived[key] >= self.became[key] for key in self.became) or bool(self._rest) and sum(
            (self.became - self.arrived).values()) == 1

    def sink_drops(self):
        """Since the last call: datagrams for which the sink's socket had no room, as the kernel counts them."""
        text = self._node.host.run(["cat", "/proc/net/udp"]).stdout
        total = sum(int(line.split()[-1]) for line in text.splitlines()[1:] if line.split()[1].endswith(SINK_PORT))
        found, self._drops = total - self._drops, total
        return found

    def differences(self):
        """{router: (became, arrived)} where the two differ; and begins anew."""
        found = {key: (self.became[key], self.arrived[key]) for key in {*self.became, *self.arrived}
                 if self.became[key] != self.arrived[key]}
        self.became.clear()
        self.arrived.clear()
        return found


# Where the kernel lists the sockets of a namespace, with their inodes.
SOCKETS = ("netlink", "packet", "raw", "raw6", "udp", "udp6", "unix")


def memory(pid):
    """KiB that a process has of its own."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as stream:
        return sum(int(line.split()[1]) for line in stream
                   if line.startswith(("Private_Clean:", "Private_Dirty:", "Private_Hugetlb:")))


def descriptors(pid):
    """{kind: how many a process has}: the kind of a socket, the path of a file without its numbers."""
    kind_of = {}
    for kind in SOCKETS:
        with open(f"/proc/{pid}/net/{kind}", encoding="utf-8", errors="replace") as stream:
            kind_of.update((word, kind) for line in stream for word in line.split() if word.isdigit())
    found = Counter()
    for number in os.listdir(f"/proc/{pid}/fd"):
        try:
            name = os.readlink(f"/proc/{pid}/fd/{number}")
        except FileNotFoundError:
            continue
        socket = re.fullmatch(r"socket:\[(\d+)\]", name)
        found[kind_of.get(socket.group(1), "socket") if socket else re.sub(r"\d+", "N", name)] += 1
    return found


class Life:
    """What one process used while it lived: (seconds since the run began, KiB, its descriptors by kind)."""

    def __init__(self, what, pid):
        self.what = what
        self.pid = pid
        self.samples = []

    def _half(self):
        return self.samples[len(self.samples) // 2:]

    def seconds(self):
        """How long the second half of its life was."""
        return self._half()[-1][0] - self._half()[0][0]

    def grown(self):
        """KiB, by the regression line over that half."""
        return _slope([each[:2] for each in self._half()]) * self.seconds()

    def more(self):
        """The descriptors that it always had in the last third of that half, and never in the first."""
        third = len(self._half()) // 3
        before, after = self._half()[0][2], self._half()[-1][2]
        for _, _, held in self._half()[:third]:
            before = before | held
        for _, _, held in self._half()[-third:]:
            after = after & held
        return after - before


def _slope(points):
    middle_x = sum(x for x, _ in points) / len(points)
    middle_y = sum(y for _, y in points) / len(points)
    below = sum((x - middle_x) ** 2 for x, _ in points)
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / below if below else 0.0


class Resources:
    """The lives of all processes of a host."""

    ENOUGH = 20
    # More descriptors than one are no matter of what happened last.
    KIB, SHARE, DESCRIPTORS = 512, 0.03, 1

    def __init__(self):
        self.lives = []
        self._now = {}

    def sample(self, name, processes, at):
        for role, pid in processes.items():
            life = self._now.get((name, role))
            if life is None or life.pid != pid:
                life = self._now[name, role] = Life(f"{name} {role or 'vrrp-agent'}", pid)
                self.lives.append(life)
            life.samples.append((at, memory(pid), descriptors(pid)))

    def judged(self):
        """(life, whether it grew too much) of all that lived long enough."""
        return [(life, life.grown() > max(self.KIB, self.SHARE * life.samples[len(life.samples) // 2][1])
                 or life.more().total() > self.DESCRIPTORS)
                for life in self.lives if len(life.samples) >= self.ENOUGH]
