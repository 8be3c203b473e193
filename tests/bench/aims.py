# SPDX-License-Identifier: ISC
"""What is aimed at, and whether it was met: the only place that says so."""

from dataclasses import dataclass

MEDIAN, P99 = "median", "p99"


@dataclass(frozen=True)
class Aim:
    """Of a quantity, at these routers and intervals (None: at any). ratio: ours by keepalived's, at most, or by that
    of the quantity which is named in `against`; at_most: ours alone, in the quantity's unit. Nobody is asked for less
    than `floor`, a quantity at the same routers and interval that is the machine's own."""

    name: str
    ratio: float = None
    at_most: float = None
    routers: tuple = None
    interval: tuple = None
    statistic: str = MEDIAN
    against: str = None
    floor: str = None

    def is_about(self, name, routers, interval):
        return (name == self.name and (self.routers is None or routers in self.routers)
                and (self.interval is None or interval in self.interval))

    def text(self):
        if self.ratio is None:
            return f"at most {self.at_most:g}"
        return f"at most {self.ratio:g} x {self.against}" if self.against else f"ratio at most {self.ratio:g}"

    def limit(self, other, floor=None):
        """What ours may be; other: keepalived's figure, or that of `against`; floor: that of `floor`. None where there
        is none."""
        if self.ratio is None:
            return self.at_most
        return None if other is None else max(self.ratio * other, floor or 0)


FEW = (1, 10, 100)
# A varbind of a walk may cost this more than one of a subagent that only counts, however many routers there are:
# 45 us and 22 of CPU where that one took 36 and 18.
NUMBERS, NUMBERS_CPU = "walk of a subagent that only counts", "walk of a subagent that only counts: its CPU"
WALK, WALK_CPU = round(45 / 36, 2), round(22 / 18, 2)
# Where a machine is so quiet that keepalived is hardly later than this, a quarter of keepalived's is nobody's to reach.
WAITING = "lateness of a program that only waits"
WAITING_BUSY, WAITING_AWAKE = WAITING + " on a busy machine", WAITING + " with vrrp_cpu_latency 0"

AIMS = (
    Aim("failover excess, dead", ratio=0.5),
    Aim("failover excess, dead", ratio=0.25, statistic=P99, floor=WAITING),
    Aim("failover excess, orderly", ratio=0.5),
    Aim("failover excess, orderly", ratio=0.25, statistic=P99, floor=WAITING),
    Aim("failover excess on a busy machine, dead", ratio=0.5),
    Aim("failover excess on a busy machine, dead", ratio=0.25, statistic=P99, floor=WAITING_BUSY),
    Aim("failover excess on a busy machine, orderly", ratio=0.5),
    Aim("failover excess on a busy machine, orderly", ratio=0.25, statistic=P99, floor=WAITING_BUSY),
    Aim("failover excess with vrrp_cpu_latency 0, dead", ratio=0.5),
    Aim("failover excess with vrrp_cpu_latency 0, dead", ratio=0.25, statistic=P99, floor=WAITING_AWAKE),
    Aim("failover excess with vrrp_cpu_latency 0, orderly", ratio=0.5),
    Aim("failover excess with vrrp_cpu_latency 0, orderly", ratio=0.25, statistic=P99, floor=WAITING_AWAKE),
    Aim("dead at once: last advertisement", ratio=0.125, routers=(2000,)),
    Aim("dead at once: last address", ratio=0.25, routers=(2000,)),
    Aim("dead at once: last first announcement", ratio=0.25, routers=(2000,)),
    Aim("false transitions", at_most=0),
    Aim("CPU per advertisement, Backup", ratio=1, routers=FEW),
    Aim("CPU per advertisement, Backup", ratio=0.5, routers=(1000,), interval=(1,)),
    Aim("CPU per advertisement, Backup", ratio=0.25, routers=(1000,), interval=(0.1,)),
    Aim("CPU per advertisement, Active", ratio=1, routers=FEW),
    Aim("CPU per advertisement, Active", ratio=0.5, routers=(1000,)),
    Aim("start to the last first advertisement", ratio=0.6, routers=(1000,)),
    Aim("configuration test (-t)", ratio=0.5, routers=(1000,)),
    Aim("walk, per varbind", ratio=WALK, against=NUMBERS, routers=(100, 1000, 2000, 4000)),
    Aim("walk, CPU of the agent per varbind", ratio=WALK_CPU, against=NUMBERS_CPU, routers=(1000, 4000)),
    Aim("GET", ratio=1),
    Aim("GET", ratio=1, statistic=P99),
    Aim("back after snmpd's restart", at_most=1),
    Aim("snmpd stopped 20 s: advertisements lost", at_most=0),
    Aim("snmpd stopped 20 s: takeovers missed", at_most=0),
    Aim("snmpd stopped 20 s: notifications lost", at_most=0),
)


def of(name, routers, interval):
    """The aims of a quantity."""
    return [aim for aim in AIMS if aim.is_about(name, routers, interval)]
