/* SPDX-License-Identifier: ISC */
#ifndef VRRP_PROTOCOL_GROUP_H
#define VRRP_PROTOCOL_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "vrrp/protocol/router.h"

/*
 * A sync group: virtual routers that move together.  Nothing here steps a router; it counts how the
 * members stand, and from that says which of them needs which order (VRRP_EVENT_GROUP).
 *
 * The rules:
 *  1. A member that has a fault of its own, or is administratively down, puts all the others into
 *     Fault.  They leave it together, when the last such fault is gone.
 *  2. A member that would go Active is only willing to.  When the last one is willing, or Active
 *     already, all of them go Active.  It is willing until it hears an Active that it follows.
 *  3. When a member yields to another Active, all of them are Backup.
 *  4. A member that has just been added to an Active group, and hears nobody, leaves the others
 *     alone: it goes Active when its own time has come.
 *
 * The caller does this after every step of a member, and when one joins or leaves, before anything
 * that the steps asked for leaves the host: when vrrp_group_update() says that something changed,
 * and as long as vrrp_group_settled() says that somebody needs an order, it goes through the
 * members, gives each the order that vrrp_group_order() has for it, and updates it.  All of them
 * take constant time, so that what a step changes for one member alone costs the same in a group of
 * any size.
 */

/* How a member counts.  Zeroed: it does not. */
struct vrrp_group_place {
	uint8_t facts;
};

struct vrrp_group {
	uint32_t members;
	uint32_t waiting; /* not started, though they may */
	uint32_t faulty;  /* with a fault of their own, or administratively down */
	uint32_t active;
	uint32_t ready;	      /* Active or willing */
	uint32_t following;   /* Backup of an Active they have heard */
	uint32_t down;	      /* administratively */
	uint32_t held;	      /* in Fault for the others' sake */
	uint32_t held_faulty; /* both that and faulty */
};

/* Counts a member as it stands now.  `disabled`: it is administratively down.  True: that is
 * another way than before. */
bool vrrp_group_update(struct vrrp_group *group, struct vrrp_group_place *place,
	const struct vrrp_router *router, bool disabled);

/* The member counts no more. */
void vrrp_group_forget(struct vrrp_group *group, struct vrrp_group_place *place);

/* What the member is to be told so that the group is one again.  False: nothing. */
bool vrrp_group_order(const struct vrrp_group *group, const struct vrrp_group_place *place,
	const struct vrrp_router *router, enum vrrp_group_order *order);

/* Whether vrrp_group_order() has nothing for any member. */
bool vrrp_group_settled(const struct vrrp_group *group);

/* The state of the group as a whole, when nobody needs an order.  `before` is the last one: it
 * stays as it is while some members wait for their start. */
enum vrrp_state vrrp_group_state(const struct vrrp_group *group, enum vrrp_state before);

#endif
