# SPDX-License-Identifier: ISC
"""vrrpctl doctor: each thing that keeps people awake is found, named with its remedy, and gone when mended."""

import contextlib
import errno
import json
import os
import re
import socket
import socketserver
import threading

import pytest
from scapy.layers.l2 import ARP, Ether

from harness.config import Instance, configuration, password
from harness.frame import Advert
from harness.process import children
from harness.snmp import Snmpd
from harness.wait import wait_for

pytestmark = pytest.mark.agent_only

ONE = Instance("one", 61, ("198.51.100.61/24",), interval=0.2)

GOOD = """master agentx
agentAddress udp:161,udp6:161
view vrrp included .1.3.6.1.2.1
rouser reader priv -V vrrp
trap2sink 192.0.2.9 public
"""


def findings(device, conf, *options):
    """{check: (verdict, text, remedy)}, and what the command itself made of it."""
    done = device.control(*options, "--json", "doctor", conf, check=False)
    document = json.loads(done.stdout)
    assert document["schema"] == 1
    found = {each["check"]: (each["verdict"], each["text"], each["remedy"]) for each in document["findings"]}
    assert (done.returncode != 0) is any(verdict == "problem" for verdict, _, _ in found.values())
    return found


def written(folder, text, name="snmpd.conf"):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(text)
    return path


@contextlib.contextmanager
def repeated(act, seconds):
    """Calls act() every so many seconds, until the block ends."""
    over = threading.Event()

    def work():
        while not over.wait(seconds):
            act()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield
    finally:
        over.set()
        worker.join()


@contextlib.contextmanager
def answering(folder, device, shown=None, changed=None):
    """A socket at which the agent seems to answer `show` with that, or to have other facts: changed(facts)."""

    class Answers(socketserver.StreamRequestHandler):
        """The agent's own facts, and what it is said to show."""

        def handle(self):
            command = json.loads(self.rfile.readline())["command"]
            self.wfile.write(json.dumps((shown or device.show()) if command == "show" else facts).encode())

    with socket.socket(socket.AF_UNIX) as agent:
        agent.connect(f"{device.run_dir}/control.sock")
        agent.sendall(b'{"command": "facts"}\n')
        with agent.makefile() as stream:
            facts = json.load(stream)
    if changed:
        changed(facts)
    path = os.path.join(folder, "a")
    with socketserver.UnixStreamServer(path, Answers) as server:
        worker = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        worker.start()
        try:
            yield path
        finally:
            server.shutdown()
            worker.join()
            os.unlink(path)


@pytest.fixture
def patient(network, devices, dut_kind, folder, ended, need):
    """A healthy agent under a healthy snmpd."""
    need("snmpd")
    snmpd = ended(Snmpd(network.host("ours"), folder))
    snmpd.start()
    device = devices(dut_kind, snmpd.host, agentx=snmpd.socket)
    device.snmpd = snmpd
    device.start(configuration([ONE], ("enable_snmp_rfcv3", "enable_traps")))
    wait_for(lambda: device.control("show", check=False).returncode == 0, 15, "an answer")
    conf = written(folder, GOOD)
    wait_for(lambda: findings(device, conf)["snmpd"][0] == "good", 15, "the session")
    wait_for(lambda: device.show()["routers"][0]["state"] == "active", 15, "the takeover")
    return device


def test_a_healthy_patient(patient, folder):
    conf = written(folder, GOOD)
    found = findings(patient, conf)
    # what the machine that runs the tests allows is not the agent's to answer for
    assert {check for check, each in found.items() if each[0] != "good"} <= {"real-time", "memory", "lateness", "confinement"}, found
    lines = patient.control("doctor", conf).stdout
    assert "PROBLEM" not in lines and "ok " in lines


