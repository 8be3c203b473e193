# SPDX-License-Identifier: ISC
"""What --json prints: every member is in the manual and none is there that is not printed, each document has its
version; and nothing that anybody prints, logs or leaves for others to read has a password."""

import json
import os
import re
import stat

import pytest

from harness.config import Instance, configuration, password
from harness.frame import Advert
from harness.process import Process
from harness.wait import wait_for

pytestmark = pytest.mark.agent_only

PAGE = os.path.join(os.path.dirname(__file__), "..", "..", "man", "vrrpctl.1")
SECRET = "Zq7hush"
LONGER = SECRET + "LongerThanEight"
MAIL_SECRET = "Yw9mailhush"

ONE = Instance("one", 31, ("198.51.100.31/24",), interval=0.2, extra=(
    "track_script {", "    good weight 5", "}", "track_file {", "    number weight 1", "}",
    "virtual_ipaddress_excluded {", "    198.51.100.131/32", "}", "virtual_routes {", "    203.0.113.0/24 dev eth0", "}"))
TWO = Instance("two", 32, ("198.51.100.32/24",), version=2, extra=password(SECRET))


def rich(folder):
    """A configuration in which no part of the documents is empty."""
    with open(os.path.join(folder, "number"), "w", encoding="utf-8") as stream:
        stream.write("0\n")
    secret = os.path.join(folder, "mail.secret")
    with open(secret, "w", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o600)) as stream:
        stream.write(MAIL_SECRET + "\n")
    lines = (f"notify_fifo {folder}/fifo root", "script_user root", "notification_email { ops@example.org }",
             "smtp_server 127.0.0.1 9", "smtp_alert on", "smtp_tls required", "smtp_user somebody",
             f"smtp_password_file {secret}")
    other = ("static_ipaddress { 203.0.113.7/32 dev eth0 }\n"
             "vrrp_script good {\n    script /bin/true\n    interval 1\n}\n"
             f"track_file number {{\n    file {folder}/number\n    init_file 0\n}}\n"
             "vrrp_sync_group both { group { one\n two\n } }\n")
    return configuration([ONE, TWO], lines, other)


def members(document):
    """The names of all members, at any depth."""
    if isinstance(document, list):
        return set().union(*map(members, document))
    if isinstance(document, dict):
        return set(document).union(*map(members, document.values()))
    return set()


def documented(*sections):
    """The words that the manual's sections have in bold, as it marks members."""
    with open(PAGE, encoding="utf-8") as stream:
        page = stream.read()
    words = set()
    for section in sections:
        text = page.split(f"\n.Sh {section}\n", 1)[1].split("\n.Sh ", 1)[0]
        for line in re.findall(r"^\.(?:It )?Cm (.*)$", text, re.M):
            words.update(re.sub(r" (Ar|Pq) .*", "", line).replace(",", " ").split())
    return words - {"Cm", ")", "."}


@pytest.fixture
def device(network, devices, dut_kind, folder):
    os.chmod(folder, 0o755)
    made = devices(dut_kind, network.host("ours"))
    made.start(rich(folder))
    wait_for(lambda: made.control("show", check=False).returncode == 0, 15, "an answer")
    wait_for(lambda: {each["state"] for each in made.show()["routers"]} == {"active"}, 15, "the takeovers")
    return made


def printed(device, *words, check=True):
    return json.loads(device.control("--json", *words, check=check).stdout)


def test_every_member_is_in_the_manual(device, network, folder, ended):
    watch = ended(Process(device.control("--version").args[:1] + ["--socket", f"{device.run_dir}/control.sock", "--json",
                                                                   "watch"], os.path.join(folder, "watch")))
    wrong = Advert(vrid=31, source="192.0.2.99", addresses=("198.51.100.31",), interval=20, ttl=3)
    tester = network.host("tester")

    def kinds():
        return {json.loads(line)["kind"] for line in watch.log().splitlines()}

    def moved():
        device.control("drain", "two")
        device.control("undrain", "two")
        return "transition" in kinds()

    def wronged():
        tester.send(wrong.frames())
        return "protocol-error" in kinds()

    wait_for(moved, 20, lambda: f"a transition in {watch.log()}")
    wait_for(wronged, 20, lambda: f"the wrong TTL in {watch.log()}")
    wait_for(lambda: {each["state"] for each in device.show()["routers"]} == {"active"}, 15, "the takeovers")
    state = printed(device, "show")
    assert all(state[part] for part in ("static", "fifos", "trackers", "groups", "mail", "routers")), state
    assert printed(device, "stats").keys() == state.keys()
    others = [printed(device, "set", "one", "priority", "120"), printed(device, "config", "diff"),
              printed(device, "config", "show"), printed(device, "config", "check"), printed(device, "drain", "two"),
              printed(device, "undrain", "two"), printed(device, "show", "one"), printed(device, "config", "revert"),
              printed(device, "config", "reload"), printed(device, "config", "save"), printed(device, "log"),
              printed(device, "doctor", check=False)]
    lines = [json.loads(line) for line in watch.log().splitlines()]
    for document in (state, *others, *lines):
        assert document.get("schema") == 1, document
    every = members([state, *others, *lines])
    missing = every - documented("DOCUMENTS", "THE STATE", "EVENTS", "FINDINGS")
    assert not missing, f"not in the manual: {missing}"
    gone = documented("THE STATE") - members(state) - {"initialize", "backup", "active", "fault"}
    assert not gone, f"only in the manual: {gone}"


