# SPDX-License-Identifier: ISC
"""The picture of docs/benchmarks.md: every aim and how far we are from it, then curves over the number of routers."""

import math
from html import escape

from . import aims
from .summary import OURS, THEIRS, number, quantity

WIDTH = 960
STYLE = """
    svg { font: 13px sans-serif; }
    .ground { fill: #ffffff; } text { fill: #24292f; } .faint { fill: #6e7781; font-size: 11px; }
    .title { font-size: 15px; font-weight: bold; } .axis { stroke: #8c959f; fill: none; } .grid { stroke: #d8dee4; }
    .ours { stroke: #0969da; fill: #0969da; } .theirs { stroke: #bc4c00; fill: #bc4c00; }
    .met { fill: #1a7f37; } .missed { fill: #cf222e; } .curve { fill: none; stroke-width: 2; }
    .limit { stroke: #24292f; stroke-width: 1.5; }
    @media (prefers-color-scheme: dark) {
        .ground { fill: #0d1117; } text { fill: #e6edf3; } .faint { fill: #9198a1; } .grid { stroke: #2d333b; }
        .ours { stroke: #58a6ff; fill: #58a6ff; } .theirs { stroke: #f0883e; fill: #f0883e; }
        .met { fill: #3fb950; } .missed { fill: #ff7b72; } .limit { stroke: #e6edf3; }
        .curve { fill: none; }
    }
"""
# Names of what is drawn over the number of routers, where there are at least two points.
CURVES = ("CPU per advertisement, Active", "CPU per advertisement, Backup", "memory, Active",
          "start to the last first advertisement", "configuration test (-t)", "reload, all changed: last new address",
          "reload, one changed: last new address", "dead at once: last advertisement", "dead at once: last address",
          "evenly dead: last address", "walk, per varbind", "walk, CPU of the agent per varbind")
COLUMNS, CELL, CELL_HEIGHT = 3, 320, 230
LINE = 20
# Of what is aimed for: the chart's range.
LEAST, MOST = 0.01, 10


def _text(x, y, text, kind="", anchor="start"):
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(text)}</text>'


def _line(x1, y1, x2, y2, kind):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def judged(rows):
    """(row, aim, our figure as a part of what is aimed for) of every aim that there are figures for."""
    for row in rows:
        for aim in aims.of(row.name, row.routers, row.interval):
            ours, theirs = row.statistic(OURS, aim.statistic), row.statistic(THEIRS, aim.statistic)
            limit = aim.at_most if aim.ratio is None else aim.ratio * theirs if theirs else None
            if ours is not None and limit is not None:
                yield row, aim, (ours / limit if limit else 1.0 if ours <= 0 else math.inf)


def _scale(value, least, most, begin, end):
    """The place of a value on a logarithmic axis."""
    value = min(max(value, least), most)
    return begin + (end - begin) * math.log(value / least) / math.log(most / least)


def _chart_of_aims(found, top):
    """One line for each aim: a dot left of the upright line is met."""
    left, right, bottom = 400, WIDTH - 70, top + 40 + LINE * len(found)
    yield _text(20, top + 8, "Our figure as a part of what is aimed for (left of 1: met)", "title")
    for value in (0.01, 0.1, 1, 10):
        x = _scale(value, LEAST, MOST, left, right)
        yield _line(x, top + 22, x, bottom, "limit" if value == 1 else "grid")
        yield _text(x, bottom + 14, f"{value:g}", "faint", "middle")
    for place, (row, aim, part) in enumerate(found):
        y = top + 38 + LINE * place
        name = quantity(row.name, row.routers, row.interval) + (": p99" if aim.statistic == aims.P99 else "")
        x = _scale(part, LEAST, MOST, left, right)
        yield _text(left - 12, y + 4, name, "faint", "end")
        yield _line(left, y, right, y, "grid")
        yield f'<circle cx="{x:.1f}" cy="{y}" r="5" class="{"met" if part <= 1 else "missed"}"/>'
        yield _text(right + 12, y + 4, number(part), "faint")


