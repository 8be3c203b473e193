# SPDX-License-Identifier: ISC
"""What -t says about the machine it runs on: interfaces that are missing, addresses that cannot move."""

import pytest

from harness.config import Instance, configuration
from harness.wait import wait_for

pytestmark = pytest.mark.agent_only

INSTANCE = Instance("one", 61, ("198.51.100.61/24",), interval=0.2)


@pytest.fixture
def device(network, devices, dut_kind):
    return devices(dut_kind, network.host("ours"))


def test_sound_file_is_silent(device):
    device.configure(configuration([INSTANCE]))
    assert device.check() == (0, "")


def test_own_address_is_warned_of(device):
    """192.0.2.1 is the host's own: neither an owner's address nor one that can move."""
    device.configure(configuration([INSTANCE.but(addresses=("192.0.2.1/24",))]))
    code, said = device.check()
    assert code == 1 and "192.0.2.1 is an address of this node on eth0 already" in said


def test_owner_may_have_it(device):
    device.configure(configuration([INSTANCE.but(addresses=("192.0.2.1/24",), priority=255)]))
    assert device.check() == (0, "")


def test_address_set_by_the_agent_is_not_the_hosts(device):
    device.start(configuration([INSTANCE]))
    wait_for(lambda: device.host.has("198.51.100.61"), 10, "the address on the interface")
    assert device.check() == (0, "")


@pytest.mark.parametrize("lines, name", [
    ((), "eth9"), (("track_interface {\n eth8\n}",), "eth8")], ids=["own", "tracked"])
def test_missing_interface_is_warned_of(device, lines, name):
    text = configuration([INSTANCE.but(extra=lines)])
    device.configure(text.replace("interface eth0", "interface eth9") if name == "eth9" else text)
    code, said = device.check()
    assert code == 1 and f"there is no interface {name} now" in said


PROGRAMS = {
    "absent": ("/nonexistent/x", "nobody", 1, "there is no program /nonexistent/x now"),
    "in no folder of the path": ("nonexistent-x", "nobody", 1, "there is no program nonexistent-x now"),
    "not executable": ("/etc/passwd", "nobody", 1, "/etc/passwd is not executable"),
    "root's, in anybody's reach": ("{folder}/x", "root", 1, "it will not be run as root: the folder "),
    "anybody's, as nobody": ("{folder}/x", "nobody", 0, ""),
    "root's own": ("/bin/true", "root", 0, ""),
    "no such user": ("/bin/true", "vra-nobody", 2, "there is no user 'vra-nobody'"),
}


@pytest.mark.parametrize("program, user, verdict, words", PROGRAMS.values(), ids=PROGRAMS)
def test_programs_that_cannot_run_are_warned_of(device, tmp_path, program, user, verdict, words):
    """As a vrrp_script and as a notify script."""
    folder = tmp_path / "open"
    folder.mkdir()
    (folder / "x").write_text("#!/bin/sh\n", encoding="utf-8")
    (folder / "x").chmod(0o755)
    folder.chmod(0o777)
    program = program.format(folder=folder)
    script = f'vrrp_script s {{\n    script "{program} word"\n    user {user}\n}}\n'
    for text in (configuration([INSTANCE.but(extra=("track_script {\n s\n}",))], (), script),
                 configuration([INSTANCE.but(extra=(f'notify_master "{program} word" {user}',))])):
        device.configure(text)
        code, said = device.check()
        assert code == verdict and words in said and (code or not said), said


def test_empty_file_is_warned_of(device):
    device.configure("# nothing here\n")
    code, said = device.check()
    assert code == 1 and "no vrrp_instance" in said
