# SPDX-License-Identifier: ISC
"""Managers that were not made for us: the net-snmp tools by SNMPv3 under the access rules that we ship, pysnmp,
the Nagios plug-in for VRRP and Prometheus' exporter with its keepalived module, all unchanged."""

import ipaddress
import os
import re
import shlex
import shutil
import sys
import urllib.request

import pytest

from harness.config import Instance, configuration
from harness.namespace import inside
from harness.process import Process, run
from harness.snmp import AGENT, OPERATIONS, Manager, Snmpd, parse_varbinds, row
from harness.wait import wait_for

pytestmark = [pytest.mark.agent_only, pytest.mark.usefixtures("snmp_tools")]

TOP = os.environ.get("TOP_SRCDIR") or os.path.join(os.path.dirname(__file__), "..", "..")
SNIPPET = os.path.join(TOP, "etc", "snmp", "vrrp-agent-snmpd.conf")
PLUGIN = "/usr/lib/nagios/plugins/check_snmp_vrrp.pl"
MODULES = "/usr/share/doc/prometheus-snmp-exporter/examples/generator.yml"
KEEPALIVED_MIBS = ("KEEPALIVED-MIB", "VRRP-MIB", "VRRPv3-MIB")

GLOBAL = ("enable_snmp_rfc", "enable_snmp_vrrp")
THREE = Instance("three", 7, ("198.51.100.7/24",), priority=120, interval=0.2)
TWO = Instance("two", 9, ("198.51.100.9/24",), version=2, priority=150)
USERS = {"READER": "reader password", "OPERATOR": "operator password", "STRANGER": "stranger password"}


@pytest.fixture
def snmp_tools(need):
    need("snmpd", "snmpget", "snmpset", "snmpbulkwalk")


def shipped_rules():
    """What etc/snmp says about views and users, with the lines of users taken out of their comments."""
    with open(SNIPPET, encoding="utf-8") as stream:
        lines = [re.sub(r"^#(?=(?:rouser|rwuser) )", "", line.strip()) for line in stream]
    kept = [line for line in lines if re.match(r"(view|rouser|rwuser) ", line)]
    assert len(kept) >= 7
    users = [f"createUser {name} SHA-256 \"{word}\" AES \"{word}\"" for name, word in USERS.items()]
    return "\n".join(users + kept + ["view systemonly included .1.3.6.1.2.1.1",
                                     "rocommunity public default -V systemonly"]) + "\n"


@pytest.fixture
def served(network, folder, ended, devices, dut_kind):
    """The agent behind an snmpd with the rules that we ship; returns the host."""
    def serve(instances=(THREE, TWO), global_lines=GLOBAL, access=None):
        host = network.host("ours")
        snmpd = ended(Snmpd(host, folder, access=access or shipped_rules()))
        snmpd.start()
        device = devices(dut_kind, host, agentx=snmpd.socket)
        device.start(configuration(instances, global_lines))
        return host

    return serve


def secure(host, tool, user, *words, level="authPriv", context=""):
    """A tool by SNMPv3: (exit status, everything it said)."""
    key = USERS[user]
    done = run([tool, "-v3", "-l", level, "-u", user, "-a", "SHA-256", "-A", key, "-x", "AES", "-X", key,
                "-n", context, "-m", "", "-On", "-Oe", "-Ox", "-t", "2", "-r", "1", AGENT, *words],
               host.namespace, check=False, env={"MIBS": "", "SNMP_PERSISTENT_DIR": "/nonexistent"})
    return done.returncode, done.stdout + done.stderr


def wait_readable(host, oid, **how):
    def readable():
        said = secure(host, "snmpget", "READER", oid, **how)[1]
        return said.startswith(f"{oid} = ") and "No Such" not in said

    wait_for(readable, 20,
             lambda: f"{oid}; {secure(host, 'snmpget', 'READER', oid, **how)}", 0.2)


