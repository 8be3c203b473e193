/* SPDX-License-Identifier: ISC */
#ifndef VRRP_NET_NEIGHBOUR_H
#define VRRP_NET_NEIGHBOUR_H

#include <stdint.h>

#include "vrrp/protocol/address.h"

/*
 * A multicast group's entry in the kernel's table of neighbours.  A packet to the group goes by way
 * of it like any other, and the kernel makes it when it is needed; but where the host has more
 * neighbours than the table holds (net.ipv4.neigh.default.gc_thresh3, 1024 unless somebody raised
 * it), entries of groups are the first to be thrown away, no new ones are made, and the packet is
 * dropped without a word to its sender.  A permanent one stays, and finds room in a full table.
 *
 * fd: of netlink_open(0).  Applier thread only: waits for the RTNL lock.
 */

/* Makes it permanent.  Returns 1, also if a predecessor of ours had done so, or 0 if somebody
 * else had, whose it is; -ENODEV, or another negative errno: links that are no Ethernet have none.
 */
int neighbour_pin(int fd, uint32_t interface, const struct vrrp_address *group);

/* Leaves it to the kernel again. */
void neighbour_unpin(int fd, uint32_t interface, const struct vrrp_address *group);

#endif
