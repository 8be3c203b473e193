/* SPDX-License-Identifier: ISC */
#ifndef VRRP_NET_MEMBERSHIP_H
#define VRRP_NET_MEMBERSHIP_H

#include <stddef.h>

#include "vrrp/protocol/address.h"

/*
 * Multicast groups joined on interfaces, counted.  The memberships hang on carrier sockets that
 * receive nothing, as many as the kernel's limit of groups per socket demands, so that no sysctl
 * has to be raised; the raw sockets of socket.h hear whatever an interface has joined.
 *
 * Joining and leaving wait for the kernel's RTNL lock, for milliseconds or longer: applier thread
 * only.
 */
struct vrrp_membership;

/* Without any membership; or NULL with errno set. */
struct vrrp_membership *vrrp_membership_new(void);

/* Leaves everything; takes NULL; returns NULL. */
struct vrrp_membership *vrrp_membership_free(struct vrrp_membership *membership);

/* Joins group on the interface, or counts one user more.  Returns the users it now has (1: it was
 * joined by this call) or a negative errno (-ENODEV: no such interface). */
int vrrp_membership_join(
	struct vrrp_membership *membership, int interface, const struct vrrp_address *group);

/* Takes one user away and leaves with the last.  Returns the users left, or -ENOENT.  An interface
 * that is gone meanwhile is no error. */
int vrrp_membership_leave(
	struct vrrp_membership *membership, int interface, const struct vrrp_address *group);

/* The interface was deleted, or moved to another namespace: forgets all its groups, whatever their
 * users.  Returns how many groups that were. */
int vrrp_membership_forget(struct vrrp_membership *membership, int interface);

/* The carrier sockets, as many as fit; they stay the membership's.  Returns how many there are. */
size_t vrrp_membership_sockets(const struct vrrp_membership *membership, int *sockets, size_t room);

/*
 * Joins the interface's groups anew, keeping their users.  The kernel drops groups without a word
 * when an interface leaves the namespace and comes back with its old index, and IPv6 ones when its
 * MTU was below 1280: call it for an interface that appears or whose MTU came back above that.
 * Leaves and joins, so that a group that was intact is deaf meanwhile. Returns 0 or the last
 * negative errno.
 */
int vrrp_membership_renew(struct vrrp_membership *membership, int interface);

#endif