def test_who_may_read_can_and_who_may_not_cannot(served):
    host = served()
    priority = f"{OPERATIONS}.7.{row(host, THREE.vrid)}"
    wait_readable(host, priority)
    assert parse_varbinds(secure(host, "snmpget", "READER", priority)[1])[0].number == 120
    for root in (".1.3.6.1.2.1.207", ".1.3.6.1.2.1.68", ".1.3.6.1.4.1.9586.100.5"):
        walked = parse_varbinds(secure(host, "snmpbulkwalk", "READER", root)[1])
        assert len([value for value in walked if value.oid.startswith(root)]) > 20, root
    # the reader may not write, the operator may
    status, said = secure(host, "snmpset", "READER", priority, "u", "130")
    assert status != 0 and "noAccess" in said
    status, said = secure(host, "snmpset", "OPERATOR", priority, "u", "130")
    assert status == 0, said
    assert parse_varbinds(secure(host, "snmpget", "READER", priority)[1])[0].number == 130
    # who may write may not do so with less than the rule asks for
    for level in ("authNoPriv", "noAuthNoPriv"):
        status, said = secure(host, "snmpset", "OPERATOR", priority, "u", "140", level=level)
        assert status != 0 and "uthorizationError" in said, said
    # without privacy, without anything, without a rule, and by the community of Debian's own view nobody sees it
    for user, level in (("READER", "authNoPriv"), ("READER", "noAuthNoPriv"), ("STRANGER", "authPriv")):
        status, said = secure(host, "snmpget", user, priority, level=level)
        assert status != 0 and "uthorizationError" in said, said
    manager = Manager(host)
    assert not manager.serves(priority)
    assert not manager.walk(".1.3.6.1.2.1.207")
    assert manager.set(priority, "u", "77") != ""
    assert parse_varbinds(secure(host, "snmpget", "READER", priority)[1])[0].number == 130


def readme():
    """README.md: the lines of commands, with those that go on joined; its snmpd.conf and its configuration."""
    with open(os.path.join(TOP, "README.md"), encoding="utf-8") as stream:
        blocks = re.findall(r"^```\n(.*?)^```", stream.read(), re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).replace("\\\n", "").splitlines()
    return (lines, next(block for block in blocks if "master agentx" in block),
            next(block for block in blocks if "vrrp_instance" in block))


def created_user(line):
    """What net-snmp-create-v3-user adds to snmpd's two files: the user, and what it may do."""
    words = shlex.split(line)
    value = {flag: words[words.index(flag) + 1] for flag in ("-a", "-A", "-x", "-X")}
    return (f"createUser {words[-1]} {value['-a']} \"{value['-A']}\" {value['-x']} \"{value['-X']}\"\n",
            f"{'rouser' if '-ro' in words else 'rwuser'} {words[-1]}\n")


def access_of(lines, rules, path):
    """snmpd.conf after the recipe's commands and with its lines; `path` is for a file of ours."""
    made = [created_user(line) for line in lines if "net-snmp-create-v3-user" in line]
    assert len(made) == 2
    path.write_text("".join(rule for _, rule in made))
    edit, = (shlex.split(line)[1:] for line in lines if line.startswith("sudo sed "))
    assert edit[-1] == "/etc/snmp/snmpd.conf"
    run([*edit[:-1], path])
    return "".join(user for user, _ in made) + path.read_text() + rules.replace("master agentx\n", "")


def test_the_recipe_of_the_readme(network, folder, ended, devices, dut_kind, tmp_path):
    """Its users, its snmpd.conf, its configuration and its commands, word by word but for where snmpd listens and for
    the number of the interface."""
    lines, rules, text = readme()
    walk, = (shlex.split(line) for line in lines if line.startswith("snmpwalk "))
    change, = (shlex.split(line) for line in lines if line.startswith("snmpset "))
    host = network.host("ours")
    snmpd = ended(Snmpd(host, folder, access=access_of(lines, rules, tmp_path / "snmpd.conf"), sink="")).start()
    device = devices(dut_kind, host, agentx=snmpd.socket)
    device.start(text)

    def say(words, **changed):
        words = [changed.get(word, AGENT if word == "localhost" else word) for word in words]
        done = run([words[0], "-m", "", "-On", *words[1:]], host.namespace, check=False,
                   env={"MIBS": "", "SNMP_PERSISTENT_DIR": "/nonexistent"})
        return done.returncode, done.stdout + done.stderr

    index = f".7.{host.index()}.51.1"
    wait_for(lambda: f"{index} = Gauge32: 100" in say(walk)[1], 20, lambda: f"the walk: {say(walk)}", 0.2)
    *words, oid, kind, value = change
    assert oid.endswith(".7.2.51.1"), "the comment above it explains this one"
    change = [*words, oid.replace(".7.2.51.1", index), kind, value]
    status, said = say(change, writer="reader", **{"writer password": "reader password"})
    assert status != 0 and "noAccess" in said
    for level in ("authNoPriv", "noAuthNoPriv"):
        status, said = say(change, authPriv=level)
        assert status != 0 and "uthorizationError" in said, said
    status, said = say([*change[:-3], ".1.3.6.1.2.1.1.6.0", "s", "elsewhere"])
    assert status != 0 and "noAccess" in said, said
    status, said = say(change)
    assert status == 0 and f"{index} = Gauge32: {value}" in said, said
    assert f"{index} = Gauge32: {value}" in say(walk)[1]
    assert f"priority {value}\n" in device.control("config", "diff").stdout
    device.control("config", "revert")
    assert f"{index} = Gauge32: 100" in say(walk)[1]


