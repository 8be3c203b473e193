/* SPDX-License-Identifier: ISC */
#include "vrrp/propagate.h"

#include "lib/board.h"
#include "lib/message.h"
#include "vrrp/engine_state.h"
#include "vrrp/execute.h"
#include "vrrp/lifecycle.h"
#include "vrrp/publish.h"
#include "vrrp/repeats.h"
#include "vrrp/trackers.h"

/* The filter knows an interface by its index. */
static void forget_repeats(struct engine *engine, struct engine_interface *interface, uint64_t now)
{
	for (int family = 0; family < 2; family++) {
		for (int vrid = 1; vrid < 256; vrid++) {
			if (interface->routers[family][vrid])
				repeats_forget(engine, interface->routers[family][vrid], now);
		}
	}
}

/* Under another index a router is another row of the MIBs, whose counters begin now.  Whether there
 * is any. */
static bool tell_routers(
	struct engine *engine, struct engine_interface *interface, uint64_t now, bool moved)
{
	bool any = false;

	for (int family = 0; family < 2; family++) {
		for (int vrid = 1; vrid < 256; vrid++) {
			struct engine_router *router = interface->routers[family][vrid];

			if (!router)
				continue;
			any = true;
			if (moved)
				router->counting_since = now;
			publish_changed(engine, router);
			execute_link(engine, router, now);
			lifecycle_start_if_ready(engine, router, now);
		}
	}
	return any;
}

void propagate_source(struct engine *engine, struct engine_router *router, uint64_t now)
{
	if (!vrrp_address_is_set(&router->source))
		return;
	execute_link(engine, router, now);
	lifecycle_start_if_ready(engine, router, now);
}

static void tell_tracked(struct engine *engine, struct engine_router *router, uint64_t now)
{
	execute_tracks(engine, router, now);
	lifecycle_start_if_ready(engine, router, now);
}

uint32_t propagate_trackers(
	struct engine *engine, const struct message_trackers *message, uint64_t now)
{
	uint32_t steps = 0;

	for (uint32_t i = 0; i < message->count; i++) {
		const struct engine_tracker *tracker =
			tracker_take_report(engine, &message->reports[i], message->head.id, now);
		struct engine_use *use;

		if (!tracker)
			continue;
		engine->cause = tracker;
		LIST_FOREACH (use, &tracker->followers, followers) {
			tell_tracked(engine, use->router, now);
			steps++;
		}
		engine->cause = NULL;
	}
	return steps;
}

void propagate_interface(struct engine *engine, const struct applier_interface *link, uint64_t now)
{
	struct engine_interface *interface = interface_by_name(&engine->interfaces, link->name);
	struct engine_track *track;
	uint32_t old_index;
	bool moved, goes;

	if (!interface)
		return;
	old_index = interface->last_index;
	goes = interface->link.index && !interface->link.up && !link->index;
	if (interface->link.index != link->index)
		forget_repeats(engine, interface, now);
	moved = interface_show(&engine->interfaces, interface, link);
	if (tell_routers(engine, interface, now, moved) && goes)
		publish_interface_gone(engine, interface, old_index, now);
	LIST_FOREACH (track, &interface->followers, followers)
		tell_tracked(engine, track->router, now);
	if (old_index != interface->last_index)
		board_bump(engine->board);
}
