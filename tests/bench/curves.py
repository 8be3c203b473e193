# SPDX-License-Identifier: ISC
"""Curves over the number of virtual routers, both axes logarithmic: one panel for each quantity."""

import math

from .aims import AIMS
from .drawing import dot, line, scale, square, text
from .summary import OURS, THEIRS, advert_int

# What is drawn, where there are at least two points.
NAMES = ("CPU per advertisement, Active", "CPU per advertisement, Backup", "memory, Active",
         "start to the last first advertisement", "configuration test (-t)", "reload, all changed: last new address",
         "reload, one changed: last new address", "dead at once: last advertisement", "dead at once: last address",
         "evenly dead: last address", "walk, per varbind", "walk, CPU of the agent per varbind")
COLUMNS, CELL, CELL_HEIGHT = 3, 320, 250
HEAD = 56
# Labels below the horizontal axis are at least so far apart.
APART = 24
MARKS = {"theirs": square, "ours": dot}


def _round(value, up):
    """The next 1, 2 or 5 with zeros."""
    power = 10.0 ** math.floor(math.log10(value))
    steps = [power * step for step in (1, 2, 5, 10)]
    if up:
        return next(step for step in steps if step >= value * (1 - 1e-9))
    return next(step for step in reversed(steps) if step <= value * (1 + 1e-9))


def _ticks(least, most):
    """Powers of ten; where that is too few, twos and fives as well."""
    steps = (1,) if most / least > 200 else (1, 2, 5)
    powers = range(math.floor(math.log10(least)), math.ceil(math.log10(most)) + 1)
    found = [step * 10.0 ** power for power in powers for step in steps]
    return [value for value in found if least * 0.999 <= value <= most * 1.001]


def _horizontal(numbers, place, low):
    """Labels of the numbers of routers, from the greatest on, as many as there is room for."""
    last = math.inf
    for value in sorted(numbers, reverse=True):
        if last - place(value) >= APART:
            last = place(value)
            yield text(last, low + 15, f"{value:,}" if value < 1000 else f"{value / 1000:g}k", "faint", "middle")


def _panel(name, unit, interval, lines, left, top):
    """lines: {kind: [(routers, figure)]}."""
    limit = next((aim.at_most for aim in AIMS if aim.name == name and aim.at_most), None)
    points = [point for of in lines.values() for point in of]
    figures = [y for _, y in points] + ([limit] if limit else [])
    numbers = {x for x, _ in points}
    least, most = _round(min(figures), False), _round(max(figures), True)
    if least == most:
        most = _round(most * 1.5, True)
    begin, end, low, high = left + 52, left + CELL - 22, top + CELL_HEIGHT - 52, top + 44

    def across(x):
        return scale(x, min(numbers), max(numbers), begin, end)

    def upwards(y):
        return scale(y, least, most, low, high)

    yield text(left + 20, top + 12, name)
    yield text(left + 20, top + 28, unit + advert_int(interval), "faint")
    for value in _ticks(least, most):
        yield line(begin, upwards(value), end, upwards(value), "grid")
        yield text(begin - 6, upwards(value) + 4, f"{value:,g}", "faint", "end")
    yield from _horizontal(numbers, across, low)
    yield line(begin, low, end, low, "axis")
    yield line(begin, low, begin, high, "axis")
    yield text((begin + end) / 2, low + 30, "virtual routers", "faint", "middle")
    if limit:
        yield line(begin, upwards(limit), end, upwards(limit), "dashed")
    for kind, of in lines.items():
        along = [(across(x), upwards(y)) for x, y in sorted(of)]
        yield f'<polyline class="curve {kind}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in along)}"/>'
        yield from (MARKS[kind](x, y, kind, 3) for x, y in along)


def _panels(rows):
    """(name, unit, interval, {kind: points}) of each curve that has at least two points of a device."""
    for name in NAMES:
        of_name = [row for row in rows if row.name == name and row.routers]
        for interval in sorted({row.interval for row in of_name}, key=lambda each: -(each or 0)):
            lines = {kind: [(row.routers, row.statistic(device)) for row in of_name if row.interval == interval
                            and row.statistic(device)] for kind, device in (("theirs", THEIRS), ("ours", OURS))}
            lines = {kind: points for kind, points in lines.items() if points}
            if any(len(points) > 1 for points in lines.values()):
                yield name, of_name[0].unit, interval, lines


def _heading(top):
    yield text(20, top + 8, "Over the number of virtual routers (both axes logarithmic, lower is better)", "title")
    for x, kind, words in ((26, "theirs", THEIRS), (126, "ours", OURS)):
        yield MARKS[kind](x, top + 28, kind)
        yield text(x + 11, top + 32, words)
    yield line(230, top + 28, 250, top + 28, "dashed")
    yield text(257, top + 32, "an aim for vrrp-agent, where it is a figure of its own")


def drawn(rows, top):
    """(pieces, height)."""
    panels = list(_panels(rows))
    if not panels:
        return [], 0
    parts = [*_heading(top)]
    for place, panel in enumerate(panels):
        parts += _panel(*panel, place % COLUMNS * CELL, top + HEAD + place // COLUMNS * CELL_HEIGHT)
    return parts, HEAD + math.ceil(len(panels) / COLUMNS) * CELL_HEIGHT
