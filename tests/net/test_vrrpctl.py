# SPDX-License-Identifier: ISC
"""vrrpctl log, watch and stats: what happened, as it happens, and how often."""

import contextlib
import grp
import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import termios

import pytest

from harness.config import Instance, configuration
from harness.frame import Advert
from harness.process import Process, run
from harness.wait import wait_for

pytestmark = pytest.mark.agent_only

ONE = Instance("one", 71, ("198.51.100.71/24",), interval=0.2)
OTHER = Instance("other", 72, ("198.51.100.72/24",), interval=0.2)


def history(device, *words):
    return json.loads(device.control("--json", "log", *words).stdout)["events"]


def transitions(events, name):
    return [(each["from"], each["to"]) for each in events if each["name"] == name and each["kind"] == "transition"]


def started(network, devices, dut_kind, instances=(ONE, OTHER)):
    device = devices(dut_kind, network.host("ours"))
    capture = network.capture()
    device.start(configuration(list(instances)))
    for instance in instances:
        capture.wait_advert(15, host="ours", vrid=instance.vrid)
    wait_for(lambda: {each["name"] for each in history(device) if each.get("to") == "active"}
             >= {each.name for each in instances}, 10, "the takeovers in the history")
    return device


def control_command(device, *words):
    return [device.control("--version").args[0], "--socket", f"{device.run_dir}/control.sock", *words]


def test_history_survives_a_restart(network, devices, dut_kind):
    """In order, of one router or of all, the last so many; also what the former life told, and a torn line."""
    device = started(network, devices, dut_kind)
    first = [("initialize", "backup"), ("backup", "active")]
    assert transitions(history(device, "one"), "one") == first
    assert {each["name"] for each in history(device, "one")} == {"one"}
    assert {"one", "other"} <= {each["name"] for each in history(device)}
    last = history(device, "one", "1")
    assert len(last) == 1 and last[0] == history(device, "one")[-1]
    taken = next(each for each in history(device, "one") if each.get("to") == "active")
    assert taken["reason"] == "silence" and (taken["interface"], taken["family"], taken["vrid"]) == ("eth0", "ipv4", 71)
    line = next(line for line in device.control("log", "one").stdout.splitlines() if "-> active" in line)
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}  one: backup -> active: no advert", line), line
    device.stop()
    with open(os.path.join(device.state_dir, "history.jsonl"), "a", encoding="utf-8") as stream:
        stream.write('{"torn')
    device.start()
    wait_for(lambda: device.control("show", check=False).returncode == 0, 15, "the second life")
    wait_for(lambda: transitions(history(device, "one"), "one").count(("backup", "active")) == 2, 15,
             "the second life in the history")
    assert transitions(history(device, "one"), "one") == first + [("active", "initialize")] + first
    times = [each["time"] for each in history(device, "one")]
    assert times == sorted(times)


def test_history_on_a_full_disk(network, devices, dut_kind):
    """Each time the disk is full is told, and its end; the first event after that is there, the line before it torn."""
    device = devices(dut_kind, network.host("ours"))
    filler = os.path.join(device.state_dir, "filler")
    full, well = "history.jsonl: cannot be written: No space left", "history.jsonl: can be written again"

    def flap():
        before = device.log().count("one: backup -> active")
        device.host.ip("link", "set", "eth0", "down")
        wait_for(lambda: device.show()["routers"][0]["state"] == "fault", 15, "the fault")
        device.host.ip("link", "set", "eth0", "up")
        wait_for(lambda: device.log().count("one: backup -> active") > before, 15, "the takeover")

    os.makedirs(device.state_dir, exist_ok=True)
    run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", device.state_dir])
    try:
        device.start(configuration([ONE]))
        wait_for(lambda: "one: backup -> active" in device.log(), 15, "the first takeover")
        for times in (1, 2):
            with open(filler, "wb", buffering=0) as stream, contextlib.suppress(OSError):
                while stream.write(bytes(512)):
                    pass
            wait_for(lambda times=times: flap() or device.log().count(full) == times, 60, lambda: device.log()[-3000:])
            assert device.log().count(well) == times - 1
            os.unlink(filler)
            flap()
            wait_for(lambda times=times: device.log().count(well) == times, 5, lambda: device.log()[-3000:])
            assert transitions(history(device, "one"), "one")[-3:] == [
                ("active", "fault"), ("fault", "backup"), ("backup", "active")]
        with open(f"{device.state_dir}/history.jsonl", encoding="utf-8") as stream:
            assert any(not line.endswith("}\n") for line in stream), "no line was torn, so that nothing was tried"
        device.stop()
    finally:
        device.kill()
        run(["umount", device.state_dir])


