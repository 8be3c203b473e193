# SPDX-License-Identifier: ISC
"""What the three MIBs say of a virtual router in every state, and when its counters began: through restarts of
snmpd, of agentx and of the whole agent, and when its interface goes and comes back."""

import os
import signal

import pytest

from harness.config import Instance, configuration
from harness.frame import virtual_mac
from harness.snmp import OPERATIONS, STATISTICS, SYS_UP_TIME, Manager, Snmpd
from harness.wait import observe, wait_for

pytestmark = [pytest.mark.agent_only, pytest.mark.usefixtures("snmp_tools")]


def spoken_to(*peers):
    return ("unicast_peer {", *(f"    {peer}" for peer in peers), "}")


GLOBAL = ("enable_snmp_rfc", "enable_snmp_vrrp")
VRRPV2, INSTANCES = ".1.3.6.1.2.1.68.1.3.1", ".1.3.6.1.4.1.9586.100.5.2.3.1"
ADDRESSES = ".1.3.6.1.4.1.9586.100.5.2.6.1"
GLOBAL_DISCONTINUITY = ".1.3.6.1.2.1.207.1.2.4.0"
ROUTERS = (
    Instance("four", 7, ("198.51.100.7/24",), interval=0.2),
    Instance("six", 7, ("fe80::5e:7/64",), interval=0.2),
    Instance("two", 9, ("198.51.100.9/24",), version=2),
    Instance("mac", 17, ("198.51.100.17/24",), interval=0.2, extra=("use_vmac",)),
    Instance("spoken", 18, ("198.51.100.18/24",), interval=0.2, extra=spoken_to("192.0.2.2")),
)
NAMES = tuple(router.name for router in ROUTERS)


@pytest.fixture
def snmp_tools(need):
    need("snmpd", "snmpget", "snmpset", "snmpbulkwalk")


class World:
    """The agent behind an snmpd, and a keepalived that can beat it."""

    def __init__(self, network, folder, devices, kind, peer_kind, ended):
        self.host, self.other = network.host("ours"), network.host("theirs")
        self.snmpd = ended(Snmpd(self.host, folder)).start()
        self.device = devices(kind, self.host, agentx=self.snmpd.socket)
        self.peer = devices(peer_kind, self.other)
        self.manager = Manager(self.host)

    def start(self):
        self.device.start(configuration(ROUTERS, GLOBAL))
        for router in ROUTERS:
            self.wait(router, status=3)

    def row(self, router):
        """{what: value} of one router, from all MIBs."""
        index = f"{self.host.index()}.{router.vrid}"
        long = f"{index}.{2 if router.name == 'six' else 1}"
        slot = ROUTERS.index(router) + 1
        asked = {
            "status": f"{OPERATIONS}.6.{long}", "master": f"{OPERATIONS}.3.{long}", "up": f"{OPERATIONS}.12.{long}",
            "row status": f"{OPERATIONS}.13.{long}", "priority": f"{OPERATIONS}.7.{long}",
            "mac": f"{OPERATIONS}.5.{long}", "reason": f"{STATISTICS}.2.{long}", "since": f"{STATISTICS}.12.{long}",
            "state": f"{INSTANCES}.4.{slot}", "effective": f"{INSTANCES}.8.{slot}", "set": f"{INSTANCES}.9.{slot}",
            "address set": f"{ADDRESSES}.10.{slot}.1",
        }
        if router.version == 2:
            asked |= {"v2 status": f"{VRRPV2}.3.{index}", "v2 admin": f"{VRRPV2}.4.{index}",
                      "v2 up": f"{VRRPV2}.13.{index}", "v2 row status": f"{VRRPV2}.15.{index}"}
        values = self.manager.get(*asked.values())
        return {what: value.octets if what in ("master", "mac") else value.number for what, value in zip(asked, values)}

    def serves(self, router):
        return self.manager.serves(f"{INSTANCES}.4.{ROUTERS.index(router) + 1}")

    def wait(self, router, timeout=20, **expected):
        expected = {what.replace("_", " "): value for what, value in expected.items()}

        def there():
            return self.serves(router) and expected.items() <= self.row(router).items()

        wait_for(there, timeout, lambda: f"{router.name}: {expected}; {self.serves(router) and self.row(router)}", 0.1)
        return self.row(router)


@pytest.fixture
def world(network, folder, devices, dut_kind, peer_kind, ended):
    return World(network, folder, devices, dut_kind, peer_kind, ended)


