/* SPDX-License-Identifier: ISC */
#include "vrrp/actions.h"

#include "lib/hot.h"
#include "vrrp/applier/applier.h"
#include "vrrp/engine_state.h"
#include "vrrp/protocol/step.h"
#include "vrrp/publish.h"
#include "vrrp/repeats.h"

void actions_disarm(struct engine_router *router)
{
	if (router->heap)
		deadline_cancel(router->heap, &router->deadline);
	router->heap = NULL;
}

/* Active routers' deadlines may be early, the others' late: each kind has a heap of its own. */
static void arm(struct engine *engine, struct engine_router *router, uint64_t at)
{
	struct deadline_heap *heap = router->protocol.state.state == VRRP_STATE_ACTIVE
					     ? &engine->adverts
					     : &engine->timeouts;

	if (router->heap != heap)
		actions_disarm(router);
	router->heap = heap;
	deadline_set(heap, &router->deadline, at);
}

static void own(struct engine *engine, struct engine_router *router, bool owned)
{
	if (owned && !engine->owned[router->slot]) {
		engine->owned[router->slot] = true;
		engine->owned_count++;
	}
	engine->wished[router->slot] = owned;
	router->dad_failed &= owned;
	applier_own(engine->applier, router->slot, owned);
	engine->wishes_pending = true;
}

static const enum event_note checksum_notes[VRRP_CHECKSUM_FORMS] = {
	[VRRP_CHECKSUM_PSEUDO] = EVENT_NOTE_CHECKSUM_PSEUDO,
	[VRRP_CHECKSUM_MESSAGE] = EVENT_NOTE_CHECKSUM_MESSAGE,
	[VRRP_CHECKSUM_GROUP] = EVENT_NOTE_CHECKSUM_GROUP,
};

static HOT void carry_out(struct engine *engine, struct engine_router *router, uint64_t now,
	const struct vrrp_action *action)
{
	switch (action->type) {
	case VRRP_ACTION_SEND_ADVERT:
		engine_output_advert(engine->output, router->slot, &router->protocol,
			action->advert.priority, &router->template, &router->interface->link,
			router->has_mac ? router->mac : NULL);
		break;
	case VRRP_ACTION_ARM:
		arm(engine, router, action->deadline);
		break;
	case VRRP_ACTION_DISARM:
		actions_disarm(router);
		break;
	case VRRP_ACTION_OWN_ADDRESSES:
		own(engine, router, action->own);
		break;
	case VRRP_ACTION_ANNOUNCE:
		applier_announce(engine->applier, router->slot, action->lower);
		engine->wishes_pending = true;
		break;
	case VRRP_ACTION_STATE_CHANGED:
		publish_transition(engine, router, now, &action->changed);
		break;
	case VRRP_ACTION_PROTOCOL_ERROR:
		publish_error(engine, router, now, action);
		break;
	case VRRP_ACTION_LOWER_HEARD:
		if (router->tells & IMAGE_ROUTER_TELL_LOWER)
			publish_lower(engine, router, now, action);
		break;
	case VRRP_ACTION_CHECKSUM_LEARNED:
		publish_note(engine, router, now, checksum_notes[action->form], 0);
		break;
	}
}

HOT void actions_carry_out(struct engine *engine, struct engine_router *router, uint64_t now,
	const struct vrrp_actions *actions)
{
	for (unsigned int i = 0; i < actions->count; i++)
		carry_out(engine, router, now, &actions->list[i]);
}

/* An Active router's deadline is its next advertisement, and nothing else about it changes. */
static bool is_advert(const struct engine_router *router, const struct vrrp_event *event)
{
	return event->type == VRRP_EVENT_DEADLINE &&
	       router->protocol.state.state == VRRP_STATE_ACTIVE;
}

HOT void actions_step(struct engine *engine, struct engine_router *router, uint64_t now,
	const struct vrrp_event *event)
{
	struct vrrp_actions actions;
	uint8_t priority;
	bool advert;

	repeats_settle(engine, router, now);
	priority = router->protocol.state.priority;
	advert = is_advert(router, event);
	if (!advert)
		router->template.length = 0;

	vrrp_step(&router->protocol, now, event, &actions);
	if (router->protocol.state.priority != priority && router->protocol.state.started)
		publish_priority(engine, router, now, priority);
	actions_carry_out(engine, router, now, &actions);
	if (advert)
		publish_sent(engine, router);
	else
		publish_changed(engine, router);
}