@pytest.mark.parametrize("words", [("log", "0"), ("log", "one", "many"), ("log", "99999999999")])
def test_a_wrong_number_of_events(network, devices, dut_kind, words):
    device = started(network, devices, dut_kind, (ONE,))
    done = device.control(*words, check=False)
    assert done.returncode in (1, 2) and "events" in done.stderr


def test_events_as_they_happen(network, devices, dut_kind, folder, ended):
    """To several who listen, as documents and as lines; core's own death ends the stream, and is said."""
    device = started(network, devices, dut_kind, (ONE,))
    command = control_command(device)
    documents = ended(Process(command + ["--json", "watch"], os.path.join(folder, "documents")))
    lines = ended(Process(command + ["watch"], os.path.join(folder, "lines")))
    answered = device.control("show")
    assert answered.returncode == 0
    wait_for(lambda: _heard(device, documents) and _heard(device, lines), 10, "both listeners")
    heard = [json.loads(line) for line in documents.log().splitlines()]
    assert all(each["name"] == "one" and each["text"].startswith("one: ") for each in heard)
    assert any("one: " in line for line in lines.log().splitlines())
    os.kill(device.role("core"), signal.SIGKILL)
    for listener in (documents, lines):
        assert listener.wait_exit(10) == 1
        assert "the agent has closed the connection" in listener.log()


def _heard(device, listener):
    """Makes the router go down and up until the listener, which may still be connecting, has heard of it."""
    device.control("drain", "one")
    device.control("undrain", "one")
    return "one: " in listener.log()


def test_a_listener_that_does_not_read(network, devices, dut_kind):
    """It costs nobody else anything, and is told how much it missed."""
    device = started(network, devices, dut_kind, (ONE,))
    tester = network.host("tester")
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(f"{device.run_dir}/control.sock")
        deaf.sendall(b'{"command": "events"}\n')
        before = len(history(device, "one"))
        winner = Advert(vrid=71, source="192.0.2.99", addresses=("198.51.100.71",), interval=20, priority=200)
        tester.send(winner.frames())
        wait_for(lambda: len(history(device, "one")) > before, 10, "what the others are told")
        assert device.control("show").returncode == 0


def test_no_more_listeners_than_leave_room(network, devices, dut_kind):
    device = started(network, devices, dut_kind, (ONE,))
    listeners = []
    try:
        for _ in range(17):
            each = socket.socket(socket.AF_UNIX)
            listeners.append(each)
            each.settimeout(10)
            each.connect(f"{device.run_dir}/control.sock")
            each.sendall(b'{"command": "events"}\n')
        assert b"too many" in listeners[-1].recv(4096)
        assert device.control("show").returncode == 0
    finally:
        for each in listeners:
            each.close()


