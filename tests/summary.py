#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Adds up the results of tests/run: summary.py FOLDER FAILED-STEPS.  Exits 1 if anything failed."""

import glob
import os
import re
import sys
import xml.etree.ElementTree as ElementTree


def count_tap(path):
    counts = {"PASS": 0, "SKIP": 0, "FAIL": 0}
    with open(path, encoding="utf-8") as stream:
        for word, number in re.findall(r"# (\w+): +(\d+)", stream.read()):
            counts[{"XFAIL": "PASS", "XPASS": "FAIL", "ERROR": "FAIL"}.get(word, word)] = \
                counts.get({"XFAIL": "PASS", "XPASS": "FAIL", "ERROR": "FAIL"}.get(word, word), 0) + int(number)
    return counts["PASS"], counts["FAIL"], counts["SKIP"]


def count_junit(path):
    passed = failed = skipped = 0
    for suite in ElementTree.parse(path).getroot().iter("testsuite"):
        bad = int(suite.get("failures")) + int(suite.get("errors"))
        skips = int(suite.get("skipped"))
        passed += int(suite.get("tests")) - bad - skips
        failed += bad
        skipped += skips
    return passed, failed, skipped


def main():
    folder, failed_steps = sys.argv[1], int(sys.argv[2])
    total = [0, failed_steps, 0]
    for path in sorted(glob.glob(os.path.join(folder, "*.counts")) + glob.glob(os.path.join(folder, "*.xml"))):
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