SICK = {
    "view": (GOOD.replace("included .1.3.6.1.2.1\n", "included .1.3.6.1.2.1.1\n"), "view vrrp included .1.3.6.1.2.1.207"),
    "view-excluded": (GOOD + "view vrrp excluded .1.3.6.1.2.1.207\n", "view vrrp included"),
    "view-community": (GOOD.replace("rouser reader priv -V vrrp", "rocommunity public default -V systemonly"),
                       "view vrrp included"),
    "view-restart": (GOOD.replace("rouser reader priv -V vrrp", ""), "priv -V vrrp; then systemctl restart snmpd"),
    "view-nobody": (GOOD.replace("rouser reader priv -V vrrp", ""), "view vrrp included"),
    "listening": (GOOD.replace("agentAddress udp:161,udp6:161", "agentAddress 127.0.0.1,[::1]"), "agentAddress udp:161"),
    "listening-default": (GOOD.replace("agentAddress udp:161,udp6:161", ""), "agentAddress udp:161"),
    "notifications": (GOOD.replace("trap2sink 192.0.2.9 public", ""), "trap2sink"),
}

WELL = {
    "view": GOOD.replace("rouser reader priv -V vrrp", "rocommunity public"),
    "view-subtree": GOOD.replace("rouser reader priv -V vrrp", "rocommunity public default .1.3.6.1.2.1"),
    "view-model": GOOD.replace("rouser reader priv -V vrrp", "rwuser -s usm reader priv -V vrrp"),
    "view-access": GOOD.replace("rouser reader priv -V vrrp", 'access readers "" any noauth exact vrrp none none'),
    "view-name": GOOD.replace("included .1.3.6.1.2.1", "included mib-2"),
    "listening": GOOD.replace("udp:161,udp6:161", "127.0.0.1,192.0.2.1"),
    "notifications": GOOD.replace("trap2sink 192.0.2.9 public", "trapsess -v3 -u reader 192.0.2.9"),
}


def test_what_snmpd_conf_lacks(patient, folder):
    """Each on its own, beside its twins that are well; also from files that the first one includes."""
    for name, (text, remedy) in SICK.items():
        found = findings(patient, written(folder, text))[name.split("-")[0]]
        assert found[0] in ("problem", "advice") and remedy in found[2], (name, found)
    for name, text in WELL.items():
        found = findings(patient, written(folder, text))[name.split("-")[0]]
        assert found[0] == "good", (name, found)
    parts = os.path.join(folder, "snmpd.conf.d")
    os.makedirs(parts)
    written(parts, GOOD, "vrrp.conf")
    assert findings(patient, written(folder, f"includeDir {parts}\n"))["view"][0] == "good"
    assert findings(patient, os.path.join(folder, "absent.conf"))["view"][0] == "advice"


USER = "rouser reader priv -V vrrp"
GROUPS = "com2sec everybody {} word\ngroup writers v2c everybody\naccess writers \"\" {} {} exact vrrp {} none\n"

# What stands in place of USER, and the verdict.
ACCESS = {
    "a community for all": ("rocommunity public", "advice"),
    "by its name": ("rocommunity public default", "advice"),
    "of version 6": ("rocommunity6 public ::/0 .1.3.6.1.2.1.207", "advice"),
    "by a view": ("rocommunity public default -V vrrp", "advice"),
    "by a part": ("rocommunity public default .1.3.6.1.2.1.207.1.1.1.1.3", "advice"),
    "of something else": ("rocommunity public default .1.3.6.1.2.1.1", "good"),
    "of hosts that are named": ("rocommunity public 192.0.2.0/24", "good"),
    "a user without a key": ("rouser reader noauth -V vrrp", "advice"),
    "a user with one": ("rouser -s usm reader", "good"),
    "written by all": ("rwcommunity private", "problem"),
    "written by named hosts": ("rwcommunity private 192.0.2.0/24 -V vrrp", "problem"),
    "written from here": ("rwcommunity private 127.0.0.1", "advice"),
    "written elsewhere": ("rwcommunity private 192.0.2.0/24 .1.3.6.1.2.1.1", "good"),
    "written by a user without a key": ("rwuser writer noauth", "problem"),
    "written by a user": ("rwuser writer auth", "good"),
    "the newer word": ("authcommunity read,write private 192.0.2.7", "problem"),
    "the newer word, for logs": ("authcommunity log private", "good"),
    "a group": (GROUPS.format("default", "any", "noauth", "vrrp"), "problem"),
    "a group that only reads": (GROUPS.format("default", "any", "noauth", "none"), "advice"),
    "a group from here": (GROUPS.format("localhost", "v2c", "noauth", "vrrp"), "advice"),
    "a group with keys": (GROUPS.format("default", "usm", "auth", "vrrp"), "good"),
}


