# SPDX-License-Identifier: ISC
"""Every id of the conformance checklist has a test that bears its name."""

import glob
import os
import re

import pytest

from conformance import IDS

_TESTS = os.path.join(os.path.dirname(__file__), "..")
# A test function, or a row of a table of cases or scenarios.
_BEARERS = re.compile(r'(?:def test_|Case\("|Scenario\(")([TRFDLM]\d+b?)[-_]')


def _covered():
    found = {}
    for path in glob.glob(f"{_TESTS}/*/test_*.py"):
        with open(path, encoding="utf-8") as stream:
            for each in _BEARERS.findall(stream.read()):
                found.setdefault(each, set()).add(os.path.basename(path))
    return found


@pytest.mark.parametrize("number", IDS)
def test_every_id_has_a_test(number):
    assert number in _covered(), f"{number}: {IDS[number]}"


def test_no_test_bears_an_unknown_id():
    assert set(_covered()) <= set(IDS)
