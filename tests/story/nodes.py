# SPDX-License-Identifier: ISC
"""The configuration that the demo tells of: two nodes that shall each be active for one address."""

ADDRESSES = {"VI_1": "10.0.42.145", "VI_2": "10.0.40.112"}
VRIDS = {"VI_1": 38, "VI_2": 39}

_GLOBALS = """\
global_defs {
   notification_email {
      root@localhost
   }
   notification_email_from keepalived@localhost
   smtp_server 127.0.0.1
   smtp_connect_timeout 30
   router_id node-00
   vrrp_mcast_group4 224.0.38.12
%s}
"""

_INSTANCE = """\
vrrp_instance %s {
    state %s
    interface enp1s0
    virtual_router_id %d
    priority %d
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass x1er44q
    }
    virtual_ipaddress {
        %s/16 dev enp1s0
    }
%s}
"""


def node(states, priorities, mail=True, more_globals=""):
    """The file of one node; states and priorities are those of VI_1 and VI_2."""
    text = _GLOBALS % more_globals
    for name, state, priority in zip(ADDRESSES, states, priorities):
        alert = "    smtp_alert\n" if mail and name == "VI_1" else ""
        text += _INSTANCE % (name, state, VRIDS[name], priority, ADDRESSES[name], alert)
    return text


def as_written(number):
    """Equal priorities on both nodes, so that `state` seems to decide."""
    return node(("MASTER", "BACKUP") if number == 1 else ("BACKUP", "MASTER"), (100, 97))


def unclosed(number):
    """As it was copied: the last brace is missing."""
    return as_written(number).rstrip().removesuffix("}")


def as_meant(number):
    """Different priorities, and traps."""
    priorities = (100, 90) if number == 1 else (90, 97)
    return node(("BACKUP", "BACKUP"), priorities, mail=False, more_globals="   enable_traps\n")
