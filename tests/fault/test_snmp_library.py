# SPDX-License-Identifier: ISC
"""A machine on which net-snmp is missing: routers work, the log says once what to install, and then it is used."""

import pytest

from harness.config import Instance, configuration
from harness.device import VrrpAgent
from harness.mounts import in_own_mounts
from harness.process import run
from harness.wait import wait_for

pytestmark = pytest.mark.agent_only

MISSING = "net-snmp is needed (Debian: libsnmp40)"
LOOKS = 2  # for the library, once in ten seconds


class WithoutLibrary(VrrpAgent):
    """Where libnetsnmpagent is an empty file."""

    @staticmethod
    def library():
        return run(["sh", "-c", "ldconfig -p | sed -n 's/.*libnetsnmpagent.so.40 .*=> //p'"]).stdout.split()[0]

    def command(self):
        return in_own_mounts(f"mount --bind /dev/null {self.library()}", super().command())


def test_without_net_snmp(network, devices, folder):
    device = devices(WithoutLibrary, network.host("ours"), agentx=f"{folder}/agentx")
    device.start(configuration([Instance("one", 81, ("198.51.100.1/24",), interval=0.1)]))
    wait_for(lambda: MISSING in device.log(), 20, device.log)
    worker = wait_for(lambda: device.role("agentx"), 10, "agentx")
    assert "the libraries of net-snmp are missing" in device.control("doctor", check=False).stdout
    run(["nsenter", f"--mount=/proc/{device.pid}/ns/mnt", "umount", device.library()])
    wait_for(lambda: "no AgentX master at" in device.log(), 10 * LOOKS, device.log)
    assert device.role("agentx") == worker
    assert device.log().count(MISSING) == 1