def pysnmp_walk(host, root):
    """[(OID, type, value)] by pysnmp, from within the host."""
    from pysnmp import hlapi

    def walk():
        found = []
        user = hlapi.UsmUserData("READER", USERS["READER"], USERS["READER"],
                                 authProtocol=hlapi.usmHMAC192SHA256AuthProtocol,
                                 privProtocol=hlapi.usmAesCfb128Protocol)
        address, port = AGENT.split(":")
        for failure, status, _, varbinds in hlapi.nextCmd(
                hlapi.SnmpEngine(), user, hlapi.UdpTransportTarget((address, int(port)), timeout=5, retries=2),
                hlapi.ContextData(), hlapi.ObjectType(hlapi.ObjectIdentity(root)),
                lexicographicMode=False, lookupMib=False):
            assert not failure and not status, (failure, status)
            found += [(f".{name}", type(value).__name__, value) for name, value in varbinds]
        return found

    return inside(host.namespace, walk)


def test_pysnmp_sees_what_the_net_snmp_tools_see(served):
    pytest.importorskip("pysnmp", reason="python3-pysnmp4 is not installed")
    host = served()
    statuses = [f"{OPERATIONS}.6.{row(host, instance.vrid)}" for instance in (THREE, TWO)]
    for oid in statuses:
        wait_readable(host, oid)
    wait_for(lambda: all("INTEGER: 3" in secure(host, "snmpget", "READER", oid)[1] for oid in statuses), 20,
             "both to be master")
    names = {"Counter64": "Counter64", "Counter32": "Counter32", "TimeTicks": "Timeticks", "Gauge32": "Gauge32",
             "Unsigned32": "Gauge32", "Integer32": "INTEGER", "Integer": "INTEGER", "OctetString": "Hex-STRING",
             "IpAddress": "IpAddress"}
    for root in (".1.3.6.1.2.1.207", ".1.3.6.1.2.1.68", ".1.3.6.1.4.1.9586.100.5"):
        expected = [value for value in parse_varbinds(secure(host, "snmpbulkwalk", "READER", root)[1])
                    if not value.text.startswith("No more variables")]
        found = pysnmp_walk(host, root[1:])
        assert [oid for oid, _, _ in found] == [value.oid for value in expected]
        for (oid, kind, value), other in zip(found, expected):
            assert names[kind] == (other.type or "Hex-STRING"), oid
            if kind == "OctetString":
                assert bytes(value) == other.octets, oid
            elif kind == "IpAddress":
                assert str(ipaddress.ip_address(bytes(value))) == other.text, oid
            elif kind in ("Integer32", "Integer", "Gauge32", "Unsigned32"):
                assert int(value) == other.number, oid


def test_the_nagios_plugin_knows_master_from_backup(served, need):
    if not os.access(PLUGIN, os.X_OK):
        pytest.skip("nagios-snmp-plugins is not installed")
    host = served(access="rocommunity public\n")
    state = f".1.3.6.1.2.1.68.1.3.1.3.{host.index()}.{TWO.vrid}"
    manager = Manager(host)
    manager.wait_served(state)
    wait_for(lambda: manager.get(state)[0].number == 3, 20, "master")

    def plugin(wanted):
        address, port = AGENT.split(":")
        return run([PLUGIN, "-H", address, "-p", port, "-C", "public", "-2", "-T", "nokia", "-s", wanted],
                   host.namespace, check=False, env={"MIBS": ""})

    good, bad = plugin("master"), plugin("backup")
    assert good.returncode == 0 and "1 vrid master" in good.stdout, good
    assert bad.returncode == 2 and "not all backup" in bad.stdout, bad


