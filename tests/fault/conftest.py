# SPDX-License-Identifier: ISC
"""Fixtures of the tests that break something."""

import pytest

from harness.pair import Pair, Side
from harness.snmp import Snmpd


@pytest.fixture
def snmp_pair(network, devices, dut_kind, peer_kind, folder, ended, need):
    """snmp_pair(instance): the device as Active, behind an snmpd, and a Backup; settled."""
    def make(instance):
        need("snmpd")
        host = network.host("ours")
        snmpd = ended(Snmpd(host, folder)).start()
        ours = devices(dut_kind, host, agentx=snmpd.socket)
        made = Pair(network.capture(), Side(ours, instance.but(priority=150)),
                    Side(devices(peer_kind, network.host("theirs")), instance))
        made.settle()
        return made

    return make
