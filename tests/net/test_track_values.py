# SPDX-License-Identifier: ISC
"""track_file, track_interface and vrrp_track_process: what they do to the routers that track them.

keepalived stands beside the device with the same configuration and, of files, the same files: both have to do
what the table says. Where it can't run (processes, outside the initial namespace) tests/guest has it.
"""

import os
import shutil

import pytest

from harness.config import Instance, configuration
from harness.process import Process
from harness.tracked import FAULT, INTERVAL, PATIENCE, PROCESSES, Both, of_count, track
from harness.wait import wait_for


@pytest.fixture
def both(network, devices, dut_kind, peer_kind):
    return lambda files="": Both(network, devices, {"ours": dut_kind, "theirs": peer_kind}, files)


# name: weight in track_file, what follows the name in the instance, and what a value comes to
FILES = {
    "one": ("", "", 1),
    "two": ("weight 2", "", 2),
    "minus": ("weight -1", "", -1),
    "back": ("weight 1 reverse", "", -1),
    "none": ("weight 0", "", 0),
    "nonerev": ("weight 0 reverse", "", "0r"),
    "big": ("weight 254", "", 254),
    "usenone": ("weight 5", "weight 0", 0),
    "use": ("weight 5", "weight 3", 3),
    "userev": ("weight 5", "weight 3 reverse", -3),
    "usefore": ("weight 2 reverse", "weight 3 noreverse", 3),
}


def of_value(factor, value):
    if factor in (0, "0r"):
        return 100 if (value == 0) == (factor == 0) else FAULT
    product = factor * value
    return FAULT if product < -253 else max(1, min(254, 100 + min(product, 253)))


def test_file(both, folder):
    """Numbers of all kinds, the file made, replaced, removed; then what the owner of the address makes of one."""
    path = os.path.join(folder, "value")
    world = both("".join(f"track_file {name} {{\n    file {path}\n    {weight}\n}}\n"
                         for name, (weight, _, _) in FILES.items()))
    uses = {name: (100, track("track_file", f"{name} {use}".rstrip())) for name, (_, use, _) in FILES.items()}
    uses["owner"] = (255, track("track_file", "one"))
    uses["ignores"] = (255, track("track_file", "two"))
    world.start(uses)

    def expect(what, value):
        table = {name: of_value(factor, value) for name, (_, _, factor) in FILES.items()}
        world.expect(what, {**table, "owner": 255 if value == 0 else FAULT, "ignores": 255})

    def write(text):
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(text)

    expect("no file", 0)
    for text, value in (("5\n", 5), ("-5\n", -5), ("300\n", 300), ("-300\n", -300), ("nothing\n", 0), ("0x10\n", 16),
                        ("-84\n", -84), ("-85\n", -85), ("9 10\n", 9)):
        write(text)
        expect(repr(text), value)
    write("99999999999\n")
    os.replace(shutil.copy(path, path + ".new"), path)
    expect("a number that is none", 9)
    with open(path + ".new", "w", encoding="utf-8") as stream:
        stream.write("11\n")
    os.replace(path + ".new", path)
    expect("replaced", 11)
    os.unlink(path)
    expect("removed", 0)


@pytest.mark.agent_only
def test_out_of_service_over_a_reload(network, devices, dut_kind, folder):
    """One that comes back into the file, and is still out of service, is shown with the priority that it would have."""
    device = devices(dut_kind, network.host("ours"))
    path = os.path.join(folder, "value")
    with open(path, "w", encoding="utf-8") as stream:
        stream.write("-4\n")
    stays, goes = (Instance(name, vrid, (f"198.51.100.{vrid}/32",), interval=INTERVAL, extra=track("track_file", "one"))
                   for name, vrid in (("stays", 1), ("goes", 2)))
    other = f"track_file one {{\n    file {path}\n    weight 1\n}}\n"

    def expect(*names):
        def shown():
            return {each["name"]: each["effective_priority"] for each in device.show()["routers"]}

        wait_for(lambda: shown() == dict.fromkeys(names, 96), PATIENCE, lambda: f"{names}: {shown()}")

    device.start(configuration([stays, goes], other=other))
    wait_for(lambda: os.path.exists(device.run_dir + "/control.sock"), PATIENCE, "the control socket")
    expect("stays", "goes")
    device.control("drain", "goes")
    for instances in ([stays], [stays, goes]):
        device.configure(configuration(instances, other=other))
        device.control("config", "reload")
        expect(*(each.name for each in instances))
    assert [each["state"] for each in device.show()["routers"] if each["name"] == "goes"] == ["initialize"]