def _ticks(least, most):
    """Powers of ten within a range, and its ends."""
    return [10.0 ** power for power in range(math.ceil(math.log10(least) - 1e-9), math.floor(math.log10(most) + 1e-9) + 1)]


def _curve(points, kind, place):
    along = [place(*point) for point in points]
    yield f'<polyline class="curve {kind}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in along)}"/>'
    yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" class="{kind}"/>' for x, y in along)


def _panel(title, unit, lines, left, top):
    """lines: {kind: [(routers, figure)]}, both axes logarithmic."""
    points = [point for line in lines.values() for point in line]
    most_routers, fewest = max(x for x, _ in points), min(x for x, _ in points)
    least = 10 ** math.floor(math.log10(min(y for _, y in points)))
    most = 10 ** math.ceil(math.log10(max(y for _, y in points)) + 1e-9)
    begin, end, low, high = left + 48, left + CELL - 22, top + CELL_HEIGHT - 48, top + 34

    def place(x, y):
        return _scale(x, fewest, most_routers, begin, end), _scale(y, least, most, low, high)

    yield _text(left + 14, top + 12, title)
    yield _text(left + 14, top + 27, unit, "faint")
    for value in _ticks(least, most):
        y = place(fewest, value)[1]
        yield _line(begin, y, end, y, "grid")
        yield _text(begin - 6, y + 4, f"{value:g}", "faint", "end")
    for value in sorted({x for x, _ in points}):
        x = place(value, least)[0]
        yield _text(x, low + 15, f"{value:,}" if value < 1000 else f"{value // 1000}k", "faint", "middle")
    yield _line(begin, low, end, low, "axis")
    yield _line(begin, low, begin, high, "axis")
    yield _text((begin + end) / 2, low + 30, "virtual routers", "faint", "middle")
    for kind, line in lines.items():
        yield from _curve(sorted(line), kind, place)


def _panels(rows):
    """(title, unit, {kind: points}) of each curve that has at least two points of a device."""
    for name in CURVES:
        of_name = [row for row in rows if row.name == name and row.routers]
        for interval in sorted({row.interval for row in of_name}, key=lambda each: -(each or 0)):
            lines = {kind: [(row.routers, row.statistic(device)) for row in of_name if row.interval == interval
                            and row.statistic(device)] for kind, device in (("theirs", THEIRS), ("ours", OURS))}
            lines = {kind: points for kind, points in lines.items() if points}
            if any(len(points) > 1 for points in lines.values()):
                unit = next(row.unit for row in of_name)
                yield quantity(name, None, interval), unit, lines


def _legend(y):
    for x, kind, name in ((20, "theirs", THEIRS), (140, "ours", OURS)):
        yield f'<circle cx="{x + 6}" cy="{y - 4}" r="5" class="{kind}"/>' + _text(x + 18, y, name)


def svg(rows):
    found, panels = list(judged(rows)), list(_panels(rows))
    parts, top = [], 20
    if found:
        parts += _chart_of_aims(found, top)
        top += 80 + LINE * len(found)
    if panels:
        parts += [_text(20, top + 8, "Over the number of virtual routers (both axes logarithmic)", "title"),
                  *_legend(top + 32)]
        top += 52
    for place, (title, unit, lines) in enumerate(panels):
        parts += _panel(title, unit, lines, place % COLUMNS * CELL, top + place // COLUMNS * CELL_HEIGHT)
    height = top + math.ceil(len(panels) / COLUMNS) * CELL_HEIGHT + 10
    body = "\n".join(f"  {part}" for part in parts)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
            f'aria-label="keepalived and vrrp-agent, measured">\n  <style>{STYLE}  </style>\n'
            f'  <rect class="ground" width="{WIDTH}" height="{height}"/>\n{body}\n</svg>\n')