def test_rules_that_are_too_open(patient, folder):
    """The worst line of all is named, with what to write; no community is printed."""
    for what, (lines, verdict) in ACCESS.items():
        path = written(folder, GOOD.replace(USER, lines))
        found = findings(patient, path)["access"]
        assert found[0] == verdict, (what, found)
        assert "public" not in "".join(found) and "private" not in "".join(found)
        if verdict != "good":
            last = 3 + len(lines.strip().splitlines())
            assert f"{path}:{last} " in found[1] and f"{path}:{last}: r" in found[2], (what, found)
    path = written(folder, GOOD + "rocommunity public\nrwcommunity private\n")
    assert f"{path}:7 " in findings(patient, path)["access"][1]


def test_snmpd_that_is_gone(patient, folder):
    """Hanging or gone is told at once: nobody waits for the agent to notice. If its file has it listen elsewhere,
    to start it is of no use."""
    conf = written(folder, GOOD + f"agentXSocket tcp:localhost:705,unix:{patient.snmpd.socket}\n")
    patient.snmpd.pause()
    found = findings(patient, conf)["snmpd"]
    assert found[0] == "problem" and "hangs" in found[1] and "restart snmpd" in found[2], found
    patient.snmpd.resume()
    wait_for(lambda: findings(patient, conf)["snmpd"][0] == "good", 15, "snmpd's answer")
    patient.snmpd.kill()
    found = findings(patient, conf)["snmpd"]
    assert found[0] == "problem" and "no snmpd listens" in found[1] and "start snmpd" in found[2], found
    wait_for(lambda: findings(patient, conf)["agentx-master"][1].endswith("makes snmpd an AgentX master"), 15, "the end")
    assert findings(patient, conf)["agentx-socket"][0] == "good"
    for line, place in (("", "/var/agentx/master"), ("agentXSocket unix:/run/other\n", "unix:/run/other")):
        elsewhere = written(folder, GOOD + line)
        found = findings(patient, elsewhere)
        assert f"{elsewhere} say: agentXSocket unix:{patient.snmpd.socket};" in found["snmpd"][2], found
        assert found["agentx-socket"][0] == "problem" and f"AgentX at {place}," in found["agentx-socket"][1], found
    assert findings(patient, written(folder, GOOD.replace("master agentx", "")))["agentx-master"][0] == "problem"
    conf = written(folder, GOOD)
    patient.snmpd.start()
    wait_for(lambda: findings(patient, conf)["snmpd"][0] == "good", 15, "snmpd's return")


def test_a_router_that_is_drained(patient, folder):
    conf = written(folder, GOOD)
    assert findings(patient, conf)["service"][0] == "good"
    patient.control("drain", "one")
    verdict, text, remedy = findings(patient, conf)["service"]
    assert verdict == "advice" and "one is out of service" in text and remedy == "vrrpctl undrain one"
    patient.control("undrain", "one")
    assert findings(patient, conf)["service"][0] == "good"


def test_a_file_that_was_changed(patient, folder):
    conf = written(folder, GOOD)
    assert findings(patient, conf)["configuration"][0] == "good"
    patient.configure(configuration([ONE.but(priority=120)], ("enable_snmp_rfcv3", "enable_traps")))
    verdict, text, remedy = findings(patient, conf)["configuration"]
    assert verdict == "advice" and patient.config_path in text and "config reload" in remedy
    patient.control("config", "reload")
    assert findings(patient, conf)["configuration"][0] == "good"
    patient.control("set", "one", "priority", "130")
    assert findings(patient, conf)["overlay"][0] == "advice"


