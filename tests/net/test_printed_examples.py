# SPDX-License-Identifier: ISC
"""Each configuration that the manual, README and the pages of docs print is taken by the program as it stands."""

import glob
import os
import re

import pytest

from harness.device import VrrpAgent
from harness.namespace import Network
from harness.process import run

pytestmark = pytest.mark.agent_only

TOP = os.path.join(os.path.dirname(__file__), "..", "..")
BLOCK = re.compile(r"^(?:global_defs|vrrp_instance|vrrp_script|static_\w+)\b.*\{", re.M)


def printed():
    """(where, text) of each."""
    for path in sorted(glob.glob(f"{TOP}/man/*.[0-9]*") + glob.glob(f"{TOP}/docs/*.md") + [f"{TOP}/README.md"]):
        with open(path, encoding="utf-8") as stream:
            text = stream.read()
        form = r"^```\w*\n(.*?)^```" if path.endswith(".md") else r"^\.Bd -literal.*?\n(.*?)^\.Ed"
        for block in re.findall(form, text, re.M | re.S):
            if BLOCK.search(block):
                yield os.path.basename(path), block.replace("\\e", "\\")


EXAMPLES = list(printed())


def test_they_were_found():
    assert {"README.md", "vrrp-agent.conf.5.in"} <= {name for name, _ in EXAMPLES}


def test_each_is_good(tmp_path):
    path = os.path.join(tmp_path, "printed.conf")
    with Network() as network:
        host = network.host("node", ["203.0.113.10/24", "2001:db8::10/64"])
        host.add_interface("eth1")
        for name, text in EXAMPLES:
            with open(path, "w", encoding="utf-8") as stream:
                stream.write(text)
            done = run([VrrpAgent.program(), "-t", "-f", path], host.namespace, check=False)
            assert (done.returncode, done.stderr) == (0, ""), f"{name}: {done.stderr}\n{text}"
