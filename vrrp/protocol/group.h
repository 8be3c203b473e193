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
 * that the steps asked for leaves the host: as long as vrrp_group_update() or the last round says
 * that something changed, it goes through the members, gives each the order that
 * vrrp_group_order() has for it, and updates it.  Both take constant time, so that a step that
 * changes nothing for the group costs the group nothing.
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
	uint32_t ready;	    /* Active or willing */
	uint32_t following; /* Backup of an Active they have heard */
	uint32_t down;	    /* administratively */
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

/* The state of the group as a whole, when nobody needs an order.  `before` is the last one: it
 * stays as it is while some members wait for their start. */
enum vrrp_state vrrp_group_state(const struct vrrp_group *group, enum vrrp_state before);

#endif