def test_neighbours(patient, folder, network):
    """One who is active too, one of another VRID, one with a wrong TTL, and a fault of our own."""
    conf = written(folder, GOOD)
    tester = network.host("tester")
    rival = Advert(vrid=61, source="192.0.2.99", addresses=("198.51.100.61",), interval=20, priority=50)

    def seen(check, verdict, frame):
        tester.send(frame.frames())
        return findings(patient, conf)[check][0] == verdict

    wait_for(lambda: seen("duplicates", "problem", rival), 15, "the rival")
    wait_for(lambda: findings(patient, conf)["duplicates"][0] == "good", 15, "its silence")
    assert patient.show()["engine"]["vrid_errors_age"] is None
    wait_for(lambda: seen("strangers", "advice", rival.but(vrid=62)), 15, "the stranger")
    assert "log_unknown_vrids" in findings(patient, conf)["strangers"][2]
    text = findings(patient, conf)["strangers"][1]
    assert re.search(r"was heard \d s ago \([1-9]\d* since the start\)", text), text
    shown = patient.show()
    shown["engine"]["vrid_errors_age"] = 7200
    with answering(folder, patient, shown) as other:
        assert findings(patient, conf, "--socket", other)["strangers"][:2] == \
            ("good", "no router of an unknown VRID was heard for 7200 s")
    wait_for(lambda: seen("neighbours", "advice", rival.but(ttl=3)), 15, "the wrong TTL")
    patient.host.ip("link", "set", "eth0", "down")
    wait_for(lambda: findings(patient, conf)["faults"][0] == "problem", 15, "the fault")
    assert "link" in findings(patient, conf)["faults"][1]


def test_why_a_group_is_in_fault(network, devices, dut_kind, folder):
    """The router whose own fault it is comes first, with what it tracks; not one that its group holds back."""
    device = devices(dut_kind, network.host("ours"))
    device.start("""vrrp_script bad {
    script "/bin/sh -c 'exit 7'"
    user root
}
vrrp_sync_group both {
    group {
        one
        two
    }
}
""" + configuration([ONE.but(name="one"), ONE.but(name="two", vrid=62, addresses=("198.51.100.62/24",),
                                                  extra=("track_script {\n bad\n}",))]))
    conf = written(folder, GOOD)
    wait_for(lambda: device.control("show", check=False).returncode == 0, 15, "an answer")
    wait_for(lambda: findings(device, conf)["faults"][0] == "problem", 15, "the fault")
    wait_for(lambda: "bad (script) exit 7" in findings(device, conf)["faults"][1], 15,
             lambda: f"the script: {findings(device, conf)['faults']}")
    assert findings(device, conf)["faults"][1].startswith("two is in fault: tracking: ")


def test_a_source_that_is_not_there(network, devices, dut_kind, folder):
    device = devices(dut_kind, network.host("ours"))
    device.start(configuration([ONE.but(extra=("unicast_src_ip 192.0.2.77", "unicast_peer {\n 192.0.2.2\n}"))]))
    conf = written(folder, GOOD)
    wait_for(lambda: device.control("show", check=False).returncode == 0, 15, "an answer")
    wait_for(lambda: findings(device, conf)["faults"][0] == "problem", 15, "the fault")
    _, text, remedy = findings(device, conf)["faults"]
    assert text == "one is in fault: no-address" and "eth0" in remedy and "unicast_src_ip" in remedy, (text, remedy)
    assert "one: initialize -> fault: the interface lacks the address to send from (eth0)" in device.log(), device.log()


def test_all_that_no_view_shows_is_told_at_once(network, devices, dut_kind, folder, ended, need):
    need("snmpd")
    snmpd = ended(Snmpd(network.host("ours"), folder)).start()
    device = devices(dut_kind, snmpd.host, agentx=snmpd.socket)
    device.start(configuration([ONE], ("enable_snmp_rfcv2", "enable_snmp_vrrp")))
    conf = written(folder, GOOD.replace("included .1.3.6.1.2.1\n", "included .1.3.6.1.2.1.207\n"))
    wait_for(lambda: device.control("show", check=False).returncode == 0, 15, "an answer")
    wait_for(lambda: findings(device, conf)["view"][0] == "problem", 15, "what is not seen")
    _, text, remedy = findings(device, conf)["view"]
    assert "VRRP-MIB, KEEPALIVED-MIB" in text and "VRRPV3-MIB" not in text
    assert ".1.3.6.1.2.1.68; view vrrp included .1.3.6.1.4.1.9586.100.5; and grant it" in remedy


