# SPDX-License-Identifier: ISC
"""What vrrpctl changes: the same transactions as a SET, seen on the wire, in the overlay and after a restart."""

import json
import os

import pytest

from harness.config import Instance, configuration, password
from harness.wait import wait_for

pytestmark = pytest.mark.agent_only

ONE = Instance("one", 21, ("198.51.100.21/24",), interval=0.2)
TWO = Instance("two", 22, ("198.51.100.22/24",), version=2, extra=password("s3cret"))
OVERLAY = "vrrp_instance one {{\n    {}\n}}\n"


@pytest.fixture
def device(network, devices, dut_kind):
    return devices(dut_kind, network.host("ours"))


def ctl(device, *words):
    """(exit code, output, errors) of vrrpctl."""
    done = device.control(*words, check=False)
    return done.returncode, done.stdout, done.stderr


def start(network, device):
    capture = network.capture()
    device.start(configuration([ONE, TWO]))
    capture.wait_advert(10, host="ours", vrid=21)
    return capture


def test_set_and_revert(network, device):
    capture = start(network, device)
    since = capture.last_time()
    assert ctl(device, "set", "one", "priority", "150") == (0, "", "")
    capture.wait_advert(5, host="ours", vrid=21, priority=150, since=since)
    assert ctl(device, "config", "diff") == (0, OVERLAY.format("priority 150"), "")
    assert ctl(device, "set", "one", "nopreempt") == (0, "", "")
    assert ctl(device, "config", "revert", "one", "priority") == (0, "", "")
    since = capture.last_time()
    capture.wait_advert(5, host="ours", vrid=21, priority=100, since=since)
    assert ctl(device, "config", "diff") == (0, OVERLAY.format("nopreempt"), "")
    device.kill()
    device.start()
    capture.wait_advert(10, host="ours", vrid=21, since=capture.last_time())
    assert ctl(device, "config", "diff") == (0, OVERLAY.format("nopreempt"), "")
    assert ctl(device, "config", "revert") == (0, "", "")
    assert ctl(device, "config", "diff") == (0, "", "")


def test_set_warns_as_a_file_would(network, device):
    """Of what is new with the change, once; what only -t refuses is refused too, and changes nothing."""
    start(network, device)

    def warned(*words):
        code, out, err = ctl(device, "set", "one", *words)
        assert (code, out) == (0, ""), err
        return [line.removeprefix("vrrpctl: warning: one: ") for line in err.splitlines()]

    missing = "there is no interface eth9 now; until there is, the router is in fault"
    assert warned("track_interface", "{ eth9 }") == [missing]
    assert warned("priority", "120") == [], "what was known before"
    assert warned("virtual_routes", "{ 203.0.113.0/24 dev eth8 }") == [missing.replace("eth9", "eth8")]
    assert warned("track_interface", "{ lo }") == []
    assert "there is no program /nonexistent/x now" in warned("notify_master", "/nonexistent/x")[0]
    document = json.loads(ctl(device, "--json", "set", "one", "track_interface", "{ eth9 }")[1])
    assert (document["result"], document["warnings"]) == ("done", [f"one: {missing}"])
    before = ctl(device, "config", "diff")
    code, _, said = ctl(device, "set", "one", "notify_backup", '"/bin/true" vra-nobody')
    assert code == 1 and "there is no user 'vra-nobody'" in said
    assert ctl(device, "config", "diff") == before


def test_drain_and_undrain(network, device):
    """Drained: priority 0, no address, and so after a restart. The other router is not touched."""
    capture = start(network, device)
    wait_for(lambda: device.host.has("198.51.100.21"), 5, "the address")
    since = capture.last_time()
    assert ctl(device, "drain", "one") == (0, "", "")
    capture.wait_advert(5, host="ours", vrid=21, priority=0, since=since)
    wait_for(lambda: not device.host.has("198.51.100.21"), 5, "the address given up")
    capture.wait_advert(10, host="ours", vrid=22, priority=100, since=since)
    device.stop()
    since = capture.last_time()
    device.start()
    capture.wait_advert(10, host="ours", vrid=22, priority=100, since=since)
    assert not capture.adverts("ours", 21, since=since + 0.001)
    assert ctl(device, "undrain", "all") == (0, "", "")
    capture.wait_advert(10, host="ours", vrid=21, priority=100, since=since)
    assert ctl(device, "config", "diff") == (0, "", ""), "the file says so too"
    assert ctl(device, "drain", "all") == (0, "", "")
    capture.wait_advert(5, host="ours", vrid=22, priority=0, since=since)


