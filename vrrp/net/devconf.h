/* SPDX-License-Identifier: ISC */
#ifndef VRRP_NET_DEVCONF_H
#define VRRP_NET_DEVCONF_H

#include <stdint.h>

struct nl_sock;

/* The kernel's IPv4 settings of an interface, IPV4_DEVCONF_*, by netlink: no file of /proc/sys is
 * written.  sock: connected to NETLINK_ROUTE.  Return 0, -ENODEV, -ENOENT where the interface has
 * no IPv4 settings (its MTU is below 68), or another negative errno.  Applier thread only: waits
 * for the RTNL lock. */
int devconf_get(struct nl_sock *sock, int interface, unsigned int setting, uint32_t *value);
int devconf_set(struct nl_sock *sock, int interface, unsigned int setting, uint32_t value);

#endif
