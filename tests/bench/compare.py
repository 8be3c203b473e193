#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Measures keepalived and vrrp-agent in turn, in one run, and prints every trial, then medians and ratios.

    tests/build plain && sudo tests/bench/compare.py [--trials N] [MEASURE...]
"""

import argparse
import os
import statistics
import sys

_TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path.insert(0, _TESTS)
os.environ.setdefault("TOP_BUILDDIR", os.path.join(_TESTS, "..", "build", "plain"))

from bench.measures import MEASURES  # noqa: E402
from harness.device import Keepalived, VrrpAgent  # noqa: E402
from harness.process import kill_all, run  # noqa: E402
from harness import namespace  # noqa: E402


class Silent(Keepalived):
    """keepalived that logs nothing: what a log costs is not what is measured."""

    def command(self):
        return [word for word in super().command() if word not in ("-l", "-D")]


KINDS = {kind.kind: kind for kind in (Silent, VrrpAgent)}


def conditions():
    system = os.uname()
    version = run(["keepalived", "--version"], check=False)
    keepalived = (version.stdout + version.stderr).split("(")[0].strip()
    return (f"Linux {system.release}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; "
            f"{keepalived} without logs and vrrp-agent, both with their defaults")


def spread(values):
    """The median, and from the least to the most."""
    return f"{statistics.median(values):.2f} ({min(values):.2f}-{max(values):.2f})"


def tail(values):
    """The 99th percentile, where there are values enough for one."""
    return f"{sorted(values)[int(len(values) * 0.99)]:.2f}" if len(values) >= 100 else "-"


def table(results):
    yield "| | unit | n | keepalived (spread) | vrrp-agent (spread) | ratio | p99 of each |"
    yield "|-|-|-|-|-|-|-|"
    for (quantity, unit), of in results.items():
        theirs, ours = (of[kind] for kind in KINDS)
        ratio = statistics.median(ours) / statistics.median(theirs)
        yield (f"| {quantity} | {unit} | {len(ours)} | {spread(theirs)} | {spread(ours)} | {ratio:.2f} | "
               f"{tail(theirs)}, {tail(ours)} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=3)
    parser.add_argument("measures", nargs="*", choices=[*MEASURES, []], metavar="MEASURE", help=", ".join(MEASURES))
    options = parser.parse_args()
    results = {}
    print(conditions(), flush=True)
    try:
        for name in options.measures or MEASURES:
            for trial in range(1, options.trials + 1):
                for kind in KINDS:
                    for quantity, unit, values in MEASURES[name](KINDS[kind]):
                        results.setdefault((quantity, unit), {each: [] for each in KINDS})[kind] += values
                        print(f"trial {trial}, {kind}: {quantity}:",
                              " ".join(f"{value:.2f}" for value in values), unit, flush=True)
    finally:
        kill_all()
        namespace.close_all()
    print(f"load {os.getloadavg()[0]:.1f} at the end\n")
    print("\n".join(table(results)))


if __name__ == "__main__":
    main()
