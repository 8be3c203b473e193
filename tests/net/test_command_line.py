# SPDX-License-Identifier: ISC
"""The command line of somebody who comes from keepalived: each option is ours as well, or is told what to write instead."""

import os
import re
import subprocess

import pytest

from harness.device import VrrpAgent

pytestmark = pytest.mark.agent_only

HELP = re.compile(r"(?m)^ {2}(?:-(\w), |    )--([\w-]+)(=|\[=)?")
SAME = {"-f", "-i", "-t", "-h", "--config-id", "--help", "--version"}
OTHER_MEANING = {"-l", "-x", "-V"}
TOLD = re.compile(r"vrrp-agent: (-\S+) is an option of keepalived: \S.*")


def told(*words):
    """Exit status, and what was said, a line each."""
    done = subprocess.run([VrrpAgent.program(), *words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=60, check=False)
    return done.returncode, done.stderr.splitlines()


def options_of_keepalived():
    """Each of `keepalived --help` in each spelling, with whether a value has to follow."""
    done = subprocess.run(["keepalived", "--help"], capture_output=True, text=True, timeout=60, check=False)
    found = HELP.findall(done.stdout + done.stderr)
    assert len(found) > 30
    return {spelling: value == "=" for letter, word, value in found
            for spelling in (f"--{word}", f"-{letter}" if letter else f"--{word}")}


def test_every_option_of_keepalived_is_known():
    options = {name: value for name, value in options_of_keepalived().items() if name not in SAME | OTHER_MEANING}
    words = [word for name, value in options.items() for word in ([name, "value"] if value else [name])]
    status, lines = told(*words)
    assert status == 2
    assert [TOLD.fullmatch(line).group(1) for line in lines] == list(options)


@pytest.mark.parametrize("words, said", [
    ("--dont-fork --log-console --log-detail --vrrp --use-file /etc/keepalived/keepalived.conf",
     ["--dont-fork", "--log-console", "--log-detail", "--vrrp", "--use-file"]),
    ("-P -f /x.conf -p/run/x.pid -r /run/x.pid-vrrp -D", ["-P", "-p", "-r", "-D"]),
    ("-nGDP", ["-n", "-G", "-D", "-P"]),
], ids=["a container", "OpenStack", "in one word"])
def test_all_of_them_are_told_at_once(words, said):
    status, lines = told(*words.split())
    assert (status, [TOLD.fullmatch(line).group(1) for line in lines]) == (2, said)


@pytest.mark.parametrize("words, said", [
    ("-l -n", r"-l -n: not a level; .* keepalived's -l is not needed: .*"),
    ("-lnD", r"-l nD: not a level; .* keepalived's -l is not needed: .*"),
    ("-x -A unix:/run/x",
     r"-x needs the path of snmpd's socket, not \"-A\". keepalived's -x is not needed: .* enable_snmp_vrrp .*"),
])
def test_same_letter_other_meaning(words, said):
    status, lines = told(*words.split())
    assert status == 2 and len(lines) == 1 and re.fullmatch("vrrp-agent: " + said, lines[0]), lines


def test_help_that_is_asked_for_is_output():
    for word in ("-h", "--help"):
        done = subprocess.run([VrrpAgent.program(), word], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=60, check=False)
        assert (done.returncode, done.stderr) == (0, "") and done.stdout.startswith("usage: vrrp-agent")


def test_started_without_the_rights_of_root(folder, need):
    """Neither in a folder of somebody else nor where it can't make one: what is missing is said."""
    need("setpriv")
    os.chown(folder, 65534, 65534)
    os.chmod(folder, 0o755)
    for name in (folder, os.path.join(folder, "new")):
        done = subprocess.run(["setpriv", "--bounding-set=-dac_override,-dac_read_search", VrrpAgent.program(),
                               "--run-dir", name, "-f", "/dev/null"], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=60, check=False)
        assert done.returncode != 0 and "vrrp-agent has to be started as root" in done.stderr, done.stderr


def test_what_nobody_knows_shows_the_usage():
    status, lines = told("--frobnicate")
    assert status == 2 and "frobnicate" in lines[0] and lines[1].startswith("usage: vrrp-agent")
