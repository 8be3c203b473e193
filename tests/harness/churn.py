# SPDX-License-Identifier: ISC
"""Interfaces that are taken away and given back to a device, and what it must have then."""

import json

from .wait import wait_for

LIMIT = 20


def states(device):
    return {router["name"]: router["state"] for router in device.show()["routers"]}


def is_active(device, instances):
    """As the program says and as the kernel has it: each address once."""
    wanted = {address.split()[0].split("/")[0] for each in instances for address in each.addresses}
    held = [each["local"] for each in device.host.addresses()]
    return set(states(device).values()) == {"active"} and all(held.count(each) == 1 for each in wanted)


def wait_active(device, capture, instances, what):
    """All are Active, hold their addresses and advertise again."""
    wait_for(lambda: is_active(device, instances), LIMIT,
             lambda: f"{what}: {states(device)}\n{device.host.ip('addr').stdout}\n{device.log()[-2000:]}")
    since = capture.last_time()
    for each in instances:
        capture.wait_advert(LIMIT, host=device.host.name, vrid=each.vrid, since=since)


def wait_state(device, state, what):
    """All are in it."""
    wait_for(lambda: set(states(device).values()) == {state}, LIMIT,
             lambda: f"{state} {what}: {states(device)}\n{device.log()[-2000:]}")


def start_active(device, capture, text, instances):
    device.start(text)
    wait_for(lambda: device.control("show", "--json", check=False).returncode == 0, LIMIT, "an answer to vrrpctl")
    wait_active(device, capture, instances, "the start")


def create(network, host, addresses, interface="eth0"):
    """The interface anew: another index, on a port of its own."""
    port = f"again{len(network.ports)}"
    network.switch_run("ip", "link", "add", port, "type", "veth", "peer", "name", interface,
                       "netns", host.namespace)
    network.add_port(port, host.name, interface)
    network.switch_run("ip", "link", "set", port, "master", "br0", "up")
    host.batch("".join(f"addr add {each} dev {interface} {'nodad' if ':' in each else ''}\n" for each in addresses)
               + f"link set {interface} up\n")


def link_names(host):
    return {each["ifname"] for each in json.loads(host.ip("-j", "link").stdout)}
