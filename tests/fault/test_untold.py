# SPDX-License-Identifier: ISC
"""Whatever becomes of the check process, scripts, the FIFO and mail are told of every change, and trackers hold."""

import os
import shutil
import signal
from itertools import groupby

import pytest

from harness.config import Instance, configuration
from harness.mailserver import MailServer
from harness.process import Process
from harness.wait import wait_for

pytestmark = pytest.mark.agent_only

ROUNDS = (signal.SIGKILL, signal.SIGSTOP, signal.SIGKILL)
CYCLE = ["FAULT", "BACKUP", "MASTER"]
HELD = 127


@pytest.fixture
def world(network, devices, dut_kind, folder, ended):
    """(device, words that the script was given, FIFO, mail server): a process adds 20 to the priority, a file 7."""
    os.chmod(folder, 0o755)
    runs, script, number, fifo = (os.path.join(folder, name) for name in ("runs", "run.sh", "number", "fifo"))
    program = shutil.copy("/bin/sleep", os.path.join(folder, f"vru{os.getpid()}"))
    with open(script, "w", encoding="utf-8") as stream:
        stream.write(f'#!/bin/sh\necho "$3" >> {runs}\n')
    with open(number, "w", encoding="utf-8") as stream:
        stream.write("7\n")
    with open(runs, "w", encoding="utf-8"):
        os.chmod(runs, 0o666)
    os.chmod(script, 0o755)
    os.mkfifo(fifo, 0o600)
    ended(Process([program, "1000"], os.path.join(folder, "log")))
    host = network.host("ours")
    server = ended(MailServer(host))
    device = devices(dut_kind, host)
    device.start(configuration(
        [Instance("V", 1, ("198.51.100.1/24",), interval=0.1, extra=(
            f'notify "{script}" nobody', "smtp_alert", "track_process {", "p", "}", "track_file {", "f", "}"))],
        (f"vrrp_notify_fifo {fifo}", "vrrp_notify_priority_changes on", "smtp_server 127.0.0.1 25",
         "notification_email {", "root@localhost", "}", "notification_email_from agent@localhost"),
        f"vrrp_track_process p {{\n    process {os.path.basename(program)}\n    weight 20\n}}\n"
        f"track_file f {{\n    file {number}\n    weight 1\n}}\n"))

    def ran():
        with open(runs, encoding="utf-8") as stream:
            return stream.read().split()

    return device, ran, fifo, server


def once(words):
    """What a killed process had begun is done again by the next one."""
    return [word for word, _ in groupby(words)]


def mailed(server):
    seen = {mail.headers["Message-ID"]: mail.subject.split()[-2] for mail in list(server.mails)}
    return list(seen.values())


def test_every_change_is_told(world):
    device, ran, fifo, server = world
    end = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    text = b""

    def lines():
        nonlocal text
        try:
            text += os.read(end, 65536)
        except BlockingIOError:
            pass
        return [tuple(line.split()[2:]) for line in text.decode().splitlines()]

    def is_master(count):
        return [word for word, _ in lines()].count("MASTER") >= count

    wait_for(lambda: is_master(1) and lines()[-1][1] == str(HELD), 20, lambda: f"{lines()}\n{device.log()[-2000:]}")
    wait_for(lambda: ran()[-1:] == ["MASTER"] and mailed(server)[-1:] == ["MASTER"], 20, "the first takeover")
    before, ran_before, mailed_before = len(lines()), len(ran()), len(mailed(server))
    for count, number in enumerate(ROUNDS, 2):
        check = device.role("check")
        os.kill(check, number)
        for state, wanted in (("down", "fault"), ("up", "active")):
            device.host.ip("link", "set", "eth0", state)
            wait_for(lambda wanted=wanted: device.show()["states"].get(wanted) == 1, 20, wanted)
        wait_for(lambda check=check: device.role("check") not in (None, check), 20, "another check process")
        wait_for(lambda count=count: is_master(count), 20, lambda: f"{lines()}\n{device.log()[-2000:]}")
    wanted = CYCLE * len(ROUNDS)
    wait_for(lambda: once(ran()[ran_before:]) == wanted, 20, lambda: f"scripts: {ran()}\n{device.log()[-3000:]}")
    wait_for(lambda: mailed(server)[mailed_before:] == wanted, 20,
             lambda: f"mail: {mailed(server)}\n{device.log()[-3000:]}")
    assert lines()[before:] == [(word, str(HELD)) for word in wanted]
    os.close(end)
