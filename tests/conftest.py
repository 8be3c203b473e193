# SPDX-License-Identifier: ISC
"""Options, fixtures and cleaning for the tests that run real programs in network namespaces."""

import atexit
import os
import shutil
import signal
import zlib

import pytest

from harness import device, namespace, process
from harness.device import KINDS, VrrpAgent, finish
from harness.folder import ShortFolder


def pytest_addoption(parser):
    parser.addoption("--dut", choices=sorted(KINDS), default=os.environ.get("VRRP_DUT", "vrrp-agent"),
                     help="the device under test; keepalived proves the tests themselves")
    parser.addoption("--path", choices=("plain", "kernel", "dealt"), default=os.environ.get("VRRP_PATH", "kernel"),
                     help="whether the kernel checks repeated advertisements; dealt: half of the tests so, half so")


def pytest_configure(config):
    config.addinivalue_line("markers", "timing: needs a quiet machine: run alone, without -n")
    config.addinivalue_line("markers", "agent_only: about vrrp-agent's own inside; has no meaning for another device")
    config.addinivalue_line("markers", "unsanitized: shows nothing of a program that a sanitizer watches")
    config.addinivalue_line("markers", "path(which): about one path of advertisements; takes no other")
    _keep_groups_together(config)
    signal.signal(signal.SIGTERM, _interrupted)
    atexit.register(_clean)


def _keep_groups_together(config):
    """Makes `-n` mean `--dist loadgroup`. A worker reads the command line anew, so it is told as well."""
    if hasattr(config, "workerinput"):
        config.option.loadgroup = True
    elif config.pluginmanager.hasplugin("xdist") and config.getoption("numprocesses", None):
        if config.getoption("dist") == "load":
            config.option.dist = "loadgroup"


def _interrupted(_number, _frame):
    raise KeyboardInterrupt("SIGTERM")


def _clean():
    process.kill_all()
    namespace.close_all()


def pytest_sessionstart(session):
    if not hasattr(session.config, "workerinput"):
        namespace.sweep()


def pytest_sessionfinish(session):
    _clean()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Modules that share one running device stay on one worker (tryfirst: xdist reads the marks after us)."""
    kind = config.getoption("--dut")
    sanitized = kind == "vrrp-agent" and _sanitized(VrrpAgent.program())
    for item in items:
        group = getattr(item.module, "ONE_WORKER", None)
        if group:
            item.add_marker(pytest.mark.xdist_group(group))
        if kind != "vrrp-agent" and item.get_closest_marker("agent_only"):
            item.add_marker(pytest.mark.skip(reason=f"about vrrp-agent itself; the device is {kind}"))
        if sanitized and item.get_closest_marker("unsanitized"):
            item.add_marker(pytest.mark.skip(reason="a sanitizer watches the program"))


def _sanitized(program):
    if not os.access(program, os.R_OK):
        return False  # the session says what lacks
    with open(program, "rb") as stream:
        return b"__asan_init" in stream.read()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """The same test takes the same path each time; those of a module that share one device share it."""
    mark = item.get_closest_marker("path")
    which = mark.args[0] if mark else item.config.getoption("--path")
    if which == "dealt":
        name = item.module.__name__ if hasattr(item.module, "ONE_WORKER") else item.nodeid
        which = ("plain", "kernel")[zlib.crc32(name.encode()) % 2]
    device.PATH = which


@pytest.fixture(scope="session", autouse=True)
def ground(request):
    """What the tests need from the machine; a lack is told once and clearly."""
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")
    if request.config.getoption("--dut") == "vrrp-agent" and not os.access(VrrpAgent.program(), os.X_OK):
        pytest.fail(f"{VrrpAgent.program()} is not built (VRRP_AGENT names another file)")


@pytest.fixture(scope="session")
def dut_kind(request):
    """The class of the device under test."""
    return KINDS[request.config.getoption("--dut")]


@pytest.fixture(scope="session")
def peer_kind():
    """The class of the peer: keepalived."""
    return KINDS["keepalived"]


@pytest.fixture
def network():
    with namespace.Network() as made:
        yield made


@pytest.fixture
def capture(network):
    """Every frame that enters the switch from now on."""
    return network.capture()


@pytest.fixture
def folder(tmp_path):
    """A folder with a short name, for Unix sockets; pytest keeps its content with the test's own."""
    made = ShortFolder(tmp_path / "files")
    yield made.path
    made.close()


@pytest.fixture
def devices(folder):
    """devices(KIND, host, ...) makes a device that is finished at the end of the test."""
    made = []

    def make(kind, host, name=None, **options):
        device = kind(host, folder, name, **options)
        made.append(device)
        return device

    yield make
    finish(made)


@pytest.fixture
def alone(network, devices, dut_kind):
    """The device under test on a host of the network that has no peer."""
    return devices(dut_kind, network.host("ours"))


@pytest.fixture
def ended():
    """ended(x) has x.kill() or x.close() called at the end of the test."""
    made = []

    def add(thing):
        made.append(thing)
        return thing

    yield add
    for thing in reversed(made):
        getattr(thing, "kill", None) and thing.kill()
        getattr(thing, "close", None) and thing.close()


@pytest.fixture(scope="session")
def need():
    """need("tshark") skips, saying why, where a program is not installed."""
    def check(*programs):
        for program in programs:
            if not shutil.which(program):
                pytest.skip(f"{program} is not installed")

    return check
