/* SPDX-License-Identifier: ISC */
#include "vrrp/execute.h"
#include "vrrp/protocol/step.h"

#include "lib/clock.h"
#include "lib/hot.h"
#include "vrrp/actions.h"
#include "vrrp/applier/applier.h"
#include "vrrp/engine_state.h"
#include "vrrp/groups.h"
#include "vrrp/protocol/resume.h"
#include "vrrp/protocol/timer.h"
#include "vrrp/publish.h"
#include "vrrp/trackers.h"

HOT void execute_event(struct engine *engine, struct engine_router *router, uint64_t now,
	const struct vrrp_event *event)
{
	actions_step(engine, router, now, event);
	groups_follow(engine, router, now);
}

bool execute_resume(struct engine *engine, struct engine_router *router, uint64_t now,
	const struct snapshot_router *snapshot)
{
	struct vrrp_actions actions;

	if (!vrrp_router_resume(
		    &router->protocol, now, &snapshot->state, &snapshot->statistics, &actions))
		return false;
	router->protocol.ah = snapshot->ah;
	router->counting_since = snapshot->counting_since;
	router->last_transition = snapshot->last_transition;
	engine->status.routers[VRRP_STATE_INITIALIZE]--;
	engine->status.routers[router->protocol.state.state]++;
	actions_carry_out(engine, router, now, &actions);
	publish_changed(engine, router);
	return true;
}

static void fire(struct engine *engine, struct deadline *deadline, uint64_t now)
{
	execute_event(engine, engine_router_of(deadline), now,
		&(struct vrrp_event){.type = VRRP_EVENT_DEADLINE});
}

static uint64_t slack_of(struct deadline *deadline)
{
	return vrrp_advert_slack(engine_router_of(deadline)->protocol.configuration.interval);
}

static void note_lateness(struct engine *engine, const struct deadline *first, uint64_t now)
{
	if (!first || first->at >= now || now - first->at <= engine->status.worst_lateness)
		return;
	engine->status.worst_lateness = now - first->at;
	engine->status.worst_lateness_at = now;
}

HOT bool execute_advert_due(struct engine *engine, uint64_t now)
{
	struct deadline *first = deadline_first(&engine->adverts);

	return first && first->at <= now + slack_of(first);
}

/* Each at most once in a turn: a deadline that were not moved by being fired would else hold the
 * engine for ever. */
HOT void execute_deadlines(struct engine *engine, uint64_t now)
{
	uint32_t adverts = engine->adverts.count;
	uint32_t timeouts = engine->timeouts.count;
	struct deadline *first;

	note_lateness(engine, deadline_first(&engine->adverts), now);
	note_lateness(engine, deadline_first(&engine->timeouts), now);
	while (adverts-- && execute_advert_due(engine, now))
		fire(engine, deadline_first(&engine->adverts), now);
	while (timeouts-- && (first = deadline_first(&engine->timeouts)) && first->at <= now)
		fire(engine, first, now);
}

void execute_slept(struct engine *engine, uint64_t now, uint64_t slept)
{
	const struct vrrp_event event = {.type = VRRP_EVENT_SLEPT, .slept = slept};

	for (uint32_t slot = 0; slot < IMAGE_SLOTS; slot++)
		if (engine->routers[slot])
			execute_event(engine, engine->routers[slot], now, &event);
}

static uint64_t first_of(struct deadline_heap *heap)
{
	const struct deadline *first = deadline_first(heap);

	return first ? first->at : UINT64_MAX;
}

HOT uint64_t execute_next_advert(struct engine *engine)
{
	return first_of(&engine->adverts);
}

HOT uint64_t execute_next_timeout(struct engine *engine)
{
	return first_of(&engine->timeouts);
}

HOT uint64_t execute_lateness(struct engine *engine, uint64_t now)
{
	uint64_t advert = execute_next_advert(engine), timeout = execute_next_timeout(engine);
	uint64_t next = clock_sooner(advert, timeout);

	return next < now ? now - next : 0;
}

/* Until it is known to be missing a running router goes on: a reload that names it is no fault. */
static struct vrrp_address configured_source(
	const struct engine *engine, const struct engine_router *router)
{
	if (!router->interface->link.index)
		return (struct vrrp_address){0};
	if (router->needs_source && engine->sources[router->slot] == SOURCE_MISSING)
		return (struct vrrp_address){0};
	return router->source;
}

static struct vrrp_address primary_of(
	const struct engine *engine, const struct engine_router *router)
{
	const struct applier_interface *link = &router->interface->link;

	if (router->needs_peer)
		return (struct vrrp_address){0};
	if (vrrp_address_is_set(&router->source))
		return configured_source(engine, router);
	if (router->protocol.configuration.family == VRRP_IPV4 && link->has_primary4)
		return vrrp_address_make(VRRP_IPV4, link->primary4);
	if (router->protocol.configuration.family == VRRP_IPV6 && link->has_primary6)
		return vrrp_address_make(VRRP_IPV6, link->primary6);
	return (struct vrrp_address){0};
}

void execute_link(struct engine *engine, struct engine_router *router, uint64_t now)
{
	struct vrrp_event event = {.type = VRRP_EVENT_LINK,
		.link = {.up = router->interface->link.up, .primary = primary_of(engine, router)}};

	execute_event(engine, router, now, &event);
}

void execute_tracks(struct engine *engine, struct engine_router *router, uint64_t now)
{
	struct vrrp_event event = {.type = VRRP_EVENT_TRACKED};

	for (uint32_t i = 0; i < router->track_count; i++) {
		struct vrrp_tracked tracked = interface_tracked(&router->tracks[i]);

		event.tracked.sum += vrrp_tracked_weight(&tracked);
		event.tracked.failed |= vrrp_tracked_is_fault(&tracked);
	}
	tracker_add(router, &event);
	execute_event(engine, router, now, &event);
}
