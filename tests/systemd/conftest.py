# SPDX-License-Identifier: ISC
"""One machine with systemd for all tests of this folder, and the packages of tests/systemd/prepare."""

import os

import pytest

from harness.namespace import Network
from harness.process import run
from harness.service import MADE, booted, installed

HERE = os.path.dirname(os.path.abspath(__file__))


def pytest_collection_modifyitems(items):
    for item in items:
        if str(item.path).startswith(HERE + os.sep):
            item.add_marker(pytest.mark.agent_only)


@pytest.fixture(scope="session")
def packages():
    """The folder with first.deb and next.deb."""
    run([os.path.join(HERE, "prepare")], timeout=1800)
    return os.path.realpath(os.path.join(MADE, "packages"))


@pytest.fixture(scope="session")
def net():
    with Network() as made:
        made.host("ours")
        made.host("other")
        made.host("reader", ["192.0.2.11/24"])
        yield made


@pytest.fixture(scope="session")
def machine(packages, net, tmp_path_factory):
    """Booted, with no package of ours."""
    yield from booted(packages, net.hosts["ours"], tmp_path_factory, ["/dev/cpu_dma_latency"])


@pytest.fixture
def other_machine(packages, net, tmp_path_factory):
    """One that may be switched off, and has no device but the usual ones."""
    yield from booted(packages, net.hosts["other"], tmp_path_factory)


@pytest.fixture(scope="session")
def capture(net):
    return net.capture()


@pytest.fixture
def service(machine):
    """Installed; stopped at the end."""
    made = installed(machine)
    yield made
    made.systemctl("stop", check=False)


@pytest.fixture
def other_service(other_machine):
    return installed(other_machine)
