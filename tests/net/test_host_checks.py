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


FAULT, UNSET = "the router is in fault", "is not set"
MISSING = {
    "tracked": ("track_interface {\n {}\n}", FAULT),
    "weighed": ("track_interface {\n {} weight 5\n}", "it counts as down"),
    "address": ("virtual_ipaddress_excluded {\n 203.0.113.1/24 dev {}\n}", FAULT),
    "address, not tracked": ("virtual_ipaddress_excluded {\n 203.0.113.1/24 dev {} no_track\n}", UNSET),
    "route": ("virtual_routes {\n 203.0.113.0/24 dev {}\n}", FAULT),
    "route, not tracked": ("virtual_routes {\n 203.0.113.0/24 dev {} no_track\n}", UNSET),
    "hop": ("virtual_routes {\n 203.0.113.0/24 nexthop via 192.0.2.2 nexthop via 192.0.2.3 dev {}\n}", UNSET),
    "rule in": ("virtual_rules {\n from 203.0.113.0/24 iif {} table 9 preference 9\n}", FAULT),
    "rule out": ("virtual_rules {\n from 203.0.113.0/24 oif {} table 9 preference 9\n}", FAULT),
}


def test_missing_interface_is_warned_of(device):
    """Its own, and wherever one is named; one that is there is not, nor one that the agent itself makes."""
    device.configure(configuration([INSTANCE]).replace("interface eth0", "interface eth9"))
    code, said = device.check()
    assert code == 1 and "there is no interface eth9 now; until there is, the router is in fault" in said
    for what, (line, consequence) in MISSING.items():
        for name, extra in (("eth8", ()), ("lo", ()), ("made", ("use_vmac made",))):
            if name == "made" and what in ("tracked", "weighed"):
                continue
            device.configure(configuration([INSTANCE.but(extra=(*extra, line.replace("{}", name)))]))
            code, said = device.check()
            if name == "eth8":
                assert (code, said.count("warning: ")) == (1, 1), (what, said)
                assert "there is no interface eth8 now; until there is, " in said and consequence in said, (what, said)
            else:
                assert (code, said) == (0, ""), (what, said)
    device.configure(configuration([INSTANCE]) + "static_ipaddress {\n 203.0.113.1/24 dev eth8\n}\n"
                     "static_routes {\n 203.0.114.0/24 dev eth7\n}\n")
    code, said = device.check()
    assert code == 1 and "there is no interface eth8 now; until there is, the address" in said
    assert "there is no interface eth7 now; until there is, the route" in said


def test_what_ip_link_prints_is_no_name(device):
    """A veth is "eth0@if5" there, and "eth0" everywhere else."""
    text = configuration([INSTANCE.but(extra=("track_interface {\n lo@if1\n}",))])
    device.configure(text.replace("interface eth0", "interface eth0@if5"))
    code, said = device.check()
    assert (code, said.count("warning: ")) == (1, 2), said
    for name, short in (("eth0@if5", "eth0"), ("lo@if1", "lo")):
        assert f"there is no interface {name} now, and until there is, the router is in fault; write {short}:" in said


def test_a_peer_that_is_the_node_itself(device):
    """By an address of the interface, and by what it sends from."""
    device.host.ip("addr", "add", "192.0.2.7/32", "dev", "eth0")
    for peers, extra, words in ((("192.0.2.2",), (), None),
                                (("192.0.2.2", "192.0.2.1"), (), "192.0.2.1 is an address of this node"),
                                (("192.0.2.2", "192.0.2.7"), ("unicast_src_ip 192.0.2.7",), "own unicast_src_ip"),
                                (("192.0.2.2", "192.0.2.1"), ("unicast_src_ip 192.0.2.1",), "own unicast_src_ip")):
        block = "unicast_peer {\n" + "\n".join(peers) + "\n}"
        device.configure(configuration([INSTANCE.but(extra=(*extra, block))]))
        code, said = device.check()
        assert (code, said.count("warning: ")) == ((1, 1) if words else (0, 0)) and (words or "") in said, said


