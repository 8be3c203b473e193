/* SPDX-License-Identifier: ISC */
#ifndef VRRP_APPLIER_MACVLAN_H
#define VRRP_APPLIER_MACVLAN_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Requests about macvlan devices, each waiting for the kernel's RTNL lock: applier thread only.
 * fd: of netlink_open(0).  All return 0 or the kernel's negative errno.
 */

#define MACVLAN_MAC 6

/* Makes the device, switched off, in VEPA mode: what it sends goes to the wire and never to its
 * siblings, and multicast frames that bear its own MAC are left to the parent (docs/measurements.md
 * says why).  -EBUSY: the parent is part of a bridge or bond; -EADDRINUSE: another of the parent's
 * devices has that MAC; -EEXIST: the name is taken. */
int macvlan_create(int fd, const char *name, uint32_t parent, const uint8_t mac[MACVLAN_MAC]);

/* Settings of a fresh device: it answers for what it has and nothing else, makes no addresses of
 * its own (RFC 9568 7.4), and forwards if the parent does.  IPv6 is off unless it will have such
 * addresses. */
int macvlan_configure(int fd, const char *name, uint32_t index, const char *parent, bool has_ipv6);

/* The index of the macvlan device with that name on that parent, or 0. */
uint32_t macvlan_find(const char *name, uint32_t parent);

int macvlan_delete(int fd, uint32_t index);

int macvlan_switch(int fd, uint32_t index, bool on);

#endif
