/* SPDX-License-Identifier: ISC */
#ifndef VRRP_APPLIER_MULTICAST_H
#define VRRP_APPLIER_MULTICAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vrrp/applier/monitor.h"
#include "vrrp/applier/settings.h"
#include "vrrp/protocol/address.h"

/*
 * What an interface needs so that routers on it hear their peers, and are heard by them: the
 * multicast group of their family joined and its neighbour entry pinned (vrrp/net/neighbour.h),
 * unless all of them have unicast peers, and for IPv4 accept_local switched on. Kept while a router
 * is on the interface and the interface exists, done again when it comes back, undone with the last
 * router.  Applier thread only: waits for the RTNL lock.
 */
struct multicast;

/* Borrows both.  NULL: errno says why. */
struct multicast *multicast_new(struct monitor *monitor, struct settings *settings);

/* Leaves the groups.  Takes NULL; returns NULL. */
struct multicast *multicast_free(struct multicast *multicast);

/* The group of that family: joined from now on instead of the one before. */
void multicast_set_group(struct multicast *multicast, const struct vrrp_address *group);

/* One router more or less of that family on the interface with that number; group: it listens to
 * the multicast group, and has no unicast peers. */
void multicast_add(
	struct multicast *multicast, uint32_t number, enum vrrp_family family, bool group);
void multicast_remove(
	struct multicast *multicast, uint32_t number, enum vrrp_family family, bool group);

/* Something happened to the interface: enum monitor_change, or-ed. */
void multicast_changed(struct multicast *multicast, uint32_t number, unsigned int changes);

/* The link with that index is gone. */
void multicast_link_gone(struct multicast *multicast, uint32_t number, uint32_t index);

/* Brings the kernel nearer to where it should be.  Returns 0 if more is to be done, else when to
 * call again although nothing happened (something failed), or UINT64_MAX. */
uint64_t multicast_work(struct multicast *multicast, uint64_t now);

/* As vrrp_membership_sockets. */
size_t multicast_sockets(const struct multicast *multicast, int *sockets, size_t room);

#endif
