/* SPDX-License-Identifier: ISC */
#ifndef VRRP_PROPAGATE_H
#define VRRP_PROPAGATE_H

#include <stdint.h>

struct applier_interface;
struct engine;
struct engine_router;
struct message_trackers;

/* What routers depend on has changed: that is propagated to those whom it concerns, who start if
 * they waited for nothing else.  Engine thread. */

/* The applier has shown the interface: its routers and those that track it. */
void propagate_interface(struct engine *engine, const struct applier_interface *link, uint64_t now);

/* The check process tells how trackers are: whoever uses one that changed.  Returns how many were
 * told. */
uint32_t propagate_trackers(
	struct engine *engine, const struct message_trackers *message, uint64_t now);

/* Whether this host has the address that the router is to send from (engine->sources) has turned
 * out anew. */
void propagate_source(struct engine *engine, struct engine_router *router, uint64_t now);

#endif