def test_a_socket_that_is_closed(network, devices, dut_kind, folder, ended, need):
    """As the unit meets snmpd's: no right to pass over modes. The remedy's line opens it."""
    need("snmpd", "setpriv")
    snmpd = ended(Snmpd(network.host("ours"), folder, perms="0600 0755 nobody nogroup")).start()
    os.chmod(folder, 0o755)
    device = devices(dut_kind, snmpd.host, agentx=snmpd.socket)
    plain = device.command
    device.command = lambda: ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *plain()]
    device.start(configuration([ONE]))
    conf = written(folder, GOOD + f"agentXSocket {snmpd.socket}\n")
    wait_for(lambda: device.control("show", check=False).returncode == 0, 15, "an answer")
    wait_for(lambda: findings(device, conf)["agentx-socket"][0] == "problem", 15, "the closed socket")
    _, text, remedy = findings(device, conf)["agentx-socket"]
    assert "closed" in text and "agentXPerms" in remedy and "vrrp-agent; then systemctl restart" in remedy
    os.chmod(snmpd.socket, 0o666)
    wait_for(lambda: findings(device, conf)["snmpd"][0] == "good", 60, "the session")
    assert findings(device, conf)["agentx-socket"][0] == "good"


def test_what_the_system_does_not_allow(network, devices, dut_kind, folder, need):
    """Neither the right nor a limit that gives real-time scheduling and locked memory."""
    need("setpriv", "prlimit")
    device = devices(dut_kind, network.host("ours"))
    plain = device.command
    device.command = lambda: ["prlimit", "--rtprio=0", "--memlock=0", "setpriv",
                              "--bounding-set=-sys_nice,-ipc_lock,-sys_resource", *plain()]
    device.start(configuration([ONE]))
    conf = written(folder, GOOD)
    wait_for(lambda: device.control("show", check=False).returncode == 0, 15, "an answer")
    found = findings(device, conf)
    assert found["real-time"][0] == "advice" and "LimitRTPRIO" in found["real-time"][2]
    assert found["memory"][0] == "advice" and "LimitMEMLOCK" in found["memory"][2]
    assert found["snmpd"][0] == "advice" and "--no-snmp" in found["snmpd"][2]


def test_neighbours_that_disagree(patient, folder, network):
    """Both ways to compute the checksum; two owners."""
    conf = written(folder, GOOD)
    tester = network.host("tester")
    one = Advert(vrid=61, source="192.0.2.98", addresses=("198.51.100.61",), interval=20, priority=50)
    for form in ("pseudo", "message"):
        assert findings(patient, conf)["checksum"][0] == "good"
        heard = f"checksum_{form}"

        def counted(form=form, heard=heard):
            tester.send(one.but(checksum=form).frames())
            return patient.show()["routers"][0]["counters"][heard]

        wait_for(counted, 15, form)
    verdict, text, remedy = findings(patient, conf)["checksum"]
    assert verdict == "advice" and "one" in text and "v3_checksum_as_v2" in remedy
    patient.configure(configuration([ONE.but(priority=255)], ("enable_snmp_rfcv3", "enable_traps")))
    patient.control("config", "reload")

    def claimed():
        tester.send(one.but(priority=255).frames())
        return patient.show()["routers"][0]["drops"]["owner-conflict"]

    wait_for(claimed, 15, "the other owner")
    wait_for(lambda: "priority 255" in findings(patient, conf)["duplicates"][2], 15, "that both claim to be owners")


def test_rivals_that_are_not_understood(patient, folder, network, devices, dut_kind):
    """Both are active and neither hears the other: a problem, as long as it lasts and no longer."""
    conf = written(folder, GOOD)
    ours = ONE.but(version=2, interval=1, extra=password("ours"))
    patient.configure(configuration([ours], ("enable_snmp_rfcv3", "enable_traps")))
    patient.control("config", "reload")
    for name, theirs, word, remedy in (
        ("password", ours.but(extra=password("theirs")), "auth-failed", "auth_pass"),
        ("version", ours.but(version=3, extra=()), "version-differs", "`version`"),
    ):
        wait_for(lambda: patient.show()["routers"][0]["state"] == "active", 15, "the takeover")
        assert findings(patient, conf)["duplicates"][0] == "good", name
        rival = devices(dut_kind, network.host(name))
        rival.start(configuration([theirs]))
        wait_for(lambda: findings(patient, conf)["duplicates"][0] == "problem", 30, name)
        found = findings(patient, conf)["duplicates"]
        assert "one is active here" in found[1] and word in found[1] and remedy in found[2], found
        assert patient.show()["routers"][0]["state"] == "active"
        rival.stop()
        wait_for(lambda: findings(patient, conf)["duplicates"][0] == "good", 30, f"the end of {name}")
    assert findings(patient, conf)["neighbours"][0] == "advice"


