/* SPDX-License-Identifier: ISC */
#ifndef VRRP_LIFECYCLE_H
#define VRRP_LIFECYCLE_H

#include <stdint.h>

struct engine;
struct engine_router;
struct image_router;

/* How a router comes into the engine, starts, is shut down and goes.  Engine thread. */

/* Enters a router with nothing but its identity at its slot, which is free; who has that identity
 * at another slot is removed.  What the predecessor left of it is noted, to be gone on with at the
 * start.  NULL: out of memory. */
struct engine_router *lifecycle_enter(
	struct engine *engine, const struct image_router *from, uint64_t now);

/* Starts a router that is not started and shall be, once its interface and those it tracks have
 * been shown, and what else it tracks is known: before that it would seem to be in Fault, and tell
 * the world so. */
void lifecycle_start_if_ready(struct engine *engine, struct engine_router *router, uint64_t now);

/* What the predecessor left of the router does not count any more. */
void lifecycle_forget_snapshot(struct engine *engine, struct engine_router *router);

/* The router stays, in Initialize. */
void lifecycle_shut_down(struct engine *engine, struct engine_router *router, uint64_t now);
void lifecycle_shut_down_all(struct engine *engine, uint64_t now);

/* Shuts the router down for good and frees it. */
void lifecycle_remove(struct engine *engine, struct engine_router *router, uint64_t now);

/* Frees all routers, whatever their state, and tells nobody: at the engine's end. */
void lifecycle_clear(struct engine *engine);

#endif
