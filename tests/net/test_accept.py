# SPDX-License-Identifier: ISC
"""Accept mode: packets to the addresses of a router that shall not accept them are dropped, and nothing else is."""

import json
import signal

import pytest

from harness.config import Instance, configuration
from harness.device import VrrpAgent
from harness.mounts import in_own_mounts
from harness.process import run
from harness.wait import observe, wait_for

FOUR, SIX, LOCAL, EXCLUDED = "192.0.2.200", "2001:db8::5e:1", "fe80::5e:1", "192.0.2.201"
PLAIN = Instance("four", 81, (f"{FOUR}/24",), interval=0.2, extra=(
    "virtual_ipaddress_excluded {", f"    {EXCLUDED}/24", "}"))
V6 = Instance("six", 82, (f"{LOCAL}/64", f"{SIX}/64"), interval=0.2)


def refusing(instance):
    return instance.but(extra=("no_accept", *instance.extra))


def tables(host):
    """The tables of nftables there, with what `nft -j list ruleset` says of each."""
    listed = json.loads(run(["nft", "-j", "list", "ruleset"], host.namespace).stdout)["nftables"]
    found = {entry["table"]["name"]: [] for entry in listed if "table" in entry}
    for entry in listed:
        for kind, what in entry.items():
            if kind not in ("metainfo", "table"):
                found[what["table"]].append((kind, what))
    return found


def elements(host):
    """All the addresses in sets."""
    found = set()
    for content in tables(host).values():
        for kind, what in content:
            if kind == "set":
                found |= {each["concat"][0] if isinstance(each, dict) else each for each in what.get("elem", [])}
    return found


def answers(host, address):
    """Whether the address answers an echo request."""
    target = f"{address}%eth0" if address.startswith("fe80") else address
    return run(["ping", "-c", "1", "-W", "1", target], host.namespace, check=False).returncode == 0


def resolves(host, address):
    """Whether ARP or neighbour discovery finds the address, asked anew."""
    host.ip("neigh", "flush", "dev", "eth0")
    answers(host, address)
    listed = json.loads(host.ip("-j", "neigh", "show", "dev", "eth0").stdout)
    return any(entry["dst"] == address and "lladdr" in entry for entry in listed)


@pytest.fixture
def client(network):
    return network.host("client")


@pytest.fixture
def ours(network, client, devices, dut_kind):
    return devices(dut_kind, network.host("ours"))


def start(device, *instances):
    device.start(configuration(instances))
    for instance in instances:
        for address in instance.addresses:
            wait_for(lambda: device.host.has(address.split("/")[0]), 15, address)


def test_D8_accept_by_default(client, ours):
    start(ours, PLAIN, V6)
    for address in (FOUR, EXCLUDED, SIX, LOCAL):
        wait_for(lambda: answers(client, address), 10, f"an answer of {address}")
    assert not tables(ours.host)


def test_D7_no_accept(client, ours):
    """No echo reply, but ARP and neighbour discovery; the router's other addresses answer."""
    start(ours, refusing(PLAIN), refusing(V6))
    for address in (FOUR, EXCLUDED, SIX, LOCAL):
        wait_for(lambda: resolves(client, address), 10, f"the MAC of {address}")
        assert not answers(client, address), address
        assert resolves(client, address), address
    for own in ("192.0.2.2", "2001:db8::2", "fe80::2"):
        wait_for(lambda: answers(client, own), 5, f"an answer of {own}")


def test_D8_owner_accepts(client, ours):
    """Whatever the file says of it (RFC 9568 6.4.3: "if ... is not the address owner")."""
    start(ours, refusing(PLAIN).but(priority=255, state="MASTER"), refusing(V6).but(priority=254))
    wait_for(lambda: answers(client, FOUR), 10, f"an answer of {FOUR}")
    assert not answers(client, SIX)


