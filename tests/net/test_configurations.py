# SPDX-License-Identifier: ISC
"""The configurations of tests/conf are keepalived's as well: it accepts them, and makes the same of the language."""

import glob
import os
import re
import shutil
import signal
import subprocess

import pytest

from harness.device import VrrpAgent
from harness.namespace import Network
from harness.process import run
from harness.wait import wait_for

pytestmark = pytest.mark.agent_only

CONF = os.path.join(os.path.dirname(__file__), "..", "conf")
SAMPLE = f"{CONF}/../../etc/vrrp-agent/vrrp-agent.conf.sample"
EXAMPLES = sorted(glob.glob(f"{CONF}/examples/*.conf"))
LANGUAGE = sorted(glob.glob(f"{CONF}/good/language-*.plain"))
ID = "main"
MISSING = re.compile(r"interface (\S+) .*doesn't exist")
OF_THE_HOST = re.compile(r"there is no interface|is no address of this node")
DUMPED = re.compile(r"^\w+ \w+ +\d+ [\d:]+ \d+: ( .*)$")


@pytest.fixture(scope="module")
def host():
    with Network() as network:
        yield network.host("node", ["192.0.2.10/24", "2001:db8::10/64"])


def messages(done):
    """What our -t has said."""
    return [line for line in done.stderr.splitlines() if re.search(r": (error|warning): ", line)]


def keepalived_check(host, path):
    """keepalived's verdict, once the interfaces that it asks for are there."""
    for _ in range(4):
        done = run(["keepalived", "-t", "-i", ID, "-f", path], host.namespace, check=False)
        missing = sorted(set(MISSING.findall(done.stdout + done.stderr)))
        if not missing:
            break
        for name in missing:
            host.add_interface(name)
    return done.returncode, done.stdout + done.stderr


def keepalived_dump(host, path, folder):
    """What keepalived says it has read, without what it found on the host."""
    keepalived_check(host, path)
    command = ["nsenter", f"--net=/run/netns/{host.namespace}", "keepalived", "-n", "-l", "-D", "-d", "-G", "-P",
               "-i", ID, "-f", path, "-p", f"{folder}/pid", "-r", f"{folder}/vrrp.pid", "-c", f"{folder}/check.pid"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        lines, begun = [], False
        for line in process.stdout:
            if "< Interfaces >" in line:
                break
            begun = begun or "< Global definitions >" in line
            lines += [match.group(1) for match in [DUMPED.match(line)] if match and begun]
        process.terminate()
        process.stdout.read()
    assert any("VRRP Instance" in line for line in lines)
    return lines


@pytest.mark.parametrize("path", EXAMPLES, ids=[os.path.basename(path)[:-5] for path in EXAMPLES])
def test_example_is_accepted(host, path):
    assert keepalived_check(host, path) == (0, "")
    done = run([VrrpAgent.program(), "-t", "-i", ID, "-f", path], host.namespace, check=False)
    assert done.returncode in (0, 1) and all(OF_THE_HOST.search(line) for line in messages(done)), done.stderr


def test_there_are_thirty_examples():
    assert len(EXAMPLES) >= 30


@pytest.mark.parametrize("whole", [False, True], ids=["as it is", "with all that is commented out"])
def test_sample_is_accepted(host, tmp_path, whole):
    with open(SAMPLE, encoding="utf-8") as stream:
        text = stream.read()
    if whole:
        text = re.sub(r"(?m)^( *)#(?=[a-z}]|    )", r"\1", text)
    path = tmp_path / "sample.conf"
    path.write_text(text, encoding="utf-8")
    done = run([VrrpAgent.program(), "-t", "-f", str(path)], host.namespace, check=False)
    assert done.returncode in (0, 1) and all(OF_THE_HOST.search(line) for line in messages(done)), done.stderr
    assert ("\n    smtp_alert\n" in text) == whole


@pytest.mark.parametrize("plain", LANGUAGE, ids=[os.path.basename(path)[:-6] for path in LANGUAGE])
def test_keepalived_reads_the_language_alike(host, plain, tmp_path):
    """NAME.conf uses the language, NAME.plain spells out what is meant."""
    made = keepalived_dump(host, plain[:-len(".plain")] + ".conf", tmp_path)
    copy = shutil.copy(plain, tmp_path / "plain.conf")
    assert made == keepalived_dump(host, str(copy), tmp_path)


CONDITIONS = """
$LOW=90
@first  $PRIORITY=150
@^first $PRIORITY=$LOW
include routers-${_INSTANCE}.inc
"""
ROUTER = """
vrrp_instance chosen {
    interface eth0
    virtual_router_id 52
    priority $PRIORITY
    virtual_ipaddress { 192.0.2.52/24 }
}
"""


class Chosen(VrrpAgent):
    """The agent with a configuration id."""

    def command(self):
        return super().command() + ["--config-id", "first"]


def test_id_chooses_lines(devices, host):
    """Also after a reload, and for a core that starts again while somebody edits the file."""
    device = devices(Chosen, host)
    included = os.path.join(device.folder, "routers-first.inc")
    with open(included, "w", encoding="utf-8") as stream:
        stream.write(ROUTER)
    device.start(CONDITIONS)

    def priorities():
        return [router["priority"] for router in device.show()["routers"]]

    wait_for(lambda: device.role("core") and "1 virtual router(s) in force" in device.log(), 10, "the start")
    assert priorities() == [150]
    device.configure(CONDITIONS.replace("150", "160"))
    device.reload()
    wait_for(lambda: priorities() == [160], 10, "the priority of the new file")
    core = device.role("core")
    os.unlink(included)
    device.configure("somebody is editing this")
    os.kill(core, signal.SIGKILL)
    wait_for(lambda: device.role("core") not in (None, core), 10, "another core")
    wait_for(lambda: device.control("show", check=False).returncode == 0, 10, "its answer")
    assert priorities() == [160]
