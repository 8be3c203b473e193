# SPDX-License-Identifier: ISC
"""Notify scripts: which, with what arguments, in order, as their user."""

import os

from harness.bench import TESTER
from harness.config import Instance, configuration
from harness.frame import Advert
from harness.wait import wait_for

INSTANCE = Instance("VI_1", 96, ("198.51.100.1/24",), interval=0.1)


def scripts(folder):
    """The configuration's lines; every run appends a line to the returned file."""
    os.chmod(folder, 0o755)
    output = os.path.join(folder, "runs")
    script = os.path.join(folder, "script.sh")
    with open(script, "w", encoding="utf-8") as stream:
        stream.write(f'#!/bin/sh\necho "$(id -un) $*" >> {output}\n')
    os.chmod(script, 0o755)
    with open(output, "w", encoding="utf-8"):
        pass
    os.chmod(output, 0o666)
    return (f'notify_master "{script} master"', f'notify_backup "{script} backup"', f'notify "{script}"'), output


def lines(output):
    with open(output, encoding="utf-8") as stream:
        return stream.read().splitlines()


def test_scripts_run_in_order_as_their_user(network, devices, dut_kind, folder):
    """Active, Backup, Active again, four times over: each transition's lines stand after those before it."""
    extra, output = scripts(folder)
    device = devices(dut_kind, network.host("ours"))
    tester = network.host("tester", addresses=())
    capture = network.capture()
    device.start(configuration([INSTANCE.but(extra=extra)], ("script_user nobody", "enable_script_security")))
    frame = Advert(vrid=INSTANCE.vrid, source=TESTER[4], addresses=("198.51.100.1",), interval=10).frames()
    def masters():
        return [line for line in lines(output) if line == "nobody INSTANCE VI_1 MASTER 100"]

    for count in range(1, 5):
        capture.wait_advert(10, host="ours", since=capture.last_time())
        wait_for(lambda: len(masters()) >= count, 5, lambda: f"master {count} in {lines(output)}\n{device.log()[-1500:]}")
        tester.send(frame)
    wait_for(lambda: len(masters()) >= 5, 5, "the last takeover")
    specific = [line for line in lines(output) if "INSTANCE" not in line]
    general = [line for line in lines(output) if "INSTANCE" in line]
    while specific and specific[0] == "nobody backup":
        specific.pop(0)
    while general and general[0] == "nobody INSTANCE VI_1 BACKUP 100":
        general.pop(0)
    assert specific[:9] == ["nobody master", "nobody backup"] * 4 + ["nobody master"]
    assert general[:9] == ["nobody INSTANCE VI_1 MASTER 100", "nobody INSTANCE VI_1 BACKUP 100"] * 4 + [
        "nobody INSTANCE VI_1 MASTER 100"]
