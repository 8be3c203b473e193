/* SPDX-License-Identifier: ISC */
#include "vrrp/lifecycle.h"

#include "lib/clock.h"
#include "vrrp/actions.h"
#include "vrrp/ah_socket.h"
#include "vrrp/engine_state.h"
#include "vrrp/execute.h"
#include "vrrp/groups.h"
#include "vrrp/protocol/encode.h"
#include "vrrp/publish.h"
#include "vrrp/repeats.h"
#include "vrrp/tracked_interfaces.h"
#include "vrrp/trackers.h"

#include <stdlib.h>

/* ---- Going ---- */

void lifecycle_forget_snapshot(struct engine *engine, struct engine_router *router)
{
	if (router->snapshot)
		engine->resume_waits--;
	router->snapshot = NULL;
}

static void shut_down(
	struct engine *engine, struct engine_router *router, uint64_t now, bool removed)
{
	execute_event(engine, router, now,
		&(struct vrrp_event){.type = VRRP_EVENT_SHUTDOWN, .removed = removed});
}

void lifecycle_shut_down(struct engine *engine, struct engine_router *router, uint64_t now)
{
	shut_down(engine, router, now, false);
}

void lifecycle_shut_down_all(struct engine *engine, uint64_t now)
{
	for (uint32_t slot = 0; slot < IMAGE_SLOTS; slot++) {
		if (engine->routers[slot])
			shut_down(engine, engine->routers[slot], now, false);
	}
}

static void free_router(struct engine *engine, struct engine_router *router)
{
	repeats_forget(engine, router, clock_now());
	actions_disarm(router);
	lifecycle_forget_snapshot(engine, router);
	tracked_interfaces_forget(router);
	tracker_forget_uses(router);
	if (router->changed)
		STAILQ_REMOVE(&engine->changes, router, engine_router, changes);
	engine->routers[router->slot] = NULL;
	ah_socket_count(engine, vrrp_router_uses_ah(&router->protocol), false);
	engine->hasty -= router->hasty;
	free(router->addresses);
	free(router->peers);
	free(router);
}

/* The applier learns from the image itself that the addresses are to go: no answer comes for them.
 */
void lifecycle_remove(struct engine *engine, struct engine_router *router, uint64_t now)
{
	const struct vrrp_configuration *identity = &router->protocol.configuration;
	uint32_t slot = router->slot;

	shut_down(engine, router, now, true);
	groups_place(engine, router, 0, now);
	engine->status.routers[router->protocol.state.state]--;
	router->interface->routers[identity->family - 1][identity->vrid] = NULL;
	free_router(engine, router);
	if (engine->owned[slot])
		engine->owned_count--;
	engine->owned[slot] = false;
	publish_gone(engine, slot);
}

void lifecycle_clear(struct engine *engine)
{
	for (uint32_t slot = 0; slot < IMAGE_SLOTS; slot++) {
		if (engine->routers[slot])
			free_router(engine, engine->routers[slot]);
	}
}

/* ---- Coming ---- */

struct engine_router *lifecycle_enter(
	struct engine *engine, const struct image_router *from, uint64_t now)
{
	struct engine_router *router = calloc(1, sizeof(*router));

	if (!router)
		return NULL;
	router->interface = interface_by_name(&engine->interfaces, from->interface);
	if (!router->interface) {
		free(router);
		return NULL;
	}
	/* An identity has one slot.  Whoever had it in another loses it now, not when the image
	 * comes to that slot: then it would take the new one's place at the interface away. */
	if (router->interface->routers[from->family - 1][from->vrid])
		lifecycle_remove(
			engine, router->interface->routers[from->family - 1][from->vrid], now);
	router->slot = from->slot;
	router->counting_since = now;
	router->protocol.state.state = VRRP_STATE_INITIALIZE;
	router->protocol.configuration.family = from->family;
	router->protocol.configuration.vrid = from->vrid;
	router->interface->routers[from->family - 1][from->vrid] = router;
	engine->routers[from->slot] = router;
	engine->status.routers[VRRP_STATE_INITIALIZE]++;
	if (!(from->flags & IMAGE_ROUTER_DISABLED))
		router->snapshot =
			snapshot_find(engine->resume, from->interface, from->family, from->vrid);
	if (router->snapshot)
		engine->resume_waits++;
	return router;
}

/* A router that already ran goes on with what was known. */
static bool waits_for_tracker(struct engine *engine, struct engine_router *router)
{
	if (!tracker_awaited(router) || (router->snapshot && router->snapshot->state.started))
		return false;
	lifecycle_forget_snapshot(engine, router);
	return true;
}

void lifecycle_start_if_ready(struct engine *engine, struct engine_router *router, uint64_t now)
{
	if (router->protocol.state.started || router->disabled || engine->stopping ||
		!router->interface->shown || groups_awaited(router) ||
		(now < engine->start_at && !router->snapshot) ||
		(router->needs_source && engine->sources[router->slot] == SOURCE_UNKNOWN))
		return;
	for (uint32_t i = 0; i < router->track_count; i++) {
		if (!router->tracks[i].interface->shown)
			return;
	}
	if (waits_for_tracker(engine, router))
		return;
	if (router->snapshot && execute_resume(engine, router, now, router->snapshot))
		groups_resume(engine, router, now);
	lifecycle_forget_snapshot(engine, router);
	execute_link(engine, router, now);
	execute_tracks(engine, router, now);
	execute_event(engine, router, now, &(struct vrrp_event){.type = VRRP_EVENT_START});
}
