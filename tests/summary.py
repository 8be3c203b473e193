#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Adds up the results of tests/run: summary.py FOLDER FAILED-STEPS.  Exits 1 if anything failed.

summary.py --failed FILE.xml: the tests that failed, as pytest takes them, a line each.
"""

import glob
import os
import re
import sys
import xml.etree.ElementTree as ElementTree

AGAIN = ".again.xml"


def count_tap(path):
    counts = {"PASS": 0, "SKIP": 0, "FAIL": 0}
    with open(path, encoding="utf-8") as stream:
        for word, number in re.findall(r"# (\w+): +(\d+)", stream.read()):
            counts[{"XFAIL": "PASS", "XPASS": "FAIL", "ERROR": "FAIL"}.get(word, word)] = \
                counts.get({"XFAIL": "PASS", "XPASS": "FAIL", "ERROR": "FAIL"}.get(word, word), 0) + int(number)
    return counts["PASS"], counts["FAIL"], counts["SKIP"]


def outcomes(path):
    """What became of each test: its name, and "passed", "failed" or "skipped"."""
    found = {}
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        # Where several run at once, the name of a test's group is behind its own.
        name = f"{case.get('file')}::{re.sub('@[^]]*$', '', case.get('name'))}"
        if case.find("failure") is not None or case.find("error") is not None:
            found[name] = "failed"
        else:
            found.setdefault(name, "passed" if case.find("skipped") is None else "skipped")
    return found


def count_junit(path):
    found = outcomes(path)
    again = path[:-len(".xml")] + AGAIN
    if os.path.exists(again):
        for name, outcome in outcomes(again).items():
            if found.get(name) == "failed" and outcome == "passed":
                found[name] = outcome
                print(f"  passed at the second try only: {name}")
    return tuple(list(found.values()).count(outcome) for outcome in ("passed", "failed", "skipped"))


def main():
    if sys.argv[1] == "--failed":
        print("\n".join(name for name, outcome in outcomes(sys.argv[2]).items() if outcome == "failed"))
        return 0
    folder, failed_steps = sys.argv[1], int(sys.argv[2])
    total = [0, failed_steps, 0]
    paths = glob.glob(os.path.join(folder, "*.counts")) + glob.glob(os.path.join(folder, "*.xml"))
    for path in sorted(each for each in paths if not each.endswith(AGAIN)):
        counts = count_tap(path) if path.endswith(".counts") else count_junit(path)
        print(f"  {os.path.basename(path).rsplit('.', 1)[0]}: {counts[0]} passed, {counts[1]} failed, {counts[2]} skipped")
        total = [a + b for a, b in zip(total, counts)]
    if not total[0]:
        total[1] += 1
        print("  no test was run")
    print(f"{total[0]} passed, {total[1]} failed" + (f", {total[2]} skipped" if total[2] else ""))
    return 1 if total[1] else 0


if __name__ == "__main__":
    sys.exit(main())