def test_what_is_wrong_now_comes_first(patient, folder, network):
    """What an earlier mistake has left in the counters does not hide today's, and is told from it."""
    conf = written(folder, GOOD)
    tester = network.host("tester")
    two = ONE.but(name="two", vrid=64, addresses=("198.51.100.64/24",))
    patient.configure(configuration([ONE, two], ("enable_snmp_rfcv3", "enable_traps")))
    patient.control("config", "reload")
    past = Advert(vrid=61, source="192.0.2.99", addresses=("198.51.100.61",), interval=20, priority=50, ttl=3)
    now = Advert(vrid=64, source="192.0.2.99", addresses=("198.51.100.99",), interval=20, priority=200)
    wait_for(lambda: tester.send(past.frames()) or patient.show()["routers"][0]["drops"]["ttl"], 15, "the past")
    verdict, text, remedy = findings(patient, conf)["neighbours"]
    assert verdict == "advice" and "one heard" in text and "(ttl), none of them just now" in text, text
    with repeated(lambda: tester.send(now.frames()), 0.1):
        wait_for(lambda: patient.show()["routers"][1]["state"] == "backup", 15, "the other router's priority")
        verdict, text, remedy = findings(patient, conf)["neighbours"]
    assert verdict == "advice" and "two hears" in text and "addresses-differ" in text, text
    assert "virtual_ipaddress" in remedy and "vrrpctl log two" in remedy


def test_an_address_that_another_host_uses(patient, folder, network):
    """Also where it says nothing by VRRP, as a router does whose advertisements are not let in."""
    conf = written(folder, GOOD)
    tester = network.host("tester")
    assert findings(patient, conf)["addresses"][0] == "good"
    frame = bytes(Ether(dst="ff:ff:ff:ff:ff:ff", src=tester.mac()) / ARP(
        op=1, hwsrc=tester.mac(), psrc="198.51.100.61", hwdst="00:00:00:00:00:00", pdst="198.51.100.99"))
    wait_for(lambda: tester.send(frame) or patient.show()["routers"][0]["duplicate_heard"] is not None, 15, "the ARP")
    verdict, text, remedy = findings(patient, conf)["addresses"]
    assert verdict == "problem" and "an address of one" in text and "vrrpctl log one" in remedy, (text, remedy)
    assert tester.mac() in patient.control("log", "one").stdout
    patient.control("drain", "one")
    wait_for(lambda: findings(patient, conf)["addresses"][0] == "good", 15, "the end of its service")


def test_what_a_firewall_does_not_let_out(patient, folder, need):
    """Nobody contradicts, and the counter of what was sent grows: all would seem well."""
    need("nft")
    conf = written(folder, GOOD)
    assert findings(patient, conf)["sending"][0] == "good"
    patient.host.run(["nft", "add table inet wall; add chain inet wall out { type filter hook output priority 0; };"
                      "add rule inet wall out meta l4proto 112 drop"])
    wait_for(lambda: findings(patient, conf)["sending"][0] == "problem", 15, "what was not sent")
    _, text, remedy = findings(patient, conf)["sending"]
    assert "refused to send an advertisement of one" in text and "nft list ruleset" in remedy, text
    assert "`vrrpctl log one` says why" in remedy
    told = "one: an advertisement could not be sent: Operation not permitted\n"
    assert told in patient.control("log", "one").stdout
    shown = patient.show()
    assert shown["engine"]["unsent"] > 0 and shown["routers"][0]["unsent_age"] < 60
    assert patient.log().count(told) == 1 and "engine: " not in patient.log()


def test_keepalived_beside(patient, folder, network, devices, peer_kind):
    """One that serves our objects is a problem, another one worth a note; one in another network is neither."""
    conf = written(folder, GOOD)
    elsewhere = devices(peer_kind, network.host("elsewhere"))
    elsewhere.start(configuration([ONE.but(vrid=63)]))
    wait_for(lambda: len(children(elsewhere.pid)) > 0, 15, "keepalived elsewhere")
    assert findings(patient, conf)["keepalived"][0] == "good"
    for agentx, verdict in ((None, "advice"), (patient.snmpd.socket, "problem")):
        beside = devices(peer_kind, patient.host, f"keepalived-{verdict}", agentx=agentx)
        beside.start(configuration([ONE.but(vrid=63)]))
        wait_for(lambda wanted=verdict: findings(patient, conf)["keepalived"][0] == wanted, 15, f"the {verdict}")
        beside.kill()
        wait_for(lambda: findings(patient, conf)["keepalived"][0] == "good", 15, "its end")


