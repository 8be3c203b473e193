# SPDX-License-Identifier: ISC
"""The tables of docs/benchmarks.md, put into the text of page.md."""

from . import aims
from .summary import OURS, THEIRS, number, quantity, verdict


def _under(conditions):
    """One line for each machine and version; what later files say again is left out."""
    seen = []
    for each in conditions:
        of = {name: value for name, value in each.items() if name not in ("date", "revision")}
        if of not in [line for line, _ in seen]:
            seen.append((of, []))
        next(runs for line, runs in seen if line == of).append(f"{each['date']} (revision {each['revision']})")
    for of, runs in seen:
        shown = runs if len(runs) <= 4 else [runs[0], "...", runs[-1]]
        yield (f"Linux {of['kernel']}, {of['processors']} processors ({of['processor']}), {of['keepalived']}, "
               f"{of['vrrp-agent']}; {', '.join(shown)}.")


def _load(runs):
    loads = [load for run in runs.values() for load in run["load"]]
    return f"Load average while it was measured: {min(loads):.1f} to {max(loads):.1f}."


def _spread(row, kind):
    if not row.values.get(kind):
        return ""
    least, greatest = row.spread(kind)
    return "" if least == greatest else f" ({number(least)}-{number(greatest)})"


def _figure(row, kind, statistic):
    value = row.statistic(kind, statistic)
    if value is None:
        failed = any(each["kind"] == kind for each in row.failures)
        return "failed" if failed and not row.values.get(kind) else "-"
    return number(value) + (_spread(row, kind) if statistic == aims.MEDIAN else "")


def of_aims(rows):
    yield "| | unit | n | keepalived | vrrp-agent | ratio | aim | |"
    yield "|-|-|-|-|-|-|-|-|"
    for row in rows:
        for aim in aims.of(row.name, row.routers, row.interval):
            name = quantity(row.name, row.routers, row.interval) + (": p99" if aim.statistic == aims.P99 else "")
            figures = [_figure(row, kind, aim.statistic) for kind in (THEIRS, OURS)]
            yield (f"| {name} | {row.unit} | {len(row.values.get(OURS, []))} | {' | '.join(figures)} | "
                   f"{number(row.ratio(aim.statistic))} | {aim.text()} | {verdict(row, aim)} |")


def _both(row):
    """keepalived's median and ours."""
    return " / ".join(_figure_alone(row, kind) for kind in (THEIRS, OURS))


def _figure_alone(row, kind):
    if row.values.get(kind):
        return number(row.statistic(kind))
    return "failed" if any(each["kind"] == kind for each in row.failures) else "-"


def of_sweeps(rows):
    """A line for each quantity, a column for each number of routers."""
    swept = {}
    for row in rows:
        if row.routers is not None:
            swept.setdefault((row.name, row.unit, row.interval), {})[row.routers] = row
    swept = {key: of for key, of in swept.items() if len(of) > 1}
    columns = sorted({routers for of in swept.values() for routers in of})
    if not swept:
        return
    yield f"| keepalived / vrrp-agent | unit | {' | '.join(f'{routers:,}' for routers in columns)} |"
    yield "|-|-|" + "-|" * len(columns)
    for (name, unit, interval), of in swept.items():
        cells = [_both(of[routers]) if routers in of else "" for routers in columns]
        yield f"| {quantity(name, None, interval)} | {unit} | {' | '.join(cells)} |"


def of_the_rest(rows):
    """What has no aim and no sweep."""
    swept = {}
    for row in rows:
        swept.setdefault((row.name, row.unit, row.interval), set()).add(row.routers)
    yield "| | unit | n | keepalived | vrrp-agent | ratio |"
    yield "|-|-|-|-|-|-|"
    for row in rows:
        alone = len(swept[row.name, row.unit, row.interval]) == 1
        if alone and not aims.of(row.name, row.routers, row.interval):
            figures = [_figure(row, kind, aims.MEDIAN) for kind in (THEIRS, OURS)]
            yield (f"| {quantity(row.name, row.routers, row.interval)} | {row.unit} | "
                   f"{len(row.values.get(OURS, []))} | {' | '.join(figures)} | {number(row.ratio())} |")


def of_failures(runs):
    """What could not be measured, and why; the first of each case and device."""
    for run in runs.values():
        first = {}
        for each in run["failures"]:
            first.setdefault(each["kind"], []).append(each["why"].splitlines()[0])
        case = " ".join(f"{name}={value}" for name, value in run["case"].items())
        for kind, whys in first.items():
            yield f"- {run['measure']} {case}, {kind}, {len(whys)} trials: {whys[0]}"


def filled(template, conditions, runs, rows):
    """The page."""
    tables = {
        "CONDITIONS": [*_under(conditions), _load(runs)],
        "AIMS": of_aims(rows),
        "SWEEPS": of_sweeps(rows),
        "REST": of_the_rest(rows),
        "FAILURES": list(of_failures(runs)) or ["Nothing."],
    }
    for name, lines in tables.items():
        template = template.replace(f"<!-- {name} -->", "\n".join(lines))
    return template