def test_check_and_reload(network, devices, dut_kind):
    """check tells what reload will say, and changes nothing; reload is answered when the file is in force."""
    device = started(network, devices, dut_kind, (ONE,))
    device.configure(configuration([ONE.but(priority=120)]))
    assert "would take it" in device.control("config", "check").stdout
    assert device.show()["routers"][0]["priority"] == 100
    assert "1 virtual router" in device.control("config", "reload").stdout
    assert device.show()["routers"][0]["priority"] == 120
    device.configure(configuration([ONE]).replace("priority", "prioritty"))
    checked = json.loads(device.control("--json", "config", "check", check=False).stdout)
    assert (checked["result"], checked["errors"]) == ("refused", 1) and "did you mean" in checked["text"]
    (told,) = [each for each in checked["diagnostics"] if each["severity"] == "error"]
    assert f"{told['file']}:{told['line']}:{told['column']}: error: {told['message']}\n" in checked["text"], checked
    assert told["file"] == device.config_path and told["line"] > 1 and "did you mean" in told["message"]
    for words in (("config", "check"), ("config", "reload")):
        done = device.control(*words, check=False)
        assert done.returncode == 1 and "prioritty" in done.stderr and "would take" not in done.stdout, words
    assert "nothing was reloaded: 1 error(s)" in done.stderr, done.stderr
    assert device.show()["routers"][0]["priority"] == 120
    os.unlink(device.config_path)
    done = device.control("config", "reload", check=False)
    unread = f"{device.config_path}: cannot read the file: No such file or directory; create it, or name another with -f"
    assert done.returncode == 1 and unread in done.stderr, done.stderr


def _as(groups, command):
    """vrrpctl as nobody, in these groups besides."""
    return subprocess.run(["setpriv", "--reuid", "65534", "--regid", "65534", "--groups", ",".join(groups) or "65534",
                           *command], capture_output=True, text=True, timeout=30, check=False)


def test_who_may(network, devices, dut_kind, folder):
    """Root everything, one group too, another may look, nobody else anything; by any of their groups."""
    os.chmod(folder, 0o755)
    device = devices(dut_kind, network.host("ours"))
    device.start(configuration([ONE], ("vrrpctl_group games", "vrrpctl_view_group news")))
    wait_for(lambda: device.control("show", check=False).returncode == 0, 15, "an answer")
    os.chmod(os.path.dirname(device.run_dir), 0o755)
    os.chmod(device.run_dir, 0o755)
    games, news = (str(grp.getgrnam(name).gr_gid) for name in ("games", "news"))
    command = control_command(device)
    for groups, looks, changes in (((), False, False), ((news,), True, False), (("65534", games), True, True)):
        for words, may in ((("show",), looks), (("log",), looks), (("config", "show"), looks),
                           (("set", "one", "priority", "99"), changes), (("config", "check"), changes),
                           (("config", "reload"), changes)):
            done = _as(groups, command + list(words))
            assert (done.returncode == 0) is may, (groups, words, done.stdout, done.stderr)
            assert may or "vrrpctl_group" in done.stderr
        if not changes:
            done = _as(groups, command + ["config", "save"])
            assert done.returncode == 1 and "vrrpctl_group" in done.stderr
        if not looks:
            done = _as(groups, command + ["--json", "watch"])
            assert done.returncode == 1 and "vrrpctl_group" in json.loads(done.stdout)["error"], (done.stdout, done.stderr)


def test_no_program_by_others_than_root(network, devices, dut_kind, folder):
    """Who may change things is not root by that: what names a program is refused to the group, and said."""
    os.chmod(folder, 0o755)
    device = devices(dut_kind, network.host("ours"))
    device.start(configuration([ONE], ("vrrpctl_group games",)))
    wait_for(lambda: device.control("show", check=False).returncode == 0, 15, "an answer")
    os.chmod(os.path.dirname(device.run_dir), 0o755)
    os.chmod(device.run_dir, 0o755)
    games, command = str(grp.getgrnam("games").gr_gid), control_command(device)
    program = f'"/usr/bin/touch {folder}/taken" root'
    for word in ("notify_backup", "notify", "notify_deleted"):
        done = _as((games,), command + ["set", "one", word, program])
        assert done.returncode == 1 and word in done.stderr and "as root" in done.stderr, (done.stdout, done.stderr)
    assert _as((games,), command + ["set", "one", "priority", "99"]).returncode == 0
    assert "notify" not in device.control("config", "diff").stdout
    device.control("set", "one", "notify_backup", program)
    assert "notify_backup" in device.control("config", "diff").stdout