def test_undrain_what_the_file_drains(network, device):
    """Here the overlay has to say it."""
    capture = network.capture()
    device.start(configuration([ONE.but(extra=("admin_state down",)), TWO]))
    capture.wait_advert(10, host="ours", vrid=22)
    assert ctl(device, "undrain", "one") == (0, "", "")
    capture.wait_advert(10, host="ours", vrid=21, priority=100)
    assert ctl(device, "config", "diff") == (0, OVERLAY.format("admin_state up"), "")
    assert ctl(device, "drain", "one") == (0, "", "")
    assert ctl(device, "config", "diff") == (0, "", "")


def test_what_a_reload_says(network, device):
    """Each line at its own level; the misspelt word and not what follows from it."""
    start(network, device)
    logged = len(device.log())
    text = configuration([ONE.but(extra=("debug 5",)), TWO])
    device.configure(text.replace("virtual_router_id 21", "virtual_routr_id 21"))
    device.reload()
    wait_for(lambda: "nothing was reloaded" in device.log()[logged:], 10, "the refusal")
    levels = {line.split(": ")[0].split()[1]: line for line in device.log()[logged:].splitlines() if "error: " in line
              or "warning: " in line}
    assert "virtual_routr_id" in levels["error"] and "warning: " in levels["warning"], levels
    assert "unknown word 'virtual_routr_id'" in device.show()["last_reload"]


def test_what_moves_is_not_called_new(network, device):
    capture = start(network, device)
    logged = len(device.log())
    assert ctl(device, "set", "one", "virtual_router_id", "23") == (0, "", "")
    capture.wait_advert(10, host="ours", vrid=23)
    wait_for(lambda: "one: virtual_router_id 21 -> 23" in device.log()[logged:], 10, "what was changed")
    assert "created" not in device.log()[logged:] and "destroyed" not in device.log()[logged:]
    logged = len(device.log())
    assert ctl(device, "config", "revert") == (0, "", "")
    device.configure(configuration([ONE.but(vrid=25), TWO]))
    device.reload()
    capture.wait_advert(10, host="ours", vrid=25)
    wait_for(lambda: "one: virtual_router_id 21 -> 25, reloaded" in device.log()[logged:], 10, "what the file moved")
    assert "two: " not in device.log()[logged:], "it did not move"


@pytest.mark.parametrize("words, said", [
    (("set", "three", "priority", "150"), "there is no vrrp_instance three"),
    (("set", "one", "priority", "300"), "priority 300 is outside 1..255"),
    (("set", "one", "priority", "150", "160"), "one word too many"),
    (("set", "one", "priority", "150\nvirtual_router_id 9"), "more follows"),
    (("set", "one", "prioritty", "150"), "no word of a vrrp_instance; did you mean priority?"),
    (("set", "one", "virtual_ipaddress", "198.51.100.29/24"), "stands between { and }"),
    (("set", "one", "virtual_router_id", "22"), "uses VRID 22"),
    (("set", "two", "advert_int", "0.5"), "whole seconds"),
    (("drain", "three"), "there is no vrrp_instance three"),
    (("config", "revert", "one"), "one is as the file has it"),
    (("config", "revert", "ome"), "there is no vrrp_instance ome; did you mean one?"),
    (("show", "ome"), "there is no vrrp_instance ome; did you mean one?"),
    (("stats", "ome"), "there is no vrrp_instance ome; did you mean one?"),
    (("log", "ome"), "nothing of that name is in the log, and there is no vrrp_instance ome; did you mean one?"),
    (("config", "revert", "one", "prioritty"), "'prioritty' is no word of a vrrp_instance"),
])
def test_bad_requests_change_nothing(network, device, words, said):
    start(network, device)
    code, output, errors = ctl(device, *words)
    assert (code, output) == (1, "") and said in errors, errors
    code, output, errors = ctl(device, "--json", *words)
    assert code == 1 and said in errors, errors
    document = json.loads(output)
    assert document.keys() == {"schema", "error"} and document["schema"] == 1 and said in document["error"]
    assert ctl(device, "config", "diff") == (0, "", "")