@pytest.fixture
def exporter_modules(tmp_path, need):
    """snmp.yml with the keepalived module of the exporter's own package, made by its generator from the modules of
    keepalived's package."""
    need("prometheus-snmp-exporter", "prometheus-snmp-generator")
    if not os.path.exists(MODULES):
        pytest.skip(f"{MODULES} is not installed")
    mibs = tmp_path / "mibs"
    mibs.mkdir()
    for name in KEEPALIVED_MIBS:
        shutil.copy(f"/usr/share/snmp/mibs/{name}.txt", mibs)
    for name in ("SNMPv2-SMI", "SNMPv2-TC", "SNMPv2-CONF", "IF-MIB", "INET-ADDRESS-MIB"):
        shutil.copy(os.path.join(TOP, "tests", "mibs", name), mibs)
    with open(MODULES, encoding="utf-8") as stream:
        module = re.search(r"^  keepalived:\n(?:    .*\n|\n)+", stream.read(), re.MULTILINE).group(0)
    (tmp_path / "generator.yml").write_text("modules:\n" + module)
    run([sys.executable, "-c", "import os, sys; os.chdir(sys.argv[1]); os.execvp(sys.argv[2], sys.argv[2:])",
         tmp_path, "prometheus-snmp-generator", "generate"], env={"MIBDIRS": str(mibs)})
    return tmp_path / "snmp.yml"


def test_the_prometheus_exporter_with_its_keepalived_module(served, exporter_modules, tmp_path, ended):
    host = served(access="rocommunity public\n")
    manager = Manager(host)
    state = ".1.3.6.1.4.1.9586.100.5.2.3.1.4"
    manager.wait_served(f"{state}.2")
    wait_for(lambda: [value.number for value in manager.walk(state)] == [2, 2], 20, "both to be master")
    ended(Process(["prometheus-snmp-exporter", f"--config.file={exporter_modules}",
                   "--web.listen-address=127.0.0.1:9116"], tmp_path / "exporter.log", host.namespace))

    def scrape():
        try:
            answer = urllib.request.urlopen(
                f"http://127.0.0.1:9116/snmp?module=keepalived&target={AGENT}", timeout=20)
            return answer.read().decode()
        except OSError:
            return ""

    def metrics():
        return inside(host.namespace, scrape)

    wait_for(lambda: "vrrpInstanceState" in metrics(), 30, lambda: (tmp_path / "exporter.log").read_text(), 0.2)
    text = metrics()
    index = host.index()
    for line in ('vrrpInstanceState{vrrpInstanceIndex="1"} 2', 'vrrpInstanceBasePriority{vrrpInstanceIndex="2"} 150',
                 'vrrpInstanceName{vrrpInstanceIndex="1",vrrpInstanceName="three"} 1',
                 f'vrrpStatsBecomeMaster{{ifIndex="{index}",vrrpOperVrId="9"}} 1',
                 f'vrrpv3StatisticsMasterTransitions{{ifIndex="{index}",vrrpv3OperationsInetAddrType="1",'
                 'vrrpv3OperationsVrId="7"} 1'):
        assert line in text.splitlines(), text


def test_agents_of_two_namespaces_share_one_snmpd(network, folder, ended, devices, dut_kind):
    """Each serves its routers in a context of its own; the same names, no mixing."""
    host, other = network.host("ours"), network.host("theirs")
    snmpd = ended(Snmpd(host, folder, access=shipped_rules().replace("CONTEXT*", "net-*")))
    snmpd.start()
    places = ((host, "net-blue", 111), (other, "net-red", 122))
    for place, context, priority in places:
        device = devices(dut_kind, place, context, agentx=snmpd.socket)
        device.start(configuration([THREE.but(priority=priority, vrid=priority)],
                                   (*GLOBAL, f"snmp_context {context}")))
    for place, context, priority in places:
        wait_readable(host, f"{OPERATIONS}.7.{row(place, priority)}", context=context)
    for place, context, priority in places:
        values = parse_varbinds(secure(host, "snmpbulkwalk", "READER", f"{OPERATIONS}.7", context=context)[1])
        assert [(value.oid, value.number) for value in values] == [(f"{OPERATIONS}.7.{row(place, priority)}", priority)]
    assert "No Such" in secure(host, "snmpget", "READER", f"{OPERATIONS}.7.{row(host, 111)}")[1]
    status, said = secure(host, "snmpget", "READER", f"{OPERATIONS}.7.{row(host, 111)}", context="other")
    assert status != 0 or "No Such" in said
