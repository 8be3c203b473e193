# SPDX-License-Identifier: ISC
"""Two routers of one VRID on two hosts, and what their wire says about a failover."""

from .config import configuration
from .wait import wait_for


class Side:
    """One of the two: a device and the instance it runs, alone or `among` others."""

    def __init__(self, device, instance, among=None):
        self.device = device
        self.instance = instance
        self.among = [instance] if among is None else among
        self.host = device.host

    def start(self):
        self.device.start(configuration(self.among))

    @property
    def skew(self):
        unit = 1 if self.instance.version == 2 else self.instance.interval
        return (256 - self.instance.priority) / 256 * unit

    @property
    def active_down(self):
        return 3 * self.instance.interval + self.skew

    @property
    def addresses(self):
        """The virtual ones, without what stands behind them in the configuration."""
        return {address.split()[0].split("/")[0] for address in self.instance.addresses}

    def holds_addresses(self):
        return self.addresses <= self.host.held()

    def holds_none(self):
        return not self.addresses & self.host.held()


class Pair:
    """The first side is meant to be Active. capture sees them both; `fields` are those of their advertisements."""

    def __init__(self, capture, active, backup, **fields):
        self.capture = capture
        self.fields = fields
        self.active = active
        self.backup = backup

    def adverts(self, side, since=0.0):
        return self.capture.adverts(side.host.name, side.instance.vrid, since=since, **self.fields)

    def start(self):
        """Both run."""
        for side in (self.active, self.backup):
            if side.device.process is None or not side.device.process.alive():
                side.start()

    def settle(self, timeout=15):
        """Both run, the first is Active with its addresses, the second is silent."""
        self.start()
        self.wait_active(self.active, self.backup, timeout)

    def wait_active(self, one, other, timeout=15):
        """Until `one` has sent three advertisements in a row, the other none between, and only `one` holds."""
        def alone():
            mine = self.adverts(one)[-3:]
            return len(mine) == 3 and not self.adverts(other, mine[0].time)

        wait_for(alone, timeout, lambda: f"{one.host.name} as the only Active; logs:\n"
                 f"{one.device.log()[-2000:]}\n--\n{other.device.log()[-2000:]}")
        wait_for(lambda: one.holds_addresses(), 5, f"the addresses on {one.host.name}")

    def takeover_excess(self, since, timeout=15):
        """Seconds by which the Backup's first advertisement is later than the protocol's time.

        Counted from the Active's last advertisement: its skew after priority 0, else Active_Down.
        """
        def first():
            return self.adverts(self.backup, since)

        taken = wait_for(first, timeout, f"a takeover by {self.backup.host.name}")[0]
        last = [seen for seen in self.adverts(self.active) if seen.time < taken.time][-1]
        wanted = self.backup.skew if last.priority == 0 else self.backup.active_down
        return taken.time - last.time - wanted, last.priority