def test_no_agent_is_another_status(device):
    """Who asks by program can tell an agent that refuses from one that is not there."""
    for words in (("show",), ("show", "one"), ("stats",), ("log",), ("watch",), ("doctor",), ("set", "one", "priority", "150"),
                  ("config", "check"), ("config", "reload"), ("config", "save")):
        code, output, errors = ctl(device, *words)
        assert (code, output) == (3, "") and "no agent answers at" in errors, (words, code, output, errors)
        code, output, errors = ctl(device, "--json", *words)
        assert code == 3 and "no agent answers at" in json.loads(output)["error"], (words, code, output, errors)


def test_no_password_is_shown(network, device):
    start(network, device)
    code, text, _ = ctl(device, "config", "show")
    assert code == 0 and "auth_pass ********" in text and "virtual_router_id 22" in text
    assert "s3cret" not in text


@pytest.mark.parametrize("words", [("set", "one"), ("drain",), ("config",), ("config", "frob"), ("show", "x", "y")])
def test_usage(network, device, words):
    code, _, errors = ctl(device, *words)
    assert code == 2 and "usage: vrrpctl" in errors


def test_a_word_that_a_command_does_not_have(network, device):
    start(network, device)
    _, _, errors = ctl(device, "config", "frob")
    assert 'no command "config frob"' in errors and "config diff" in errors and "doctor" not in errors


def test_help_and_options(network, device):
    start(network, device)
    code, output, errors = ctl(device, "help")
    assert (code, errors) == (0, "") and output.startswith("usage: vrrpctl") and "drain NAME|all" in output
    code, output, errors = ctl(device, "set", "one", "priority", "-5")
    assert (code, output) == (2, "") and "behind -- a word may begin with -" in errors and "doctor" not in errors
    code, _, errors = ctl(device, "set", "one", "priority", "--", "-5")
    assert code == 1 and "priority" in errors and "-5" in errors
    offered = ctl(device, "complete", "--", "")[1].splitlines()
    assert len(offered) == len(set(offered)) and {"config", "drain", "--json"} <= set(offered)


WRITTEN = """\
! The pair at the door
global_defs {{
    router_id test   # who we are
}}
$WEIGHT=90
vrrp_instance one {{   # the first
    interface eth0
    virtual_router_id 21
    version 3{first}
    advert_int 0.2   ! five a second
    virtual_ipaddress {{ {address}
        198.51.100.21/24
    }}{added}
}}

vrrp_instance two {{
    interface eth0
    virtual_router_id 22
    priority $WEIGHT
    virtual_ipaddress {{
        198.51.100.22/24
    }}
}}
"""


def test_save_keeps_what_it_did_not_touch(network, device):
    """Values change where they stand, new ones follow at the end of the block, comments stay; then nothing differs."""
    before = WRITTEN.format(first="\n    priority 100   # as everybody", address="# one", added="")
    capture = network.capture()
    device.start(before)
    capture.wait_advert(10, host="ours", vrid=21)
    for words in (("one", "priority", "150"), ("one", "nopreempt"), ("two", "priority", "95")):
        assert ctl(device, "set", *words) == (0, "", "")
    code, output, errors = ctl(device, "config", "save")
    assert (code, errors) == (0, "")
    assert output.startswith(f"# 2 changes are written into {device.config_path}.\n# These stay in the overlay: ")
    assert output.endswith("vrrp_instance two {\n    priority 95\n}\n")
    with open(device.config_path, encoding="utf-8") as stream:
        assert stream.read() == WRITTEN.format(
            first="\n    priority 150   # as everybody", address="# one", added="\n    nopreempt")
    assert ctl(device, "config", "diff") == (0, "vrrp_instance two {\n    priority 95\n}\n", "")
    since = capture.last_time()
    device.reload()
    wait_for(lambda: "reloaded: 2 virtual router(s)" in device.log(), 10, "the reload")
    for vrid, priority in ((21, 150), (22, 95)):
        capture.wait_advert(5, host="ours", vrid=vrid, priority=priority, since=since)
    assert not [seen for seen in capture.adverts("ours", since=since) if seen.priority not in (150, 95)]


