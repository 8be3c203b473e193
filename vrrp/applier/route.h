/* SPDX-License-Identifier: ISC */
#ifndef VRRP_APPLIER_ROUTE_H
#define VRRP_APPLIER_ROUTE_H

#include <stdbool.h>

#include "lib/image.h"
#include "vrrp/applier/monitor.h"
#include "vrrp/net/netlink_request.h"

/*
 * Requests that set and remove a route.  It is set as keepalived sets it: beside others of its
 * destination and metric (before them, or behind them with `append`), and with the same protocol
 * number.  The kernel's -EEXIST means that exactly this route is there.
 *
 * Applier thread only.
 */

/* Begins and fills the next request.  `hops` are those the route counts.  Returns 0, -ENODEV when
 * an interface it names is missing, or -ENOSPC when there are too many interfaces. */
int route_put(struct requests *requests, struct monitor *monitor, const struct image_route *route,
	const struct image_hop *hops, bool add);

#endif