HOLD = """import socket, sys, time
held = []
for _ in range(int(sys.argv[2])):
    each = socket.socket(socket.AF_UNIX)
    each.connect(sys.argv[1])
    each.settimeout(10)
    if len(sys.argv) > 3:
        each.sendall(sys.argv[3].encode())
    held.append(each)
print("held", flush=True)
while True:
    for each in held:
        try:
            each.settimeout(0.01)
            said = each.recv(4096)
            if said:
                print(said.decode(), flush=True)
            else:
                held.remove(each)
        except OSError:
            pass
"""


@pytest.mark.parametrize("request_line", ["", '{"command": "events"}\n'], ids=["silent", "listening"])
def test_viewers_leave_room(network, devices, dut_kind, folder, ended, request_line):
    """As many as they like who may look only: they are told when it is enough, and root never is."""
    os.chmod(folder, 0o755)
    device = devices(dut_kind, network.host("ours"))
    device.start(configuration([ONE], ("vrrpctl_view_group news",)))
    wait_for(lambda: device.control("show", check=False).returncode == 0, 15, "an answer")
    os.chmod(os.path.dirname(device.run_dir), 0o755)
    os.chmod(device.run_dir, 0o755)
    viewers = ended(Process(
        ["setpriv", "--reuid", "65534", "--regid", "65534", "--groups", str(grp.getgrnam("news").gr_gid), "/usr/bin/python3",
         "-c", HOLD, f"{device.run_dir}/control.sock", "40", *filter(None, [request_line])],
        os.path.join(folder, "viewers")))
    wait_for(lambda: "held" in viewers.log(), 10, "the viewers")
    wait_for(lambda: "too many" in viewers.log(), 10, "the end of their places")
    for _ in range(3):
        assert device.control("show").returncode == 0
    listener = ended(Process(control_command(device, "--json", "watch"), os.path.join(folder, "listener")))
    wait_for(lambda: _heard(device, listener), 10, "root's events")
    assert viewers.alive()


def _completed(device, *typed):
    done = subprocess.run(control_command(device, "complete", "--", *typed), capture_output=True, text=True,
                          timeout=30, check=True)
    return done.stdout.split()


def test_completion(network, devices, dut_kind, need):
    """What bash and zsh offer, which ask vrrpctl, which asks the agent."""
    need("zsh")
    device = started(network, devices, dut_kind)
    assert {"show", "config", "doctor", "--json"} <= set(_completed(device, ""))
    assert set(_completed(device, "config", "")) == {"show", "diff", "check", "reload", "revert", "save"}
    assert _completed(device, "drain", "") == ["one", "other", "all"]
    assert {"priority", "advert_int"} <= set(_completed(device, "set", "one", ""))
    assert _completed(device, "config", "revert", "") == ["one", "other"]
    assert "priority" in _completed(device, "config", "revert", "one", "")
    vrrpctl, _, path = control_command(device)
    source = os.path.join(os.path.dirname(__file__), "..", "..", "etc", "completion", "vrrpctl.bash")
    words = ("vrrpctl", "--socket", path, "drain", "on")
    script = f"source {source}; COMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}; _vrrpctl; " \
             'printf "%s\\n" "${COMPREPLY[@]}"'
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=30, check=True,
                          env={**os.environ, "PATH": f"{os.path.dirname(vrrpctl)}:{os.environ['PATH']}"})
    assert done.stdout.split() == ["one"]
    _check_zsh(vrrpctl, path)


def _check_zsh(vrrpctl, path):
    """The same of zsh, with a compadd that says what it was offered."""
    source = os.path.join(os.path.dirname(__file__), "..", "..", "etc", "completion", "_vrrpctl")
    words = ("vrrpctl", "--socket", path, "drain", "on")
    script = f"compadd() {{ print -l ${{(P)2}} }}; words=({' '.join(words)}); CURRENT={len(words)}; source {source}"
    done = subprocess.run(["zsh", "-fc", script], capture_output=True, text=True, timeout=30, check=True,
                          env={**os.environ, "PATH": f"{os.path.dirname(vrrpctl)}:{os.environ['PATH']}"})
    assert done.stdout.split() == ["one", "other", "all"], done.stderr


