# SPDX-License-Identifier: ISC
"""Nobody reads what the agent logs, as where the disk of a log program is full: all goes on, and is told later."""

import os

import pytest

from harness.config import Instance, configuration
from harness.wait import wait_for

pytestmark = pytest.mark.agent_only

ONE = Instance("one", 94, ("198.51.100.94/24",), interval=0.2)
TOLD = "message(s) could not be written, because nobody read them"


@pytest.fixture
def pipe(folder):
    """(path, descriptor that reads) of a pipe with no room left."""
    path = os.path.join(folder, "pipe")
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    writer = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    try:
        for size in (4096, 1):
            try:
                while os.write(writer, b"x" * size):
                    pass
            except BlockingIOError:
                pass
        yield path, reader
    finally:
        os.close(writer)
        os.close(reader)


@pytest.fixture
def device(network, capture, devices, dut_kind, pipe):
    """Active, and what it logs goes into the pipe."""
    made = devices(dut_kind, network.host("ours"))
    plain = made.command
    made.command = lambda: ["sh", "-c", f'exec "$@" 2>{pipe[0]}', "sh", *plain()]
    made.start(configuration([ONE]))
    capture.wait_advert(20, host="ours", vrid=ONE.vrid, priority=ONE.priority)
    return made


def drain(reader):
    """All that the pipe holds now."""
    said = b""
    try:
        while part := os.read(reader, 65536):
            said += part
    except BlockingIOError:
        pass
    return said.decode(errors="replace")


def test_nobody_reads_the_log(capture, device, pipe):
    _, reader = pipe
    wait_for(lambda: device.control("show", check=False).returncode == 0, 20, "an answer")
    device.control("set", "one", "priority", "120")
    capture.wait_advert(10, host="ours", vrid=ONE.vrid, priority=120)
    roles = {role: device.role(role) for role in ("core", "check")}
    for pid in roles.values():
        os.kill(pid, 9)
    for role, pid in roles.items():
        wait_for(lambda role=role, pid=pid: device.role(role) not in (None, pid), 20, f"another {role}")
    wait_for(lambda: device.control("show", check=False).returncode == 0, 20, "an answer of the next core")
    assert "x" * 4096 in drain(reader)
    said = []

    def told():
        device.control("set", "one", "priority", str(130 + len(said) % 2))
        said.append(drain(reader))
        return TOLD in "".join(said)

    wait_for(told, 20, lambda: "".join(said))
    device.stop()
    assert capture.adverts("ours", ONE.vrid)[-1].priority == 0
    assert not device.host.has("198.51.100.94")


def test_stopped_while_nobody_reads(capture, device):
    """In order, in the usual time: else whoever waits for it would kill it, and the address would stay."""
    device.stop()
    assert capture.adverts("ours", ONE.vrid)[-1].priority == 0
    assert not device.host.has("198.51.100.94")
