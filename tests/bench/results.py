# SPDX-License-Identifier: ISC
"""Raw trials on the disk: one file for each run of compare.py, written anew after each case.

    {"conditions": {...}, "runs": [{"measure", "case", "taken", "seconds", "load": [begin, end], "failures": [...], "notes": [...],
     "readings": [{"name", "unit", "routers", "interval", "trials": {"keepalived": [[...], ...], ...}}]}]}
"""

import glob
import json
import os
import platform
import subprocess
import time

from harness.device import VrrpAgent
from harness.process import run

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
FOLDER = os.path.join(TOP, "tests", "bench", "results")


def _said(argv):
    """The first line of what a program says; "" without it."""
    try:
        done = run(argv, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ((done.stdout or done.stderr).splitlines() or [""])[0].strip()


def _processor():
    with open("/proc/cpuinfo", encoding="utf-8") as stream:
        return next((line.split(":", 1)[1].strip() for line in stream if line.startswith("model name")), "")


def conditions():
    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "kernel": platform.release(),
        "processors": os.cpu_count(),
        "processor": _processor(),
        "keepalived": _said(["keepalived", "--version"]).split(" (")[0],
        "vrrp-agent": _said([VrrpAgent.program(), "--version"]),
        "revision": _said(["git", "-c", f"safe.directory={TOP}", "-C", TOP, "describe", "--always", "--dirty"]),
    }


def _rounded(value):
    return float(f"{value:.6g}")


class Run:
    """The trials of one case of one measure."""

    def __init__(self, measure, case):
        self._began = time.time()
        self._readings = {}
        self.record = {
            "measure": measure, "case": case, "taken": time.strftime("%Y-%m-%d %H:%M", time.gmtime()), "seconds": 0,
            "load": [os.getloadavg()[0]] * 2, "failures": [], "notes": [], "readings": []}

    def add(self, kind, reading):
        key = reading.name, reading.unit, reading.routers, reading.interval
        if key not in self._readings:
            self._readings[key] = {**dict(zip(("name", "unit", "routers", "interval"), key)), "trials": {}}
            self.record["readings"].append(self._readings[key])
        self._readings[key]["trials"].setdefault(kind, []).append([_rounded(value) for value in reading.values])

    def fail(self, kind, trial, why):
        self.record["failures"].append({"kind": kind, "trial": trial, "why": why})

    def note(self, kind, trial, text):
        self.record["notes"].append({"kind": kind, "trial": trial, "text": text})

    def end(self):
        self.record["seconds"] = round(time.time() - self._began, 1)
        self.record["load"][1] = os.getloadavg()[0]


class File:
    """The results of one run of compare.py."""

    def __init__(self, path):
        self.path = path
        self.content = {"conditions": conditions(), "runs": []}
        os.makedirs(os.path.dirname(path), exist_ok=True)

    def add(self, ended):
        ended.end()
        self.content["runs"].append(ended.record)
        with open(self.path + ".new", "w", encoding="utf-8") as stream:
            json.dump(self.content, stream)
            stream.write("\n")
        os.replace(self.path + ".new", self.path)


def default_path():
    return os.path.join(FOLDER, time.strftime("%Y%m%dT%H%M%S.json", time.gmtime()))


def read(paths=()):
    """(conditions of each file, {(measure, case as text): run}); what is in a later file replaces what an earlier
    one has of the same case."""
    found, all_conditions = {}, []
    for path in paths or sorted(glob.glob(os.path.join(FOLDER, "*.json"))):
        with open(path, encoding="utf-8") as stream:
            content = json.load(stream)
        all_conditions.append(content["conditions"])
        for each in content["runs"]:
            key = each["measure"], json.dumps(each["case"], sort_keys=True)
            found.pop(key, None)
            found[key] = each
    return all_conditions, found
