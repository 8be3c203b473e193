# SPDX-License-Identifier: ISC
"""Two hosts on several segments, each with the program, a snmpd and a sink of its own, and what can be done to them."""

import json
import os
import signal

from harness.device import VrrpAgent
from harness.namespace import Network
from harness.snmp import OPERATIONS, Manager, Snmpd, Snmptrapd
from harness.wait import wait_for

from .model import HOSTS
from .wire import now

PATIENCE = 60
PRIORITY = 7
ROLES = ("core", "agentx", "check")
# What thousands of addresses would cost snmpd: docs/measurements.md.
SLOW_MODULES = ("ifTable", "ifXTable", "interfaces", "ipAddressTable", "ipAddressPrefixTable")
ACCESS = "rocommunity public\nrwcommunity private\nv1trapaddress 127.0.0.1\n"
BUFFER = "[snmp] serverRecvBuf 4000000\n"


class Node:
    """One host. Since the last rest: `killed`: what of it was hurt; bad_file: whether it had a bad file.
    down: whether its program is stopped now."""

    def __init__(self, network, name, model, folder):
        self.name = name
        self.model = model
        number = HOSTS.index(name) + 1
        self.host = network.host(name, self._addresses(0, number))
        for segment in range(1, model.segments):
            self.host.add_interface(f"eth{segment}", self._addresses(segment, number), segment=f"br{segment}")
        self.index = {segment: self.host.index(f"eth{segment}") for segment in range(model.segments)}
        self.segment_of = {index: segment for segment, index in self.index.items()}
        self.folder = os.path.join(folder, name)
        os.makedirs(self.folder)
        self.load_path = os.path.join(self.folder, "load")
        self.write_load(0)
        self.snmpd = Snmpd(self.host, self.folder, access=ACCESS, without=SLOW_MODULES).start()
        self.sink = Snmptrapd(self.host, self.folder, more=BUFFER)
        self.manager = Manager(self.host, patience=10, retries=0)
        self.device = VrrpAgent(self.host, folder, agentx=self.snmpd.socket)
        self.killed = set()
        self.bad_file = self.down = False
        self.pids = {}
        self.some_router = ""

    @staticmethod
    def _addresses(segment, number):
        return [f"10.{segment}.0.{number}/16", f"fe80::{number}/64"]

    def write_load(self, value):
        with open(self.load_path, "w", encoding="ascii") as stream:
            stream.write(f"{value}\n")

    def ask(self, *words):
        """Exit status and output of vrrpctl."""
        done = self.device.control(*words, check=False)
        return done.returncode, done.stdout + done.stderr

    def answers(self):
        """Asked for one router: all of them are much to say."""
        return self.ask("show", self.some_router, "--json")[0] == 0

    def wait_up(self):
        wait_for(self.answers, PATIENCE, lambda: f"{self.name}: an answer; log:\n{self.device.log()[-2000:]}", 0.1)

    def wait_served(self):
        """Until snmpd has an answer of the program's: it has then done with what it was asked before."""
        some = next(each for each in self.model.routers.values() if self.name not in each.absent and not each.made)
        for _ in range(2):
            self.manager.wait_served(self.oid(PRIORITY, some), PATIENCE)

    def show(self):
        """The state. Its core may be in the middle of being replaced."""
        def answer():
            status, said = self.ask("show", "--json")
            return json.loads(said) if status == 0 else None

        return wait_for(answer, PATIENCE, lambda: f"{self.name}: the state; log:\n{self.device.log()[-2000:]}", 0.3)

    def row(self, router):
        return f"{self.index[router.segment]}.{router.vrid}.{1 if router.family == 4 else 2}"

    def oid(self, column, router):
        return f"{OPERATIONS}.{column}.{self.row(router)}"

    def signal(self, number, role=None):
        pid = self.device.role(role) if role else self.device.pid
        if pid is not None:
            os.kill(pid, number)

    def processes(self):
        """{role: pid}, the program's own under ""."""
        return {"": self.device.pid, **{role: self.device.role(role) for role in ROLES}}


class Site:
    def __init__(self, model, windows, folder):
        self.model = model
        self.windows = windows
        self.network = Network()
        for segment in range(1, model.segments):
            self.network.add_segment(f"br{segment}")
        self.nodes = {name: Node(self.network, name, model, folder) for name in HOSTS}

    def ports(self):
        """Of each segment east's, west's."""
        return [self.network.port_of(name, f"eth{segment}") for segment in range(self.model.segments) for name in HOSTS]

    def write(self, name):
        node = self.nodes[name]
        node.some_router = next(each.name for each in self.model.routers.values() if each.group or not each.made and
                                name not in each.absent)
        node.device.configure(self.model.text(name, node.load_path))

    def start(self, name):
        """The program, until it answers; from then on it is to do what it is there for."""
        node = self.nodes[name]
        node.device.start()
        node.wait_up()
        node.killed.add("")
        node.down = False
        self.windows.end(("host", name), now())

    def stop(self, name, kill):
        node = self.nodes[name]
        self.windows.begin(("host", name), now())
        node.down = True
        if kill:
            node.device.kill()
        else:
            node.device.stop()

    def pause(self, name, stopped):
        self.windows.begin(("host", name), now())
        self.nodes[name].down = stopped
        self.nodes[name].signal(signal.SIGSTOP if stopped else signal.SIGCONT)
        if not stopped:
            self.windows.end(("host", name), now())

    def link(self, name, segment, state):
        if state == "down":
            self.windows.begin(("link", name, segment), now())
        self.network.set_port(self.network.port_of(name, f"eth{segment}"), state)
        if state == "up":
            self.windows.end(("link", name, segment), now())

    def split(self, segment, apart):
        """Cuts east off, with its carrier as before."""
        if apart:
            self.windows.begin(("split", segment), now())
        port = self.network.port_of("east", f"eth{segment}")
        self.network.switch_run("ip", "link", "set", port, *(["nomaster"] if apart else ["master", f"br{segment}"]))
        if not apart:
            self.windows.end(("split", segment), now())

    def close(self):
        for node in self.nodes.values():
            node.sink.kill()
            node.snmpd.kill()
        self.network.close()
