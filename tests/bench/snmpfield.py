# SPDX-License-Identifier: ISC
"""A field whose device has an snmpd above it: the same for every kind of device."""

from harness.snmp import AGENT, Snmpd
from harness.wait import wait_for

from .field import Field
from .snmpclient import OPERATIONS, PRIORITY, Client

GLOBAL = "    router_id bench\n    enable_snmp_rfcv3\n"
# Seconds between advertisements: for 160 s every router is Backup and neither says nor holds anything, so that
# what SNMP costs is all there is. (snmpd reads the addresses of its host again and again, the slower the more.)
QUIET = 40
# Without a line in its log for each question, as distributions have it.
ACCESS = "rocommunity public\nrwcommunity private\ndontLogTCPWrappersConnects yes\n"


def is_keepalived(kind):
    return kind.kind == "keepalived"


class SnmpField(Field):
    """With notifications if `traps`."""

    def __init__(self, kind, count, interval=QUIET, traps=False):
        self.snmpd = None
        self._clients = []
        super().__init__(lambda host, folder: self._device(kind, host, folder), count, interval,
                         **({"priority": 1} if interval == QUIET else {}))
        self.text = self.text.replace("    router_id bench\n", GLOBAL + ("    enable_traps\n" if traps else ""), 1)
        self._indices = {}

    def _device(self, kind, host, folder):
        self.snmpd = Snmpd(host, folder, access=ACCESS).start()
        return kind(host, folder, agentx=self.snmpd.socket)

    def row(self, router):
        """The sub-identifiers of a router's row."""
        link, vrid = router
        if link not in self._indices:
            self._indices[link] = self.host.index(link)
        return self._indices[link], vrid, 1

    def priority(self, router):
        return *OPERATIONS, PRIORITY, *self.row(router)

    def client(self):
        made = Client(self.host.namespace, AGENT)
        self._clients.append(made)
        return made

    def start_served(self, capture=False):
        """Until the last router is answered for, and where they are not quiet, has its address. Returns a client."""
        if self.interval == QUIET:
            self.start(capture)
        else:
            self.start_active(capture)
        client = self.client()
        wait_for(lambda: client.serves(self.priority(self.routers[-1])), 60,
                 lambda: f"the last router in snmpd; log:\n{self.device.log()[-2000:]}", 0.05)
        return client

    def close(self):
        for client in self._clients:
            client.close()
        self.device.kill()
        self.snmpd.kill()
        super().close()
