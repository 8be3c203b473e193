/* SPDX-License-Identifier: ISC */
#ifndef VRRP_NET_ACCEPT_LOCAL_H
#define VRRP_NET_ACCEPT_LOCAL_H

#include <stdint.h>

struct nl_sock;

/*
 * Without accept_local the kernel throws IPv4 packets away whose source is an address of this host,
 * and an Active router never hears the owner of its address come back.  IPv6 needs nothing alike.
 * Set by netlink per interface; no file of /proc/sys is written.  The caller keeps what it was
 * (and journals it) and puts it back.  Applier thread only: waits for the RTNL lock.
 */

/* The kernel's IPv4 settings of an interface that decide what can be heard. */
struct vrrp_accept_local {
	uint32_t accept_local; /* 0 or 1 */
	uint32_t rp_filter;    /* 0 none, 1 strict, 2 loose; the "all" setting may be higher */
};

/* Reads them.  sock: connected to NETLINK_ROUTE.  Returns 0, -ENODEV, or -ENOENT where the
 * interface has no IPv4 settings (its MTU is below 68). */
int vrrp_accept_local_get(struct nl_sock *sock, int interface, struct vrrp_accept_local *out);

/* Sets accept_local (0 or 1) of the interface.  Returns 0 or a negative errno. */
int vrrp_accept_local_set(struct nl_sock *sock, int interface, uint32_t value);

#endif