@pytest.mark.agent_only
def test_file_over_reloads(network, devices, dut_kind, folder):
    """Weights and files change, come and go; init_file is obeyed when a tracker comes, never again; check is killed."""
    device = devices(dut_kind, network.host("ours"))
    path = {name: os.path.join(folder, name) for name in ("one", "two", "made", "kept")}

    def write(name, text):
        with open(path[name], "w", encoding="utf-8") as stream:
            stream.write(text)

    def read(name):
        with open(path[name], encoding="utf-8") as stream:
            return stream.read()

    def text(trackers, *uses):
        blocks = "".join(f"track_file {name} {{\n    {lines}\n}}\n" for name, lines in trackers.items())
        return configuration([Instance("a", 1, ("198.51.100.1/32",), interval=INTERVAL,
                                       extra=track("track_file", *uses) if uses else ())], other=blocks)

    def router():
        return device.show()["routers"][0]

    def expect(priority):
        wait_for(lambda: router()["effective_priority"] == priority, PATIENCE, lambda: f"{priority}: {router()}")

    def reload(*arguments):
        device.configure(text(*arguments))
        device.control("config", "reload")

    write("one", "3\n")
    write("two", "-7\n")
    write("kept", "4\n")
    made = {"made": f"file {path['made']}\n    init_file 20 overwrite"}
    one = {"one": f"file {path['one']}"}
    device.start(text({**one, **made}, "one", "made weight 2"))
    wait_for(lambda: os.path.exists(device.run_dir + "/control.sock"), PATIENCE, "the control socket")
    expect(143)
    assert read("made") == "20\n"
    write("made", "1\n")
    expect(105)
    reload({**one, **made}, "one weight 10", "made weight 2")
    expect(132)
    reload({"one": f"file {path['two']}", **made}, "one weight 10", "made weight 2")
    expect(32)
    os.kill(device.role("check"), 9)
    wait_for(lambda: "replaced" in device.log() and device.role("check"), PATIENCE, "another check process")
    write("two", "-6\n")
    expect(42)
    assert read("made") == "1\n", "init_file again"
    reload({"one": f"file {path['one']}", "kept": f"file {path['kept']}\n    init_file 50"}, "one", "kept")
    expect(107)
    assert read("kept") == "4\n"
    reload(one)
    expect(100)
    reload(one, "one")
    expect(103)
    shown = router()["trackers"]
    assert [(each["name"], each["value"], each["result"]) for each in shown] == [("one", 3, "value 3")]
    assert not [line for line in device.log().splitlines() if "-> fault" in line]


INTERFACES = {
    "plain": ("eth1",),
    "plus": ("eth1 weight 10",),
    "minus": ("eth1 weight -20",),
    "plusrev": ("eth1 weight 10 reverse",),
    "minusrev": ("eth1 weight -20 reverse",),
    "several": ("eth1 weight 10", "eth2 weight -3", "eth0 weight 30"),
    "low": ("eth1 weight -253",),
}


def of_interface(up):
    return {"plain": 100 if up else FAULT, "plus": 110 if up else 100, "minus": 100 if up else 80,
            "plusrev": 90 if up else 100, "minusrev": 100 if up else 120, "several": 107 if up else 97,
            "low": 100 if up else 1}


def test_interface(both):
    """Missing, made, down, up, deleted; a fault says because of what."""
    world = both()
    world.start({name: (100, track("track_interface", *lines)) for name, lines in INTERFACES.items()})

    def on_both(*words):
        for host in world.hosts.values():
            host.ip(*words)

    world.expect("there is no eth1", of_interface(False))
    on_both("link", "add", "eth1", "type", "bridge")
    on_both("link", "set", "eth1", "up")
    world.expect("up", of_interface(True))
    on_both("link", "set", "eth1", "down")
    world.expect("down", of_interface(False))
    on_both("link", "set", "eth1", "up")
    world.expect("up again", of_interface(True))
    on_both("link", "del", "eth1")
    world.expect("deleted", of_interface(False))
    device = world.devices["ours"]
    if device.kind == "vrrp-agent":
        assert "plain: active -> fault: interface eth1 is down" in device.log()
        told = device.control("log", "--json").stdout
        assert '"cause": "interface eth1 is down"' in told or '"cause":"interface eth1 is down"' in told, told[-2000:]