def test_a_source_that_the_node_lacks(device):
    """A router that may not send from anything else is in fault; its own interface missing is one mistake, not two."""
    peer = "unicast_peer {\n192.0.2.2\n}"
    held = "static_ipaddress {\n 192.0.2.77/32 dev eth0\n}\n"
    for word, extra, other, verdict in (("unicast_src_ip", (peer,), "", 1), ("mcast_src_ip", ("track_src_ip",), "", 1),
                                        ("mcast_src_ip", (), "", 0), ("unicast_src_ip", (peer,), held, 0)):
        text = configuration([INSTANCE.but(extra=(f"{word} 192.0.2.77", *extra))], (), other)
        device.configure(text)
        code, said = device.check()
        assert (code, said.count("warning: ")) == (verdict, verdict), (word, said)
        assert not verdict or f"{word} 192.0.2.77 is no address of this node now" in said
        device.configure(text.replace("interface eth0", "interface eth9"))
        assert "is no address of this node" not in device.check()[1]
    device.configure(configuration([INSTANCE.but(extra=("unicast_src_ip 192.0.2.77", peer))]))
    device.host.run(["ip", "link", "add", "other", "type", "bridge"])
    device.host.ip("addr", "add", "192.0.2.77/32", "dev", "other")
    assert device.check() == (0, "")


ABSENT = "there is no program {} now; until there is, it can't be run: write its whole path"
PROGRAMS = {
    "absent": ("/nonexistent/x", "nobody", 1, "there is no program /nonexistent/x now"),
    "in no folder of the path": ("nonexistent-x", "nobody", 1, ABSENT.format("nonexistent-x")),
    "of a home": ("~/x", "nobody", 1, ABSENT.format("~/x")),
    "not executable": ("/etc/passwd", "nobody", 1, "/etc/passwd is not executable"),
    "root's, in anybody's reach": ("{folder}/x", "root", 1, "it will not be run as root: the folder "),
    "anybody's, as nobody": ("{folder}/x", "nobody", 0, ""),
    "root's own": ("/bin/true", "root", 0, ""),
    "no such user": ("/bin/true", "vra-nobody", 2, "there is no user 'vra-nobody'"),
}
IN_QUOTES = "an argument of the script goes into quotes with it"


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


@pytest.mark.parametrize("words, times", [("vra-nobody", 1), ("vra-nobody vra-nothing", 2), ("nobody vra-nothing", 1)])
def test_an_argument_without_quotes_is_told_of_them(device, words, times):
    """keepalived takes it for a user, finds none, and never runs the script."""
    device.configure(configuration([INSTANCE.but(extra=(f"notify_master /bin/true {words}",))]))
    code, said = device.check()
    assert (code, said.count("error: "), said.count(IN_QUOTES)) == (2, times, times), said
    device.configure(configuration([INSTANCE], ("script_user vra-nobody",)))
    code, said = device.check()
    assert code == 2 and "there is no user 'vra-nobody'" in said and IN_QUOTES not in said


def test_a_state_that_is_a_user_is_warned_of(device):
    """Debian has a user "backup": keepalived runs the script as it, without an argument."""
    for line, verdict in (("notify_backup /bin/true backup", 1), ('notify_backup "/bin/true backup" nobody', 0)):
        device.configure(configuration([INSTANCE.but(extra=(line,))]))
        code, said = device.check()
        assert (code, said.count("warning: "), said.count(IN_QUOTES)) == (verdict,) * 3, said
        assert not verdict or "the script runs as the user 'backup'" in said


SHELL_WORDS = {
    "and": ("/bin/true && exit 0", "no shell is asked: && is handed to /bin/true"),
    "pipe": ("/bin/true -l | grep 80", "no shell is asked: | is handed to /bin/true"),
    "behind a shell": ("/bin/sh -c '/bin/true && exit 0'", ""),
    "part of a pattern": ("/bin/true -f a|b", ""),
    "redirection first": ("</dev/tcp/127.0.0.1/80", "</dev/tcp/127.0.0.1/80 is for a shell"),
}


@pytest.mark.parametrize("command, words", SHELL_WORDS.values(), ids=SHELL_WORDS)
def test_words_for_a_shell_are_warned_of(device, command, words):
    """keepalived asks no shell either, and says nothing; the check fails for ever."""
    script = f'vrrp_script s {{\n    script "{command}"\n    user nobody\n}}\n'
    device.configure(configuration([INSTANCE.but(extra=("track_script {\n s\n}",))], (), script))
    code, said = device.check()
    assert (code, said.count("warning: ")) == ((1, 1) if words else (0, 0)) and words in said, said


def test_empty_file_is_warned_of(device):
    device.configure("# nothing here\n")
    code, said = device.check()
    assert code == 1 and "no vrrp_instance" in said