def test_another_subagent(patient, folder, network, devices, dut_kind):
    """Of two agents at one snmpd the second one is told, until the first one ends."""
    conf = written(folder, GOOD)
    other = devices(dut_kind, network.host("elsewhere"), "second", agentx=patient.snmpd.socket)
    other.start(configuration([ONE.but(vrid=63)], ("enable_snmp_rfcv3",)))
    wait_for(lambda: other.control("show", check=False).returncode == 0, 15, "an answer")
    wait_for(lambda: findings(other, conf)["registration"][0] == "problem", 15, "what the first one has")
    assert "VRRPV3-MIB" in findings(other, conf)["registration"][1]
    patient.stop()
    wait_for(lambda: findings(other, conf)["registration"][0] == "good", 20, "the end of the first one")


WITHOUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness", "without.py")
LEFT = ", change files' modes and owners, change other processes' limits and scheduling, fork and make sockets"


def confinement(device, conf):
    """What is said of it, once agentx knows where its master listens."""
    return wait_for(lambda: (found := findings(device, conf)["confinement"])[0] != "not-asked" and found, 15, "confinement")


@pytest.mark.unsanitized
def test_confinement(patient, folder):
    """By what the kernel and the processor have: each version of Landlock leaves less to the filter."""
    conf = written(folder, GOOD)
    verdict, text, _ = confinement(patient, conf)
    assert verdict == "good" and "is confined" in text and f"({os.uname().machine})" in text, text

    def told(**facts):
        with answering(folder, patient, None, lambda all_of_it: all_of_it["snmp"]["confinement"].update(facts)) as other:
            return findings(patient, conf, "--socket", other)["confinement"]

    assert told(reach="none-yet")[0] == "not-asked"
    assert "reads files and connects" in told(reach="network")[1]
    assert "Landlock (version 2, Linux 6.1.0)" in told(landlock=2, kernel="6.1.0")[1]
    for version, still in ((1, "truncate files, signal other processes" + LEFT),
                           (2, "truncate files, signal other processes" + LEFT),
                           (3, "signal other processes" + LEFT), (6, LEFT[2:])):
        verdict, text, remedy = told(landlock=version, filter=-errno.EOPNOTSUPP, machine="riscv64")
        assert verdict == "advice" and f"(version {version}, " in text and f"could still {still}: system" in text, text
        assert "x86-64 and arm64 alone (riscv64)" in text and "nothing on this processor" in remedy, (text, remedy)
    text, remedy = told(landlock=-errno.EOPNOTSUPP, filter=-errno.EOPNOTSUPP)[1:]
    assert "could change files, run programs" in text and "switched off at boot (lsm=)" in text, text
    assert "CONFIG_SECURITY_LANDLOCK" in remedy, remedy


@pytest.mark.unsanitized
def test_confinement_of_a_lesser_kernel(network, devices, dut_kind, folder, ended, need):
    """One or both of its means are not there."""
    need("snmpd")
    snmpd = ended(Snmpd(network.host("ours"), folder)).start()
    conf = written(folder, GOOD)
    for missing, verdict, said in (
        (("landlock",), "good", "by a filter of system calls"),
        (("seccomp",), "advice", "CONFIG_SECCOMP_FILTER"),
        (("landlock", "seccomp"), "advice", "is not confined; a hole in it could change files"),
    ):
        device = devices(dut_kind, snmpd.host, f"without-{'-'.join(missing)}", agentx=snmpd.socket)
        plain = device.command
        device.command = lambda words=plain, missing=missing: [
            *(word for each in missing for word in ("/usr/bin/python3", WITHOUT, each)), *words()]
        device.start(configuration([ONE]))
        wait_for(lambda device=device: device.control("show", check=False).returncode == 0, 15, "an answer")
        found = confinement(device, conf)
        assert found[0] == verdict and said in found[1], found
        assert ("this kernel has none" in found[1]) is ("landlock" in missing), found
        device.stop()