def test_one_router(network, devices, dut_kind, folder):
    """Who said what of it: the file and its line, an included one, management, nobody; no password."""
    with open(os.path.join(folder, "more.conf"), "w", encoding="utf-8") as stream:
        stream.write("advert_int 2\n")
    device = devices(dut_kind, network.host("ours"))
    device.start(f"""vrrp_instance one {{
    interface eth0
    virtual_router_id 71
    include {folder}/more.conf
    authentication {{
        auth_type PASS
        auth_pass secret77
    }}
    virtual_ipaddress {{
        198.51.100.71/24
    }}
}}
global_defs {{
    vrrp_garp_master_delay 3
    smtp_alert_vrrp off
}}
""")
    wait_for(lambda: device.control("show", "one", check=False).returncode == 0, 15, "an answer")
    device.control("set", "one", "priority", "120")
    wait_for(lambda: history(device, "one"), 15, "something in the history")
    document = json.loads(device.control("--json", "show", "one").stdout)
    said = {each["text"].split()[0]: (each["text"], each["origin"], os.path.basename(each.get("file", "")),
                                      each.get("line")) for each in document["statements"]}
    main = os.path.basename(device.config_path)
    assert said["virtual_router_id"] == ("virtual_router_id 71", "file", main, 3)
    assert said["advert_int"] == ("advert_int 2", "file", "more.conf", 1)
    assert said["priority"] == ("priority 120", "overlay", "", None)
    assert said["preempt"][:2] == ("preempt", "default")
    assert said["use_vmac"][:2] == ("use_vmac off", "default")
    assert said["garp_master_delay"] == ("garp_master_delay 3", "file", main, 14), "what global_defs say"
    assert said["smtp_alert"] == ("smtp_alert off", "file", main, 15)
    assert said["garp_lower_prio_delay"][:2] == ("garp_lower_prio_delay 3", "default"), "what follows from that"
    assert said["strict_mode"][:2] == ("strict_mode off", "default") and said["version"][:2] == ("version 2", "default")
    assert said["dont_track_primary"][:2] == ("dont_track_primary off", "default")
    assert document["router"]["priority"] == 120 and document["events"]
    text = device.control("show", "one").stdout
    assert re.match(r"one: (backup|active) for \d+s, priority 120\n", text), text
    head, row = (re.split(" {2,}", line) for line in device.control("show").stdout.splitlines()[:2])
    assert head[:4] == ["NAME", "STATE", "FOR", "PRIORITY"] and re.fullmatch(r"\d+s", row[2]), (head, row)
    assert re.search(r"^  priority 120 +SNMP or vrrpctl$", text, re.M)
    assert re.search(rf"^  advert_int 2 +\S*more.conf:1$", text, re.M)
    assert re.search(r"^  virtual_ipaddress \{ +\S+:\d+\n      198\.51\.100\.71/24\n  \}$", text, re.M)
    assert "secret77" not in text + json.dumps(document)
    done = device.control("show", "two", check=False)
    assert done.returncode == 1 and "no vrrp_instance two" in done.stderr


def test_the_screen(network, devices, dut_kind):
    """On a terminal: the table and the last events, drawn anew when something changes."""
    device = started(network, devices, dut_kind)
    master, slave = pty.openpty()
    with subprocess.Popen(control_command(device, "watch"), stdout=slave, stdin=subprocess.DEVNULL) as watch:
        try:
            seen = _screen(master, lambda text: "NAME" in text and "one: backup -> active" in text)
            assert "\033[H" in seen
            device.control("drain", "other")
            _screen(master, lambda text: "other: active -> initialize" in text and "initialize (drained)" in text)
            termios.tcsetwinsize(slave, (9, 40))
            _screen(master, lambda text: any(_fits(frame, 9, 40) for frame in text.split("\033[H\033[J")[1:-1]))
        finally:
            watch.kill()
            os.close(slave)
            os.close(master)


COLOUR = re.compile(r"\033\[\d*m")