@pytest.mark.agent_only
def test_process_without_the_kernel_telling(network, devices, dut_kind, folder, ended):
    """Where the process connector is refused, as in a namespace, /proc is looked through, and that is said once."""
    program = shutil.copy("/bin/sleep", os.path.join(folder, f"vra{os.getpid()}"))
    name = os.path.basename(program)
    world = Both(network, devices, {"ours": dut_kind}, "".join(
        f"vrrp_track_process {use} {{\n    process {name}\n    {lines}\n}}\n" for use, (lines, _) in PROCESSES.items()))
    world.start({use: (100, track("track_process", f"{use} {words}".rstrip()))
                 for use, (_, words) in PROCESSES.items()})
    world.expect("none runs", of_count(0))
    running = []
    for count in (1, 2):
        running.append(ended(Process([program, "1000"], os.path.join(folder, "log"))))
        world.expect(f"{count} run", of_count(count))
    for count in (1, 0):
        running.pop().kill()
        world.expect(f"{count} are left", of_count(count))
    log = world.devices["ours"].log()
    assert log.count("/proc is looked through") == 1, log[-2000:]
    wait_for(lambda: "fault: active -> fault: process fault failed (processes: 0)" in world.devices["ours"].log(),
             PATIENCE, "the fault in the log")


@pytest.mark.agent_only
def test_processes_and_interfaces_over_reloads(network, devices, dut_kind, folder, ended):
    """Trackers of both kinds come, change and go while what they track stays as it is; nothing is in fault meanwhile."""
    host = network.host("ours")
    host.batch("link add eth1 type bridge\nlink set eth1 up\n")
    device = devices(dut_kind, host)
    runs, other = (shutil.copy("/bin/sleep", os.path.join(folder, f"vr{letter}{os.getpid()}")) for letter in "xy")
    process = ended(Process([runs, "1000"], os.path.join(folder, "log")))

    def text(tracker, processes, interfaces):
        blocks = [track(word, *lines) for word, lines in (("track_process", processes), ("track_interface", interfaces))
                  if lines]
        return configuration([Instance("a", 1, ("198.51.100.1/32",), interval=INTERVAL, extra=sum(blocks, ()))],
                             other="".join(f"vrrp_track_process p {{\n    {line}\n}}\n" for line in tracker))

    def of(program, *words):
        return ("\n    ".join((f"process {os.path.basename(program)}", *words)),)

    def router():
        return device.show()["routers"][0]

    def expect(what, priority):
        wait_for(lambda: router()["effective_priority"] == priority, PATIENCE, lambda: f"{what}, {priority}: {router()}")

    device.start(text((), (), ()))
    wait_for(lambda: os.path.exists(device.run_dir + "/control.sock"), PATIENCE, "the control socket")
    expect("nothing", 100)
    for priority, *tracked in (
            (110, of(runs, "weight 10"), ("p",), ()),
            (130, of(runs, "weight 30"), ("p",), ()),
            (102, of(runs, "weight 30"), ("p weight 2",), ()),
            (100, of(runs, "weight 30", "quorum 2"), ("p",), ()),
            (100, of(other, "weight 30"), ("p",), ()),
            (130, of(runs, "weight 30"), ("p",), ()),
            (70, of(runs, "weight 30 reverse"), ("p",), ("eth2 weight 5",)),
            (150, of(runs, "weight 30"), ("p",), ("eth1 weight 20",)),
            (170, of(runs, "weight 30"), ("p",), ("eth1 weight 40",)),
            (90, of(runs, "weight 30"), ("p",), ("eth1 weight 40 reverse",)),
            (125, of(runs, "weight 30"), ("p",), ("eth1", "eth2 weight -5")),
            (130, of(runs, "weight 30"), ("p",), ())):
        device.configure(text(*tracked))
        device.control("config", "reload")
        expect(tracked, priority)
    assert [each["name"] for each in router()["trackers"]] == ["p"]
    process.kill()
    expect("it has ended", 100)
    device.configure(text((), (), ("eth1 weight 7",)))
    device.control("config", "reload")
    expect("processes no longer", 107)
    host.ip("link", "set", "eth1", "down")
    expect("the interface is down", 100)
    assert not [line for line in device.log().splitlines() if "-> fault" in line]