def check(seen, router, **expected):
    expected = {what.replace("_", " "): value for what, value in expected.items()}
    if router.version == 2:
        expected |= {"v2 status": expected["status"], "v2 row status": expected["row status"],
                     "v2 admin": 1 if expected["row status"] == 1 else 2}
    expected["mac"] = bytes.fromhex(virtual_mac(router.vrid, 6 if router.name == "six" else 4).replace(":", ""))
    assert expected.items() <= seen.items(), router.name
    for what in ("up", "v2 up"):
        assert what not in seen or (seen[what] > 0) == (seen["status"] != 1), f"{router.name}: {what} {seen}"


@pytest.mark.parametrize("name", NAMES)
def test_every_state(world, name):
    router = next(router for router in ROUTERS if router.name == name)
    world.start()
    own, peer = ((bytes.fromhex("fe80" + "0" * 26 + end) for end in ("01", "02")) if name == "six" else
                 (bytes((192, 0, 2, end)) for end in (1, 2)))
    down = f"{OPERATIONS}.13.{world.host.index()}.{router.vrid}.{2 if name == 'six' else 1}"
    same = {"priority": 100, "effective": 100}

    active = world.wait(router, state=2, set=1)
    check(active, router, status=3, row_status=1, state=2, set=1, address_set=1, master=own, reason=3, **same)

    extra = spoken_to("192.0.2.1") if name == "spoken" else ()
    world.peer.start(configuration([router.but(priority=200, extra=extra)]))
    backup = world.wait(router, status=2)
    check(backup, router, status=2, row_status=1, state=1, set=2, address_set=2, master=peer, reason=3, **same)

    assert world.manager.set(down, "i", "2") == ""
    off = world.wait(router, status=1)
    check(off, router, status=1, row_status=2, state=0, set=2, address_set=2, reason=3, **same)

    assert world.manager.set(down, "i", "1") == ""
    world.wait(router, status=2)
    world.host.ip("link", "set", "eth0", "down")
    fault = world.wait(router, state=3)
    check(fault, router, status=1, row_status=1, state=3, set=2, address_set=2, reason=3, **same)
    world.host.ip("link", "set", "eth0", "up")
    world.host.ip("addr", "replace", "fe80::1/64", "dev", "eth0", "nodad")
    world.wait(router, status=2)


def test_counters_began_when_the_agent_did(world):
    """On the clock of the master there is now: 0 for what is older than it."""
    world.start()
    four = ROUTERS[0]
    began = world.row(four)["since"]
    now = world.manager.get(SYS_UP_TIME)[0].number
    assert 0 < began < now
    assert abs(world.manager.get(GLOBAL_DISCONTINUITY)[0].number - began) < 200

    killed = world.device.role("agentx")
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: world.device.role("agentx") not in (None, killed), 10, "another agentx")
    again = world.wait(four, status=3)["since"]
    assert abs(again - began) <= 10, "agentx counts nothing: its restart means nothing"

    world.snmpd.kill()
    world.snmpd.start()
    assert world.wait(four, status=3)["since"] == 0, "the counters are older than the master"
    assert world.manager.get(GLOBAL_DISCONTINUITY)[0].number == 0

    observe(1, "sysUpTime to grow")
    before = world.manager.get(SYS_UP_TIME)[0].number
    world.device.stop()
    world.device.start()
    since = world.wait(four, status=3)["since"]
    assert since >= before, "the counters began anew"
    assert world.manager.get(GLOBAL_DISCONTINUITY)[0].number >= before
    # A manager takes each change for a discontinuity. In this time snmpd tells its sysUpTime once more.
    since = world.row(four)["since"]
    observe(6, "RowDiscontinuityTime as something else", lambda: world.row(four)["since"] != since)


def test_an_interface_that_goes_keeps_its_row_and_one_that_comes_back_moves_it(world):
    world.start()
    four = ROUTERS[0]
    old = world.host.index()
    seen = world.row(four)
    oid = f"{OPERATIONS}.6.{{}}.7.1"
    world.host.ip("link", "set", "eth0", "name", "gone0", check=False)
    world.host.ip("link", "delete", "gone0")
    wait_for(lambda: world.manager.get(oid.format(old))[0].number == 1, 10, "initialize under the old ifIndex")
    assert world.manager.get(f"{OPERATIONS}.7.{old}.7.1")[0].number == 100
    before = world.manager.get(SYS_UP_TIME)[0].number
    world.host.add_interface("eth0", ["192.0.2.1/24", "fe80::1/64"])
    new = world.host.index()
    assert new != old
    moved = world.wait(four, status=3)
    assert moved["since"] >= before > seen["since"]
    assert not world.manager.serves(oid.format(old)), "the row is in one place"