@pytest.mark.agent_only
def test_set_when_configured(client, network, devices, dut_kind, peer_kind):
    """A Backup's addresses are in the sets, too; a reload changes elements of them, not the table."""
    theirs = devices(peer_kind, network.host("theirs"))
    start(theirs, PLAIN.but(priority=200))
    ours = devices(dut_kind, network.host("ours"))
    many = [refusing(PLAIN)] + [Instance(f"i{number}", number, (f"198.51.100.{number}/32",), interval=1,
                                         extra=("no_accept",)) for number in range(1, 51)]
    ours.start(configuration(many))
    wait_for(lambda: {FOUR, EXCLUDED, "198.51.100.50"} <= elements(ours.host), 10, "the elements")
    assert not ours.host.has(FOUR)
    before = tables(ours.host)
    handles = [what["handle"] for content in before.values() for _, what in content]
    many[7] = many[7].but(extra=())
    many[8] = many[8].but(addresses=("198.51.100.208/32",))
    ours.configure(configuration(many))
    ours.reload()
    wait_for(lambda: "198.51.100.208" in elements(ours.host), 10, "the other address")
    assert not {"198.51.100.7", "198.51.100.8"} & elements(ours.host)
    assert [what["handle"] for content in tables(ours.host).values() for _, what in content] == handles
    ours.configure(configuration([each.but(extra=()) for each in many]))
    ours.reload()
    wait_for(lambda: not tables(ours.host), 10, "the end of the table")


@pytest.mark.agent_only
def test_nothing_stays(client, ours):
    """Neither after the end, nor after the next start of one that was killed; a stranger's table does."""
    run(["nft", "add", "table", "inet", "stranger"], ours.host.namespace)
    start(ours, refusing(PLAIN))
    assert len(tables(ours.host)) == 2
    ours.stop()
    assert list(tables(ours.host)) == ["stranger"]
    start(ours, refusing(PLAIN))
    ours.kill()
    assert len(tables(ours.host)) == 2
    ours.start(configuration([PLAIN]))
    wait_for(lambda: list(tables(ours.host)) == ["stranger"], 10, "the end of what the killed program left")


@pytest.mark.agent_only
def test_flushed_by_others(client, ours):
    """As a restart of nftables.service does it."""
    start(ours, refusing(PLAIN))
    run(["nft", "flush", "ruleset"], ours.host.namespace)
    wait_for(lambda: FOUR in elements(ours.host), 5, "the table again")
    assert not answers(client, FOUR)


@pytest.mark.agent_only
def test_kept_over_a_restart(client, ours):
    ours.start(configuration([refusing(PLAIN)], global_lines=("vrrp_keep_on_restart",)))
    wait_for(lambda: ours.host.has(FOUR) and FOUR in elements(ours.host), 15, "address and table")
    ours.process.signal(signal.SIGUSR2)
    wait_for(lambda: "going on where the former program stopped" in ours.log(), 20, "the successor")
    wait_for(lambda: '"active"' in ours.control("show", "--json", check=False).stdout, 20, "its state")
    observe(1, "an answer of an address that shall not", lambda: answers(client, FOUR))
    assert len(tables(ours.host)) == 1 and FOUR in elements(ours.host)
    ours.stop()
    assert not tables(ours.host)


def shape(host):
    """Of the table's chain: priority, and which rules count packets."""
    [content] = tables(host).values()
    chains = [what["prio"] for kind, what in content if kind == "chain"]
    return chains, [any("counter" in each for each in what["expr"]) for kind, what in content if kind == "rule"]


@pytest.mark.agent_only
def test_priority_and_counters_of_the_chain(client, ours):
    """nftables_priority and nftables_counters, also of a table that is there; it drops as before."""
    start(ours, refusing(PLAIN), refusing(V6))
    assert shape(ours.host) == ([-1], [False] * 4)
    words = ("nftables", "nftables_priority -7", "nftables_counters", "nftables_ifindex")
    ours.configure(configuration([refusing(PLAIN), refusing(V6)], global_lines=words))
    ours.reload()
    wait_for(lambda: shape(ours.host) == ([-7], [True] * 4), 10, lambda: f"the chain: {shape(ours.host)}")
    assert not answers(client, FOUR) and not answers(client, SIX)
    assert elements(ours.host) >= {FOUR, EXCLUDED, SIX, LOCAL}


class WithoutLibrary(VrrpAgent):
    """Where libnftables is an empty file."""

    def command(self):
        libraries = run(["sh", "-c", "ldconfig -p | sed -n 's/.*libnftables.so.1 .*=> //p'"]).stdout.split()
        hide = "\n".join(f"mount --bind /dev/null {path}" for path in libraries)
        return in_own_mounts(hide, super().command())


@pytest.mark.agent_only
def test_without_the_library(network, devices):
    """The log says what is missing, why, and which package has it."""
    device = devices(WithoutLibrary, network.host("ours"))
    start(device, refusing(PLAIN))
    line = wait_for(lambda: [each for each in device.log().splitlines() if "what no_accept asks for" in each],
                    20, device.log)[0]
    assert "libnftables.so.1 is needed (Debian: libnftables1)" in line
    assert "file too short" in line
    assert not tables(device.host)