def test_save_of_routers_made_and_destroyed(network, device):
    capture = start(network, device)
    device.control("drain", "two")
    assert ctl(device, "set", "one", "virtual_ipaddress", "{ 198.51.100.33/32 }") == (0, "", "")
    assert ctl(device, "config", "save") == (0, f"# 2 changes are written into {device.config_path}.\n", "")
    with open(device.config_path, encoding="utf-8") as stream:
        text = stream.read()
    code, output, _ = ctl(device, "--json", "config", "save")
    assert (code, json.loads(output)) == (0, {"schema": 1, "file": device.config_path, "written": 0, "left": ""})
    assert ctl(device, "config", "save") == (0, f"# There is nothing to write into {device.config_path}.\n", "")
    assert ctl(device, "set", "one", "advert_int", "0.2") == (0, "", ""), "as the file says"
    assert ctl(device, "config", "save") == (0, f"# There is nothing to write into {device.config_path}.\n", "")
    assert "198.51.100.33/32" in text and "198.51.100.21" not in text and text.count("admin_state down") == 1
    assert ctl(device, "config", "diff") == (0, "", "")
    device.stop()
    since = capture.last_time()
    device.start()
    again = capture.wait_advert(10, host="ours", vrid=21, since=since + 0.001)
    assert again.addresses == ("198.51.100.33",)


def test_save_into_a_changed_file_is_refused(network, device):
    start(network, device)
    assert ctl(device, "set", "one", "priority", "150") == (0, "", "")
    device.configure(configuration([ONE]))
    code, output, errors = ctl(device, "config", "save")
    assert (code, output) == (1, "") and "was changed since" in errors
    with open(device.config_path, encoding="utf-8") as stream:
        assert stream.read() == configuration([ONE])
    assert ctl(device, "config", "diff") == (0, OVERLAY.format("priority 150"), "")


def test_what_moved_a_router_that_is_gone_is_set_aside(network, device):
    """A reload and a start go on without it; its password is not shown either."""
    capture = start(network, device)
    assert ctl(device, "set", "two", "interface", "lo") == (0, "", "")
    assert ctl(device, "set", "two", "authentication", "{ auth_type PASS\nauth_pass hidden\n}") == (0, "", "")
    device.configure(configuration([ONE]))
    device.reload()
    wait_for(lambda: "reloaded: 1 virtual router(s)" in device.log(), 10, "the reload")
    output = ctl(device, "config", "diff")[1]
    assert "# Set aside" in output and "interface lo" in output and "auth_pass" in output and "hidden" not in output
    device.stop()
    since = capture.last_time()
    device.start()
    capture.wait_advert(10, host="ours", vrid=21, since=since)


def test_save_follows_a_symbolic_link(network, device):
    """The link stays, what it leads to is written, and no other file is touched."""
    start(network, device)
    real, other = device.config_path + ".real", device.config_path + ".new"
    os.rename(device.config_path, real)
    os.symlink(os.path.basename(real), device.config_path)
    with open(other, "w", encoding="utf-8") as stream:
        stream.write("a draft")
    before = sorted(os.listdir(os.path.dirname(real)))
    assert ctl(device, "set", "one", "priority", "150") == (0, "", "")
    assert ctl(device, "config", "save") == (0, f"# 1 change is written into {device.config_path}.\n", "")
    assert os.path.islink(device.config_path) and not os.path.islink(real)
    with open(real, encoding="utf-8") as stream:
        assert "priority 150" in stream.read()
    with open(other, encoding="utf-8") as stream:
        assert stream.read() == "a draft"
    assert sorted(os.listdir(os.path.dirname(real))) == before


def test_save_of_another_encoding_is_refused(network, device):
    """Octets that are no UTF-8 would not come through unchanged."""
    text = "# K\xfcche\n" + configuration([ONE])
    device.configure(text)
    with open(device.config_path, "w", encoding="latin-1") as stream:
        stream.write(text)
    capture = network.capture()
    device.start()
    capture.wait_advert(10, host="ours", vrid=21)
    assert ctl(device, "set", "one", "priority", "150") == (0, "", "")
    code, output, errors = ctl(device, "config", "save")
    assert (code, output) == (1, "") and "isn't UTF-8" in errors
    with open(device.config_path, encoding="latin-1") as stream:
        assert stream.read() == text
    assert ctl(device, "config", "diff") == (0, OVERLAY.format("priority 150"), "")
