/* SPDX-License-Identifier: ISC */
#ifndef VRRP_ACTIONS_H
#define VRRP_ACTIONS_H

#include "vrrp/protocol/step.h"

#include <stdint.h>

struct engine;
struct engine_router;

/* One router for itself: what the protocol decides for it is carried out, and nobody else is looked
 * at.  For vrrp/execute.h, which then looks at its sync group, and for the group.  Engine thread.
 */

/* Queues advertisements, sets the deadline, tells the applier, appends events.  The row on the
 * board is the caller's to show. */
void actions_carry_out(struct engine *engine, struct engine_router *router, uint64_t now,
	const struct vrrp_actions *actions);

/* Lets the protocol decide about one event, carries out what it says, and has the row shown. */
void actions_step(struct engine *engine, struct engine_router *router, uint64_t now,
	const struct vrrp_event *event);

/* Takes the router's deadline away. */
void actions_disarm(struct engine_router *router);

#endif
