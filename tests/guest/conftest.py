# SPDX-License-Identifier: ISC
"""Tests of this folder run in the guest machine of harness.guest; their results are told here.

A test is written like any other of tests/net. The guest boots when the first is due, and runs them all.
"""

import os
import platform

import pytest
from _pytest.reports import TestReport

from harness import guest
from harness.device import finish
from harness.duo import Duo
from harness.folder import ShortFolder
from harness.namespace import Network

_HERE = os.path.dirname(os.path.abspath(__file__))
_GUEST = pytest.StashKey()
_GROUP = "guest"


def _of_guest(item):
    return str(item.path).startswith(_HERE + os.sep)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """One worker of a parallel run boots the guest."""
    if not guest.INSIDE:
        for item in filter(_of_guest, items):
            item.add_marker(pytest.mark.xdist_group(_GROUP))


def _id(item):
    """As it is without xdist, which adds the group's name."""
    return item.nodeid.removesuffix(f"@{_GROUP}")


def _booted(item):
    stash = item.config.stash
    if _GUEST not in stash:
        tests = [f"{each.path}::{_id(each).partition('::')[2]}" for each in item.session.items if _of_guest(each)]
        stash[_GUEST] = guest.Guest(item.config.rootpath, tests, ["--dut", item.config.getoption("--dut")])
    return stash[_GUEST]


def _reports(item):
    if platform.machine() != "x86_64":
        return [_own_report(item, "skipped", (str(item.path), 0, "the guest is an x86_64 machine"))]
    try:
        serialized = _booted(item).result(_id(item))
    except AssertionError as problem:
        return [_own_report(item, "failed", str(problem))]
    reports = []
    for each in serialized:
        report = item.config.hook.pytest_report_from_serializable(config=item.config, data=each)
        report.nodeid = item.nodeid
        reports.append(report)
    return reports


def _own_report(item, outcome, text):
    return TestReport(item.nodeid, item.location, dict.fromkeys(item.keywords, 1), outcome, text, "call")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item):
    """Asked about the tests of every folder."""
    if guest.INSIDE or not _of_guest(item):
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for report in _reports(item):
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def pytest_sessionfinish(session):
    if _GUEST in session.config.stash:
        session.config.stash[_GUEST].close()
        del session.config.stash[_GUEST]


@pytest.fixture(scope="module")
def duo(tmp_path_factory, dut_kind, peer_kind):
    """The device on "ours" and keepalived on "theirs", for all tests of a module: a start is what is dear here."""
    folder = ShortFolder(tmp_path_factory.mktemp("duo"))
    made = []

    def make(kind, host):
        made.append(kind(host, folder.path))
        return made[-1]

    with Network() as network:
        yield Duo(network, make, {"ours": dut_kind, "theirs": peer_kind})
        finish(made)
    folder.close()
