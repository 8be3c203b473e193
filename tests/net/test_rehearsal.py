# SPDX-License-Identifier: ISC
"""A takeover is rehearsed while it is waited for awake: the kernel prepares the advertisement, and nobody hears it."""

from harness.config import Instance, configuration, password
from harness.wait import wait_for

ROUNDS = 2
MANY = tuple(f"198.51.100.{number}/32" for number in range(100, 112))


def _instance(vrid, addresses=None, **changes):
    """Each has a skew of its own: those whose time comes within 3 ms of another's are not rehearsed."""
    return Instance(f"v{vrid}", vrid, addresses or (f"198.51.100.{vrid}/32",), interval=0.2, priority=250 - 12 * vrid,
                    **changes)


# One for each way that an advertisement can take out of the program.
ROUTERS = [
    _instance(1),
    _instance(2, MANY),
    _instance(3, version=2).but(interval=1, extra=password("s3cr3t", "AH")),
    _instance(4, ("fe80::5e:4/64", "2001:db8::4/64")),
    _instance(5, extra=("unicast_peer {", "    192.0.2.2", "}")),
    _instance(6, extra=("unicast_peer {", "    192.0.2.2", "}", "unicast_ttl 254")),
    _instance(7, extra=("use_vmac", "vmac_xmit_base")),
    _instance(8, extra=("use_vmac",)),
]


def test_nothing_of_a_rehearsal_is_on_the_wire(network, devices, dut_kind):
    """After a takeover of each kind the wire has seen as many advertisements as the program counts as sent."""
    device = devices(dut_kind, network.host("ours"))
    network.host("other")
    capture = network.capture()
    for _ in range(ROUNDS):
        since = capture.last_time()
        device.start(configuration(ROUTERS))
        for router in ROUTERS:
            capture.wait_advert(20, host="ours", vrid=router.vrid, since=since)
        for router in ROUTERS:
            def counts():
                counted = [shown["counters"]["sent"] for shown in device.show()["routers"] if shown["name"] == router.name]
                return counted + [len(capture.adverts("ours", router.vrid, since=since))]

            wait_for(lambda: counts()[0] == counts()[1], 5, lambda: f"{router.name}: sent and seen: {counts()}")
        device.stop()
        for router in ROUTERS:
            capture.wait_advert(5, host="ours", vrid=router.vrid, since=since, priority=0)
