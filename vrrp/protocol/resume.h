/* SPDX-License-Identifier: ISC */
#ifndef VRRP_PROTOCOL_RESUME_H
#define VRRP_PROTOCOL_RESUME_H

#include <stdbool.h>
#include <stdint.h>

#include "vrrp/protocol/router.h"

/* Lets a router that has only been initialised (step.h) go on where another process of this host
 * left it, instead of starting: the state, the deadlines (of the same clock) and the counters
 * become its own, nothing is sent and nothing moves.  A deadline that has passed meanwhile is due
 * at once.  The caller says LINK and TRACKED afterwards, as it would before START.
 *
 * False, and nothing has changed, if what is given can't be a router's: then it is to be started.
 * `actions` is overwritten: ARM, and OWN_ADDRESSES if it is Active. */
bool vrrp_router_resume(struct vrrp_router *router, uint64_t now,
	const struct vrrp_state_block *state, const struct vrrp_statistics *statistics,
	struct vrrp_actions *actions);

#endif
