/* SPDX-License-Identifier: ISC */
#ifndef VRRP_APPLIER_HEARING_H
#define VRRP_APPLIER_HEARING_H

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
struct hearing;

/* Borrows both.  NULL: errno says why. */
struct hearing *hearing_new(struct monitor *monitor, struct settings *settings);

/* Leaves the groups.  Takes NULL; returns NULL. */
struct hearing *hearing_free(struct hearing *hearing);

/* The group of that family: joined from now on instead of the one before. */
void hearing_set_group(struct hearing *hearing, const struct vrrp_address *group);

/* One router more or less of that family on the interface with that number; group: it listens to
 * the multicast group, and has no unicast peers. */
void hearing_add(struct hearing *hearing, uint32_t number, enum vrrp_family family, bool group);
void hearing_remove(struct hearing *hearing, uint32_t number, enum vrrp_family family, bool group);

/* Something happened to the interface: enum monitor_change, or-ed. */
void hearing_changed(struct hearing *hearing, uint32_t number, unsigned int changes);

/* The link with that index is gone. */
void hearing_link_gone(struct hearing *hearing, uint32_t number, uint32_t index);

/* Brings the kernel nearer to where it should be.  Returns 0 if more is to be done, else when to
 * call again although nothing happened (something failed), or UINT64_MAX. */
uint64_t hearing_work(struct hearing *hearing, uint64_t now);

/* As vrrp_membership_sockets. */
size_t hearing_sockets(const struct hearing *hearing, int *sockets, size_t room);

#endif
