#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Measures keepalived and vrrp-agent in turn, prints and keeps every trial, then prints a table.

    tests/build plain && sudo tests/bench/compare.py --brief      what the aims ask for
    sudo tests/bench/compare.py --all                             that and the sweeps over the number of routers
    sudo tests/bench/compare.py --sweep start reload              only the sweeps of two measures
    tests/bench/write-page                                        docs/benchmarks.md and .svg, of all that was kept
"""

import argparse
import ast
import os
import signal
import sys
import time
import traceback

_TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path.insert(0, _TESTS)
os.environ.setdefault("TOP_BUILDDIR", os.path.join(_TESTS, "..", "build", "plain"))

from bench import registry, results, summary  # noqa: E402
from bench.measures import MEASURES  # noqa: E402
from harness.device import Keepalived, VrrpAgent  # noqa: E402
from harness.process import kill_all  # noqa: E402
from harness import namespace  # noqa: E402


class Silent(Keepalived):
    """keepalived that logs nothing: what a log costs is not what is measured."""

    def command(self):
        return [word for word in super().command() if word not in ("-l", "-D")]


# Values of one trial that are printed; more than that are summed up.
PRINTED = 20
KINDS = {kind.kind: kind for kind in (Silent, VrrpAgent)}


def _words(case):
    return " ".join(f"{name}={value}" for name, value in case.items())


def _values(values):
    """All of them where they are few; the file has them all."""
    if len(values) <= PRINTED:
        return " ".join(f"{value:.4g}" for value in values)
    parts = " ".join(f"{name} {summary.percentile(values, part):.4g}" for name, part in (
        ("least", 0), ("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("most", 1)))
    return f"{len(values)} values, {parts}"


def _one(run, measure, case, kind, trial):
    """One trial of one device; what it fails with is told, and kept."""
    registry.NOTES.clear()
    try:
        for reading in measure.run(KINDS[kind], **case):
            run.add(kind, reading)
            print(f"  trial {trial}, {kind}: {summary.quantity(reading.name, reading.routers, reading.interval)}: "
                  f"{_values(reading.values)} {reading.unit}", flush=True)
    except Exception as problem:  # pylint: disable=broad-except
        why = (str(problem).strip() or repr(problem))[:500]
        run.fail(kind, trial, why)
        print(f"  trial {trial}, {kind}: FAILED: {why}", flush=True)
        if "BENCH_TRACE" in os.environ:
            traceback.print_exc()
        kill_all()
        namespace.close_all()
    for text in registry.NOTES:
        run.note(kind, trial, text)
        print(f"  trial {trial}, {kind}: note: {text}", flush=True)


def _condition(text):
    """What --where asks for, as cases have it."""
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text}: a name, = and a value, as --plan prints them")
    try:
        return name, ast.literal_eval(value)
    except (SyntaxError, ValueError):
        return name, value


def _plan(options):
    """[(measure, case, trials, seconds)]."""
    selections = [name for name in ("smoke", "brief", "sweep") if getattr(options, name)] or ["brief"]
    found = []
    for name in options.measures or MEASURES:
        measure = MEASURES[name]
        for case in measure.chosen(selections):
            if any(case.get(name) != value for name, value in options.where):
                continue
            trials = min(options.trials or (1 if options.smoke else 3), measure.trials)
            found.append((measure, case, trials, measure.seconds(**case) * trials * len(options.kinds)))
    return found


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--brief", action="store_true", help="what the aims ask for (the default)")
    parser.add_argument("--sweep", action="store_true", help="over the number of routers")
    parser.add_argument("--all", action="store_true", help="both")
    parser.add_argument("--smoke", action="store_true", help="tiny cases, which show that the measures work")
    parser.add_argument("--where", action="append", type=_condition, default=[], metavar="NAME=VALUE",
                        help="only the cases of which this is so: routers=1")
    parser.add_argument("--trials", type=int, help="of each device and case; default 3, some measures have less")
    parser.add_argument("--only", dest="kinds", action="append", choices=[*KINDS], help="one of the devices")
    parser.add_argument("--plan", action="store_true", help="say what would be done")
    parser.add_argument("--results", help="default: a new file in tests/bench/results")
    parser.add_argument("measures", nargs="*", choices=[*MEASURES, []], metavar="MEASURE",
                        help="default: all of " + ", ".join(MEASURES))
    options = parser.parse_args()
    options.brief |= options.all
    options.sweep |= options.all
    options.kinds = options.kinds or [*KINDS]
    return options


def _clock(seconds):
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def _interrupted(_number, _frame):
    raise KeyboardInterrupt("SIGTERM")


def main():
    options = _arguments()
    plan = _plan(options)
    if not plan:
        sys.exit("compare.py: no case is like that: --plan without --where shows them all")
    left = sum(seconds for *_, seconds in plan)
    print(f"{len(plan)} cases, about {_clock(left)} minutes", flush=True)
    if options.plan:
        for measure, case, trials, seconds in plan:
            print(f"  {_clock(seconds):>6}  {measure.name} {_words(case)}, {trials} trials")
        return 0
    if os.geteuid() != 0:
        sys.exit("compare.py: network namespaces need root: sudo tests/bench/compare.py")
    signal.signal(signal.SIGTERM, _interrupted)
    namespace.sweep()
    kept = results.File(options.results or results.default_path())
    print(", ".join(f"{name}: {value}" for name, value in kept.content["conditions"].items()), flush=True)
    failures = 0
    try:
        for measure, case, trials, seconds in plan:
            print(f"{time.strftime('%H:%M:%S')} {measure.name} {_words(case)}: {trials} trials, load "
                  f"{os.getloadavg()[0]:.1f}, about {_clock(left)} minutes to go", flush=True)
            run = results.Run(measure.name, case)
            for trial in range(1, trials + 1):
                for kind in options.kinds[::1 if trial % 2 else -1]:  # neither is always first
                    _one(run, measure, case, kind, trial)
            kept.add(run)
            failures += len(run.record["failures"])
            left -= seconds
    finally:
        kill_all()
        namespace.close_all()
        print(f"kept in {kept.path}\n", flush=True)
        print("\n".join(summary.table(summary.rows(results.read([kept.path])[1]))) if kept.content["runs"] else "")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
