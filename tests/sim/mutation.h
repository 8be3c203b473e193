/* SPDX-License-Identifier: ISC */
#ifndef TESTS_SIM_MUTATION_H
#define TESTS_SIM_MUTATION_H

#include "vrrp/protocol/packet.h"
#include "vrrp/protocol/step.h"

/* Defects a router could have, made at its boundary: what goes into vrrp_step() or comes out of it
 * is changed so that the router behaves as if its code were wrong.  A simulation that does not
 * notice them proves nothing. */
enum mutation {
	MUTATION_NONE,
	MUTATION_NO_SKEW,
	MUTATION_NO_PREEMPT,
	MUTATION_TIE_REVERSED,
	MUTATION_INTERVAL_NOT_LEARNED,
	MUTATION_STOP_IGNORED,
	MUTATION_WEIGHT_IGNORED,
	MUTATIONS
};

const char *mutation_name(enum mutation mutation);

/* The mutation of that name, or MUTATIONS. */
enum mutation mutation_find(const char *name);

void mutate_configuration(enum mutation mutation, struct vrrp_configuration *configuration);

/* Before a decoded advertisement is given to the router; false if it is not to be given at all. */
bool mutate_view(enum mutation mutation, const struct vrrp_router *router, struct vrrp_view *view);

/* After each step. */
void mutate_actions(
	enum mutation mutation, struct vrrp_router *router, struct vrrp_actions *actions);

/* What is told of trackers. */
void mutate_tracked(enum mutation mutation, struct vrrp_event *event);

#endif
