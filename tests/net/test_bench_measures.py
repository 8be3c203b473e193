# SPDX-License-Identifier: ISC
"""The bench still measures: each of its measures once, tiny, on both devices, and the page is made of that."""

import json
import os
import subprocess
import sys

import pytest

from bench.measures import MEASURES
from bench.summary import quantity

BENCH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bench")
# keepalived takes no SETs.
OURS_ALONE = ("set_to_wire", "walk_of_numbers")

pytestmark = pytest.mark.agent_only


def _run(*words):
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def test_where():
    """Some cases of a sweep can be measured anew, without the others."""
    compare = os.path.join(BENCH, "compare.py")
    count, *cases = _run(compare, "--plan", "--sweep", "--where", "routers=1", "load").splitlines()
    assert count.startswith("2 cases") and all("load routers=1 interval=" in case for case in cases)
    done = subprocess.run([sys.executable, compare, "--plan", "--sweep", "--where", "router=1", "load"],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1 and "no case" in done.stderr


@pytest.mark.parametrize("name", list(MEASURES))
def test_measure(name, tmp_path, need):
    need("keepalived", "snmpd", "snmptrapd")
    kept = tmp_path / "kept.json"
    _run(os.path.join(BENCH, "compare.py"), "--smoke", "--results", str(kept), name)
    runs = json.loads(kept.read_text(encoding="utf-8"))["runs"]
    readings = [reading for run in runs for reading in run["readings"]]
    assert [run["case"] for run in runs] == MEASURES[name].cases["smoke"] and readings
    for reading in readings:
        kinds = ["vrrp-agent"] if name in OURS_ALONE else ["keepalived", "vrrp-agent"]
        assert sorted(reading["trials"]) == kinds
        assert all(trial and len(trials) == 1 for trials in reading["trials"].values() for trial in trials)

    _run(os.path.join(BENCH, "write-page"), "--to", str(tmp_path), str(kept))
    page = (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
    for reading in readings:
        assert reading["name"] in page and quantity(reading["name"], None, None) in page
    assert "<!--" not in page and "## What failed\n\nNothing." in page
    assert (tmp_path / "benchmarks.svg").read_text(encoding="utf-8").endswith("</svg>\n")
