# SPDX-License-Identifier: ISC
"""From trials to rows: medians, spreads, ratios, and whether an aim was met."""

import statistics
from dataclasses import dataclass, field

from . import aims
from .measures import MEASURES

THEIRS, OURS = "keepalived", "vrrp-agent"
# So many values make a 99th percentile.
ENOUGH = 100


def advert_int(interval):
    """", ..." as the configuration has it; "" for None."""
    return "" if interval is None else f", advert_int {interval:g}"


def quantity(name, routers, interval):
    """What was measured, in words."""
    many = "" if routers is None else f", {routers:,} router{'s' * (routers != 1)}"
    return name + many + advert_int(interval)


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


@dataclass
class Row:
    """One quantity: all values of each device, and the least and greatest of its trials' medians."""

    measure: str
    name: str
    unit: str
    routers: int
    interval: float
    values: dict
    medians: dict
    failures: list = field(default_factory=list)

    def statistic(self, kind, which=aims.MEDIAN):
        """None without values, or without enough of them."""
        values = self.values.get(kind, [])
        if which == aims.P99:
            return percentile(values, 0.99) if len(values) >= ENOUGH else None
        return statistics.median(values) if values else None

    def ratio(self, which=aims.MEDIAN):
        theirs, ours = self.statistic(THEIRS, which), self.statistic(OURS, which)
        return ours / theirs if theirs and ours is not None else None

    def spread(self, kind):
        """The least and the greatest value; of many values, trial's median."""
        of = self.medians[kind] if len(self.values[kind]) > 4 * len(self.medians[kind]) else self.values[kind]
        return min(of), max(of)


def _row(run, reading):
    trials = {kind: [trial for trial in each if trial] for kind, each in reading["trials"].items()}
    return Row(
        run["measure"], reading["name"], reading["unit"], reading["routers"], reading["interval"],
        {kind: [value for trial in each for value in trial] for kind, each in trials.items()},
        {kind: [statistics.median(trial) for trial in each] for kind, each in trials.items()}, run["failures"])


def rows(runs):
    """The Rows of what results.read() found, the last of each quantity; in the order of the measures."""
    found, names = {}, {}
    for run in runs.values():
        for reading in run["readings"]:
            row = _row(run, reading)
            names.setdefault(row.name, len(names))
            found[row.name, row.routers, row.interval] = row
    for row in found.values():
        for aim in aims.of(row.name, row.routers, row.interval):
            if aim.against and (aim.against, None, None) in found:
                row.values[aim.against] = found[aim.against, None, None].values.get(OURS, [])
            if aim.floor and (aim.floor, row.routers, row.interval) in found:
                row.values[aim.floor] = found[aim.floor, row.routers, row.interval].values.get(OURS, [])
    order = list(MEASURES)
    return sorted(found.values(), key=lambda row: (
        order.index(row.measure) if row.measure in order else len(order), names[row.name], -(row.interval or 0),
        row.routers or 0))


def number(value):
    """With so many digits as mean something."""
    if value is None:
        return "-"
    if 0 < abs(value) < 0.01:
        return f"{value:.3f}" if value >= 0.0005 else "< 0.001"
    if value == round(value):
        return f"{value:,.0f}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def shown(row, kind):
    """Median and spread, in words."""
    if not row.values.get(kind):
        return "failed" if any(each["kind"] == kind for each in row.failures) else "-"
    least, greatest = row.spread(kind)
    middle = number(row.statistic(kind))
    return middle if least == greatest else f"{middle} ({number(least)}-{number(greatest)})"


def limit(row, aim):
    """What an aim leaves us, in the row's unit; None where there is nothing to compare with."""
    return aim.limit(row.statistic(aim.against or THEIRS, aim.statistic), aim.floor and row.statistic(aim.floor))


def met(row, aim):
    """None where there is nothing to compare."""
    ours, most = row.statistic(OURS, aim.statistic), limit(row, aim)
    return None if ours is None or most is None else ours <= most


def judged(found):
    """(row, aim, whether it was met) of every aim that there are figures for."""
    for row in found:
        for aim in aims.of(row.name, row.routers, row.interval):
            if met(row, aim) is not None:
                yield row, aim, met(row, aim)


def named(row, aim):
    """What an aim is about, in words."""
    return quantity(row.name, row.routers, row.interval) + (": p99" if aim.statistic == aims.P99 else "")


def aimed(row, aim):
    """The aim, in words."""
    if aim.against:
        return f"{aim.text()} ({measured(row, aim.against, aim.statistic)})"
    if aim.floor and row.values.get(aim.floor):
        return f"{aim.text()}, or {measured(row, aim.floor, aims.MEDIAN)}"
    return aim.text() if aim.at_most is None else f"{aim.text()} {row.unit}"


def measured(row, kind, statistic):
    """A figure and its unit."""
    value = row.statistic(kind, statistic)
    return "-" if value is None else f"{number(value)} {row.unit}"


def verdict(row, aim):
    """"met", "missed", or "-" where there is nothing to compare."""
    return {None: "-", True: "met", False: "**missed**"}[met(row, aim)]


def _cells(row):
    label = quantity(row.name, row.routers, row.interval)
    about = aims.of(row.name, row.routers, row.interval)
    ratio = row.ratio()
    middle = [aim for aim in about if aim.statistic == aims.MEDIAN]
    yield [label, row.unit, str(len(row.values.get(OURS, []))), shown(row, THEIRS), shown(row, OURS), number(ratio),
           *_aim(row, middle)]
    if row.statistic(OURS, aims.P99) is not None or row.statistic(THEIRS, aims.P99) is not None:
        tail = [aim for aim in about if aim.statistic == aims.P99]
        yield [f"{label}: p99", row.unit, "", number(row.statistic(THEIRS, aims.P99)),
               number(row.statistic(OURS, aims.P99)), number(row.ratio(aims.P99)), *_aim(row, tail)]


def _aim(row, about):
    return [aimed(row, about[0]), verdict(row, about[0])] if about else ["", ""]


def table(found):
    """Markdown."""
    yield "| | unit | n | keepalived (spread) | vrrp-agent (spread) | ratio | aim | |"
    yield "|-|-|-|-|-|-|-|-|"
    for row in found:
        for cells in _cells(row):
            yield f"| {' | '.join(cells)} |"