def left_behind(device, folder):
    """The paths of all files that others than their owner may read."""
    for place in (folder, device.run_dir, device.state_dir):
        for path, _, names in os.walk(place):
            for name in names:
                status = os.stat(os.path.join(path, name))
                if stat.S_ISREG(status.st_mode) and status.st_mode & 0o044:
                    yield os.path.join(path, name)


def test_no_secret_is_printed(device, folder, network, devices, dut_kind):
    """By any command, in any form, in the log however much it says, in files, or on command lines."""
    device.configure(rich(folder).replace(SECRET, LONGER) + "nonsense\n")
    texts = [device.check()[1]]
    assert "auth_pass is longer" in texts[0]
    for words in (("config", "check"), ("config", "reload")):
        texts.append(device.control(*words, check=False).stderr)
    included = os.path.join(folder, "two.inc")
    with open(included, "w", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o600)) as stream:
        stream.write(TWO.text())
    device.configure(rich(folder).replace(TWO.text(), f"include {included}\n"))
    os.chmod(device.config_path, 0o600)
    texts.append(device.control("config", "reload").stdout)
    device.control("set", "two", "authentication", f"{{ auth_type PASS\nauth_pass {SECRET[::-1]}\n}}")
    for words in (("set", "two", "authentication", f"{{ auth_type PASSS\nauth_pass {SECRET}\n}}"), ("show",), ("stats",),
                  ("show", "two"), ("log",), ("config", "show"), ("config", "diff"), ("doctor",), ("config", "check"),
                  ("config", "save")):
        for form in ((), ("--json",)):
            done = device.control(*form, *words, check=False)
            texts.append(done.stdout + done.stderr)
    assert "auth_pass ***" in texts[-2], "what save leaves"
    os.kill(device.pid, 10)
    state = os.path.join(device.run_dir, "vrrp-agent.json")
    wait_for(lambda: os.path.exists(state), 10, "the state in a file")
    loud = devices(dut_kind, network.host("other"), "loud")
    plain = loud.command
    loud.command = lambda: plain() + ["--level", "debug"]
    loud.start(configuration([TWO.but(extra=password(LONGER))]))
    wait_for(lambda: "active" in loud.log(), 15, "its takeover")
    texts += [device.log(), loud.log()]
    for path in ("history.jsonl",):
        with open(os.path.join(device.state_dir, path), encoding="utf-8") as stream:
            texts.append(stream.read())
    with open(state, encoding="utf-8") as stream:
        texts.append(stream.read())
    for path in left_behind(device, device.run_dir):
        with open(path, "rb") as stream:
            texts.append(stream.read().decode("latin-1"))
    assert not os.stat(os.path.join(device.state_dir, "overlay.conf")).st_mode & 0o077
    for text in texts:
        for secret in (SECRET, SECRET[::-1], MAIL_SECRET):
            assert secret not in text, text[max(0, text.index(secret) - 200):][:400]


def test_a_name_that_is_not_utf8(network, devices, dut_kind):
    """It is shown with question marks, and nothing is missing or falls over."""
    device = devices(dut_kind, network.host("ours"))
    device.configure("")
    with open(device.config_path, "w", encoding="latin-1") as stream:
        stream.write(configuration([ONE.but(name="K\xfcche", extra=())]).replace("router_id test", "router_id K\xfcche"))
    device.start()
    wait_for(lambda: device.control("show", check=False).returncode == 0, 15, "an answer")
    assert [each["name"] for each in device.show()["routers"]] == ["K?che"]
    assert "K?che" in device.control("show").stdout and "K?che" in device.control("stats").stdout
