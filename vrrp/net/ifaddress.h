/* SPDX-License-Identifier: ISC */
#ifndef VRRP_NET_IFADDRESS_H
#define VRRP_NET_IFADDRESS_H

#include <linux/if_addr.h>
#include <linux/version.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/image.h"
#include "vrrp/net/netlink_request.h"

/*
 * Setting and removing interface addresses, many with one system call.  As keepalived sets them:
 * with the prefix's route, IPv6 without duplicate address detection, and an IPv6 host address
 * (/128) deprecated, so that the host does not begin connections from it, unless the configuration
 * says otherwise.  The kernel works the
 * whole call off before it returns, under its RTNL lock: applier thread only.
 */

/* IFA_PROTO of the addresses that are ours, where the kernel knows it (5.18): VRRP's number.
 * Entries of neighbours bear it too. */
#define ADDRESS_TAG 112

/* Headers may be older than the kernel that the program runs on. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 18, 0)
#define IFA_PROTO 11
#endif

#define ADDRESS_ATTRIBUTE_MAX IFA_PROTO /* the last that is looked at */

#define ADDRESS_CHANGES_MAX REQUESTS_MAX

struct address_change {
	const struct image_address *address; /* its interface's name is not looked at */
	uint32_t index;			     /* of the interface */
	bool add;			     /* else remove */
	int error; /* what became of it: 0 or a negative errno; adding: -EEXIST; removing:
		      -EADDRNOTAVAIL, -ENODEV, -ENXIO */
};

/* Carries out 1 to ADDRESS_CHANGES_MAX changes, in their order.  fd: of netlink_open(0). */
void address_apply(int fd, struct address_change *changes, unsigned int count);

#endif
