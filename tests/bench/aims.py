# SPDX-License-Identifier: ISC
"""What is aimed at, and whether it was met: the only place that says so."""

from dataclasses import dataclass

MEDIAN, P99 = "median", "p99"


@dataclass(frozen=True)
class Aim:
    """Of a quantity, at these routers and intervals (None: at any). ratio: ours by keepalived's, at most; at_most:
    ours alone, in the quantity's unit."""

    name: str
    ratio: float = None
    at_most: float = None
    routers: tuple = None
    interval: tuple = None
    statistic: str = MEDIAN

    def is_about(self, name, routers, interval):
        return (name == self.name and (self.routers is None or routers in self.routers)
                and (self.interval is None or interval in self.interval))

    def text(self):
        return f"at most {self.at_most:g}" if self.ratio is None else f"ratio at most {self.ratio:g}"

    def met(self, theirs, ours):
        """theirs: None where keepalived has no such figure; None when that leaves nothing to compare."""
        if self.ratio is None:
            return ours <= self.at_most
        return None if theirs is None else ours <= self.ratio * theirs


FEW = (1, 10, 100)
# A varbind of a walk, us, however many routers there are, where keepalived's figures were those beside which it stands.
FLAT, FLAT_CPU = 45, 22

AIMS = (
    Aim("failover excess, dead", ratio=0.5),
    Aim("failover excess, dead", ratio=0.25, statistic=P99),
    Aim("failover excess, orderly", ratio=0.5),
    Aim("failover excess, orderly", ratio=0.25, statistic=P99),
    Aim("failover excess on a busy machine, dead", ratio=0.5),
    Aim("failover excess on a busy machine, dead", ratio=0.25, statistic=P99),
    Aim("failover excess on a busy machine, orderly", ratio=0.5),
    Aim("failover excess on a busy machine, orderly", ratio=0.25, statistic=P99),
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
    *(Aim("walk, per varbind", ratio=round(FLAT / theirs, 2), routers=(routers,))
      for routers, theirs in ((100, 68), (1000, 115), (2000, 138), (4000, 193))),
    *(Aim("walk, CPU of the agent per varbind", ratio=round(FLAT_CPU / theirs, 2), routers=(routers,))
      for routers, theirs in ((1000, 58), (4000, 107))),
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
