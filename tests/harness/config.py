# SPDX-License-Identifier: ISC
"""keepalived.conf text from values."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Instance:
    """One vrrp_instance. interval in seconds; extra: further lines of the block."""

    name: str
    vrid: int
    addresses: tuple
    priority: int = 100
    interval: float = 1
    version: int = 3
    interface: str = "eth0"
    state: str = "BACKUP"
    extra: tuple = ()

    def but(self, **changes):
        return replace(self, **changes)

    def text(self):
        lines = [
            f"state {self.state}",
            f"interface {self.interface}",
            f"version {self.version}",
            f"virtual_router_id {self.vrid}",
            f"priority {self.priority}",
            f"advert_int {self.interval:g}",
            *self.extra,
            "virtual_ipaddress {",
            *(f"    {address}" for address in self.addresses),
            "}",
        ]
        body = "".join(f"    {line}\n" for line in lines)
        return f"vrrp_instance {self.name} {{\n{body}}}\n"


def configuration(instances, global_lines=(), other=""):
    """A whole file. GARP repeats are off unless global_lines ask for them."""
    lines = ("router_id test", "vrrp_garp_master_repeat 1", "vrrp_garp_master_delay 0", *global_lines)
    head = "global_defs {\n" + "".join(f"    {line}\n" for line in lines) + "}\n"
    return head + other + "".join(instance.text() for instance in instances)


def password(word, kind="PASS"):
    """The lines of authentication: PASS or AH."""
    return ("authentication {", f"    auth_type {kind}", f"    auth_pass {word}", "}")
