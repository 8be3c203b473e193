# SPDX-License-Identifier: ISC
"""The tables of docs/benchmarks.md, put into the text of page.md."""

from . import aims
from .measures import MEASURES
from .summary import OURS, THEIRS, aimed, judged, measured, named, number, quantity, verdict

# The CPU of a Backup, and what of it the kernel spends on eBPF programs.
WITH_KERNEL, IN_KERNEL = "CPU per advertisement, Backup", "CPU per advertisement, Backup: of it in eBPF"


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


def of_verdicts(rows, runs):
    """How many aims are met, and each that is not; what could not be judged."""
    found = list(judged(rows))
    missed = [(row, aim) for row, aim, met in found if not met]
    yield f"Of {len(found)} aims that were measured, {len(found) - len(missed)} are met" + (
        " and none is missed." if not missed else f" and **{len(missed)} are missed**:")
    if missed:
        yield ""
        yield "| missed | vrrp-agent | keepalived | ratio | aim |"
        yield "|-|-|-|-|-|"
    for row, aim in missed:
        figures = [measured(row, kind, aim.statistic) for kind in (OURS, THEIRS)]
        yield f"| {named(row, aim)} | {' | '.join(figures)} | {number(row.ratio(aim.statistic))} | {aimed(row, aim)} |"
    unknown = dict.fromkeys(aim.name for aim in aims.AIMS if all(aim is not judged_of for _, judged_of, _ in found))
    if unknown:
        yield ""
        yield f"Without figures, or with too few: {'; '.join(unknown)}."
    failed = [each["kind"] for run in runs.values() for each in run["failures"]]
    if failed:
        yield ""
        yield (f"Trials that failed: {failed.count(THEIRS)} of {THEIRS}, {failed.count(OURS)} of {OURS} "
               "(\"What failed\", below).")


def of_aims(rows):
    yield "| | unit | n | keepalived | vrrp-agent | ratio | aim | |"
    yield "|-|-|-|-|-|-|-|-|"
    for row in rows:
        for aim in aims.of(row.name, row.routers, row.interval):
            figures = [_figure(row, kind, aim.statistic) for kind in (THEIRS, OURS)]
            yield (f"| {named(row, aim)} | {row.unit} | {len(row.values.get(OURS, []))} | {' | '.join(figures)} | "
                   f"{number(row.ratio(aim.statistic))} | {aimed(row, aim)} | {verdict(row, aim)} |")


def _both(row):
    """keepalived's median and ours."""
    return " / ".join(_figure_alone(row, kind) for kind in (THEIRS, OURS))


def _figure_alone(row, kind):
    if row.values.get(kind):
        return number(row.statistic(kind))
    return "failed" if any(each["kind"] == kind for each in row.failures) else "-"


def of_sweeps(rows):
    """For each measure a table: a line for each quantity, a column for each number of routers."""
    swept = {}
    for row in rows:
        if row.routers is not None:
            swept.setdefault(row.measure, {}).setdefault((row.name, row.unit, row.interval), {})[row.routers] = row
    for measure, of_measure in swept.items():
        of_measure = {key: of for key, of in of_measure.items() if len(of) > 1}
        if of_measure:
            yield from _of_sweep(measure, of_measure)


def _of_sweep(measure, swept):
    columns = sorted({routers for of in swept.values() for routers in of})
    yield f"`{measure}`: {' '.join(MEASURES[measure].run.__doc__.split())}" if measure in MEASURES else f"`{measure}`"
    yield ""
    yield f"| keepalived / vrrp-agent | unit | {' | '.join(f'{routers:,}' for routers in columns)} |"
    yield "|-|-|" + "-|" * len(columns)
    for (name, unit, interval), of in swept.items():
        cells = [_both(of[routers]) if routers in of else "" for routers in columns]
        yield f"| {quantity(name, None, interval)} | {unit} | {' | '.join(cells)} |"
    yield ""


def of_the_rest(rows):
    """What has no aim and no sweep."""
    swept = {}
    for row in rows:
        swept.setdefault((row.name, row.unit, row.interval), set()).add(row.routers)
    rest = [row for row in rows if len(swept[row.name, row.unit, row.interval]) == 1
            and not aims.of(row.name, row.routers, row.interval)]
    if not rest:
        yield "Nothing."
        return
    yield "| | unit | n | keepalived | vrrp-agent | ratio |"
    yield "|-|-|-|-|-|-|"
    for row in rest:
        figures = [_figure(row, kind, aims.MEDIAN) for kind in (THEIRS, OURS)]
        yield (f"| {quantity(row.name, row.routers, row.interval)} | {row.unit} | "
               f"{len(row.values.get(OURS, []))} | {' | '.join(figures)} | {number(row.ratio())} |")
        if row.statistic(OURS, aims.P99) is not None:
            tails = [number(row.statistic(kind, aims.P99)) for kind in (THEIRS, OURS)]
            yield (f"| {quantity(row.name, row.routers, row.interval)}: p99 | {row.unit} | | {' | '.join(tails)} | "
                   f"{number(row.ratio(aims.P99))} |")


def _uncounted(rows):
    """What an older bench did not count."""
    whole = {(row.routers, row.interval) for row in rows if row.name == IN_KERNEL}
    parts = [quantity("", row.routers, row.interval)[2:] for row in rows
             if row.name == WITH_KERNEL and (row.routers, row.interval) not in whole]
    if parts:
        yield (f"Taken before eBPF programs were counted, and so without their time: \"{WITH_KERNEL}\" of "
               f"{'; '.join(parts)}.")


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
        "CONDITIONS": [*_under(conditions), _load(runs), *_uncounted(rows)],
        "VERDICTS": of_verdicts(rows, runs),
        "AIMS": of_aims(rows),
        "SWEEPS": of_sweeps(rows),
        "REST": of_the_rest(rows),
        "FAILURES": list(of_failures(runs)) or ["Nothing."],
    }
    for name, lines in tables.items():
        template = template.replace(f"<!-- {name} -->", "\n".join(lines))
    return template