def _on_a_terminal(command):
    """What a command prints there, to its end."""
    master, slave = pty.openpty()
    text = ""
    with subprocess.Popen(command, stdout=slave, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        os.close(slave)
        while select.select([master], [], [], 15)[0]:
            try:
                text += os.read(master, 65536).decode()
            except OSError:
                break
        process.kill()
    os.close(master)
    return text.replace("\r\n", "\n")


def test_colour_only_on_a_terminal(network, devices, dut_kind):
    """Each command that prints says the same words there and into a pipe, and sets colours in neither file nor pipe."""
    device = started(network, devices, dut_kind)
    coloured = set()
    for words in (["show"], ["doctor", "/nonexistent"], ["stats"], ["stats", "one"], ["log"], ["config", "show"],
                  ["--json", "show"], ["--json", "doctor", "/nonexistent"]):
        command = control_command(device, *words)
        piped = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False).stdout
        seen = _on_a_terminal(command)
        assert piped and "\033" not in piped, (words, piped)
        if COLOUR.search(seen):
            coloured.add(words[0])
        plain = COLOUR.sub("", seen)
        assert "\033" not in plain and [line.split()[:1] for line in plain.splitlines()] == \
            [line.split()[:1] for line in piped.splitlines()], (words, seen, piped)
    assert coloured == {"show", "doctor"}


def _fits(frame, rows, columns):
    """The table's head and an event, in a terminal of this size."""
    lines = re.sub(r"\033\[\d*m", "", frame).splitlines()
    return len(lines) < rows and max(map(len, lines)) == columns and lines[0].startswith("NAME") \
        and any("other: " in line or "one: " in line for line in lines[-3:])


def _screen(master, satisfied):
    """What the terminal was sent until that holds."""
    text = ""

    def more():
        nonlocal text
        while select.select([master], [], [], 0)[0]:
            text += os.read(master, 65536).decode()
        return satisfied(text)

    wait_for(more, 15, lambda: f"the screen; it was sent:\n{text[-3000:]}")
    return text


def test_an_interface_that_is_not_there(network, devices, dut_kind):
    """It is told apart from one that is down, in the log and in the table."""
    device = devices(dut_kind, network.host("ours"))
    device.host.ip("link", "add", "eth7", "type", "veth", "peer", "name", "eth8")
    device.start(configuration([ONE.but(name="gone", interface="eht0"), ONE.but(name="down", interface="eth7")]))
    wait_for(lambda: device.control("show", check=False).returncode == 0, 15, "an answer")
    wait_for(lambda: device.log().count("-> fault: ") == 2, 15, "two in fault")
    assert "gone: initialize -> fault: there is no interface eht0\n" in device.log()
    assert "down: initialize -> fault: the interface is down (eth7)\n" in device.log()
    rows = {line.split()[0]: line for line in device.control("show").stdout.splitlines() if line}
    assert "fault (no interface)" in rows["gone"] and "fault (link)" in rows["down"]


def test_statistics(network, devices, dut_kind):
    """The counters of the document, as a table and of one router; what was wrong only where there was something."""
    device = started(network, devices, dut_kind)
    tester = network.host("tester")
    assert "wrong" not in device.control("stats", "one").stdout
    tester.send(Advert(vrid=71, source="192.0.2.99", addresses=("198.51.100.71",), interval=20, ttl=254).frames())
    wait_for(lambda: "advertisements that were wrong" in device.control("stats", "one").stdout, 10, "the wrong TTL")
    assert re.search(r"\bttl\S* +1$", device.control("stats", "one").stdout, re.M)
    rows = {line.split()[0]: line.split()[1:] for line in device.control("stats").stdout.splitlines() if line}
    assert rows["one"][-1] == "1" and rows["other"][-1] == "0"
    assert int(rows["one"][1]) > 0, "adverts sent"
    assert device.control("stats", "none", check=False).returncode == 1
    document = json.loads(device.control("--json", "stats", "other").stdout)
    assert document.keys() == {"schema", "router"} and document["router"]["name"] == "other"
    assert device.control("--json", "stats", "none", check=False).returncode == 1
