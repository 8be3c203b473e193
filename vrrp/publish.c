/* SPDX-License-Identifier: ISC */
#include "vrrp/publish.h"

#include "lib/board.h"
#include "lib/hot.h"
#include "lib/ratelimit.h"
#include "lib/ring.h"
#include "lib/tracker.h"
#include "vrrp/applier/notes.h"
#include "vrrp/engine_state.h"

#include <assert.h>
#include <string.h>
#include <sys/eventfd.h>

static_assert(IMAGE_IPV4 == (int)VRRP_IPV4 && IMAGE_IPV6 == (int)VRRP_IPV6,
	"families are the same numbers everywhere");
static_assert(EVENT_REASON_REMOVED == (int)VRRP_TRANSITION_REMOVED, "the reason's number");

/* In RATELIMIT_INTERVAL, of all routers: what stops one often stops thousands. */
#define REFUSALS_TOLD 16

void publish_changed(struct engine *engine, struct engine_router *router)
{
	if (router->changed)
		return;
	router->changed = true;
	STAILQ_INSERT_TAIL(&engine->changes, router, changes);
}

HOT void publish_sent(struct engine *engine, const struct engine_router *router)
{
	const size_t place = offsetof(struct status_router, counters) / sizeof(uint64_t);

	board_write_word(engine->board, status_row(router->slot), place + STATUS_SENT,
		router->protocol.statistics.sent);
}

/* That of its device, or the one of RFC 9568, section 7.3. */
static void virtual_mac(uint8_t mac[6], const struct engine_router *router)
{
	const struct vrrp_configuration *configuration = &router->protocol.configuration;
	const uint8_t octets[6] = {
		0, 0, 0x5e, 0, configuration->family == VRRP_IPV4 ? 1 : 2, configuration->vrid};

	memcpy(mac, router->has_device ? router->mac : octets, sizeof(octets));
}

static void describe_identity(struct status_router *row, const struct engine_router *router)
{
	const struct vrrp_configuration *configuration = &router->protocol.configuration;

	row->used = 1;
	row->family = configuration->family;
	row->vrid = configuration->vrid;
	row->version = configuration->version;
	row->interface_index = router->interface->last_index;
	row->interface_missing = router->interface->shown && !router->interface->link.index;
	memcpy(row->interface, router->interface->link.name, sizeof(row->interface));
	virtual_mac(row->virtual_mac, router);
	row->address_octets = (uint8_t)vrrp_address_length(configuration->family);
}

static void describe_configuration(struct status_router *row, const struct engine_router *router)
{
	const struct vrrp_configuration *configuration = &router->protocol.configuration;

	row->priority = configuration->priority;
	row->preempt = configuration->preempt;
	row->accept = configuration->accept;
	row->address_count = (uint8_t)configuration->address_count;
	row->disabled = router->disabled;
	row->interval = configuration->interval;
}

static void describe_state(struct status_router *row, const struct engine_router *router)
{
	const struct vrrp_state_block *state = &router->protocol.state;

	row->state = state->state;
	row->addresses_set = state->state == VRRP_STATE_ACTIVE && !state->announce_due;
	row->faults = state->faults;
	row->effective_priority = state->priority;
	row->active_priority = state->active_priority;
	row->active_known = vrrp_address_is_set(&state->active);
	row->primary_known = vrrp_address_is_set(&state->primary);
	memcpy(row->active_address, state->active.bytes, sizeof(row->active_address));
	memcpy(row->primary_address, state->primary.bytes, sizeof(row->primary_address));
	row->active_interval = state->active_interval;
	row->since = state->since;
	row->up_since = state->up_since;
	row->last_heard = state->last_heard;
	row->last_transition = router->last_transition;
	row->dad_failed = router->dad_failed;
	row->duplicate_heard = router->duplicate_heard;
	row->unsent_at = router->unsent_at;
}

static void describe_statistics(struct status_router *row, const struct engine_router *router)
{
	const struct vrrp_statistics *statistics = &router->protocol.statistics;

	row->new_master = statistics->new_master;
	row->last_error = statistics->last_error;
	row->counting_since = router->counting_since;
	row->counters[STATUS_TRANSITIONS] = statistics->transitions;
	row->counters[STATUS_RECEIVED] = statistics->received;
	row->counters[STATUS_SENT] = statistics->sent;
	row->counters[STATUS_STOP_RECEIVED] = statistics->stop_received;
	row->counters[STATUS_STOP_SENT] = statistics->stop_sent;
	row->counters[STATUS_ANSWERS_WITHHELD] = statistics->answers_withheld;
	row->counters[STATUS_CHECKSUM_PSEUDO] = statistics->forms[VRRP_CHECKSUM_PSEUDO];
	row->counters[STATUS_CHECKSUM_MESSAGE] = statistics->forms[VRRP_CHECKSUM_MESSAGE];
	row->counters[STATUS_CHECKSUM_GROUP] = statistics->forms[VRRP_CHECKSUM_GROUP];
	row->counters[STATUS_ERRORS_NOT_TOLD] = router->errors_not_told;
	memcpy(row->errors, statistics->errors, sizeof(row->errors));
	memcpy(row->drops, statistics->drops, sizeof(row->drops));
}

static void write_router(struct engine *engine, struct engine_router *router)
{
	union status_row row = {0};

	describe_identity(&row.router, router);
	describe_configuration(&row.router, router);
	describe_state(&row.router, router);
	describe_statistics(&row.router, router);
	board_write(engine->board, status_row(router->slot), &row);
}

void publish_gone(struct engine *engine, uint32_t slot)
{
	union status_row row = {0};

	board_write(engine->board, status_row(slot), &row);
	board_bump(engine->board);
}

void publish_group_row(struct engine *engine, const struct engine_group *group)
{
	union status_row row = {.group = {.used = 1,
					.state = group->state,
					.cause = group->cause,
					.identity = group->identity,
					.since = group->since,
					.transitions = group->transitions}};

	board_write(engine->board, status_group_row(group->slot), &row);
}

void publish_group_gone(struct engine *engine, uint32_t slot)
{
	union status_row row = {0};

	board_write(engine->board, status_group_row(slot), &row);
}

static void wake_readers(struct engine *engine)
{
	for (int i = 0; i < CONSUMER_WOKEN; i++)
		eventfd_write(engine->wake[i], 1);
	engine->events_pending = false;
}

HOT void publish_turn(struct engine *engine, uint64_t now)
{
	struct engine_router *router;

	while ((router = STAILQ_FIRST(&engine->changes))) {
		STAILQ_REMOVE_HEAD(&engine->changes, changes);
		router->changed = false;
		write_router(engine, router);
	}
	engine->status.heartbeat = now;
	board_write_first(
		engine->board, STATUS_ENGINE_ROW, &engine->status, sizeof(engine->status));
	if (engine->events_pending)
		wake_readers(engine);
}

static struct event about(const struct engine *engine, const struct engine_router *router,
	uint64_t now, enum event_kind kind)
{
	struct event event = {.at = now, .kind = kind};
	size_t octets;

	if (!router)
		return event;
	event.slot = router->slot;
	event.interface_index = router->interface->link.index;
	memcpy(event.interface, router->interface->link.name, sizeof(event.interface));
	event.family = router->protocol.configuration.family;
	event.vrid = router->protocol.configuration.vrid;
	event.group = router->group ? (uint16_t)(router->group->slot + 1) : 0;
	event.cause = (uint16_t)engine->mover;
	event.version = router->protocol.configuration.version;
	event.priority = router->protocol.state.priority;
	octets = vrrp_address_length(event.family);
	memcpy(event.source, router->protocol.state.primary.bytes, octets);
	return event;
}

static void append(struct engine *engine, const struct event *event)
{
	ring_append(engine->ring, event);
	engine->events_pending = true;
}

static void set_peer(struct event *event, const struct vrrp_address *peer)
{
	event->peer_length = (uint8_t)vrrp_address_length(peer->family);
	memcpy(event->peer, peer->bytes, sizeof(event->peer));
}

static uint32_t slot_of(const struct engine *engine, const struct engine_tracker *tracker)
{
	return (uint32_t)(tracker - engine->trackers);
}

static void set_tracker(
	const struct engine *engine, struct event *event, const struct engine_tracker *tracker)
{
	if (!tracker)
		return;
	event->tracker = (uint16_t)(slot_of(engine, tracker) + 1);
	event->tracker_state = tracker->state;
	event->tracker_result = tracker->result;
	event->tracker_value = tracker->value;
}

/* What it is that has failed: a tracker, else an interface. */
static void set_culprit(
	const struct engine *engine, struct event *event, const struct engine_router *router)
{
	const struct engine_tracker *tracker = router->culprit;

	event->peer_length = 0;
	memset(event->tracked, 0, sizeof(event->tracked));
	set_tracker(engine, event, tracker);
	for (uint32_t i = 0; !tracker && i < router->track_count; i++) {
		const struct engine_track *track = &router->tracks[i];
		struct vrrp_tracked tracked = interface_tracked(track);

		if (!vrrp_tracked_is_fault(&tracked))
			continue;
		memcpy(event->tracked, track->interface->link.name, sizeof(event->tracked));
		event->tracker_state = tracked.failed ? TRACKER_FAILED : TRACKER_OK;
		break;
	}
}

void publish_tracker(struct engine *engine, const struct engine_tracker *tracker)
{
	const uint32_t slot = slot_of(engine, tracker);
	union status_row row = {0};

	if (tracker->identity)
		row.tracker = (struct status_tracker){
			.identity = tracker->identity,
			.since = tracker->since,
			.value = tracker->value,
			.kind = tracker->kind,
			.state = tracker->state,
			.result = tracker->result,
		};
	board_write(engine->board, status_tracker_row(slot), &row);
}

void publish_tracker_changed(
	struct engine *engine, const struct engine_tracker *tracker, uint64_t now)
{
	struct event event = about(engine, NULL, now, EVENT_TRACKER);

	set_tracker(engine, &event, tracker);
	append(engine, &event);
}

void publish_priority(
	struct engine *engine, struct engine_router *router, uint64_t now, uint8_t before)
{
	struct event event = about(engine, router, now, EVENT_PRIORITY);

	event.old_state = event.new_state = router->protocol.state.state;
	event.old_priority = before;
	set_tracker(engine, &event, engine->cause);
	append(engine, &event);
}

void publish_transition(struct engine *engine, struct engine_router *router, uint64_t now,
	const struct vrrp_state_change *change)
{
	struct event event = about(engine, router, now, EVENT_TRANSITION);

	event.old_state = change->old_state;
	event.new_state = change->new_state;
	event.reason = change->reason;
	event.priority = change->priority;
	event.peer_priority = change->peer_priority;
	event.silence = change->silence;
	event.deadline = change->waited;
	event.new_master_reason = router->protocol.statistics.new_master;
	set_peer(&event, &change->peer);
	if (change->reason == VRRP_TRANSITION_TRACKING)
		set_culprit(engine, &event, router);
	else if (change->reason == VRRP_TRANSITION_RECOVERED)
		set_tracker(engine, &event, engine->cause);
	router->last_transition = change->reason;
	engine->status.routers[change->old_state]--;
	engine->status.routers[change->new_state]++;
	append(engine, &event);
}

void publish_group(
	struct engine *engine, const struct engine_group *group, uint8_t before, uint64_t now)
{
	const struct event event = {
		.at = now,
		.kind = EVENT_GROUP,
		.slot = group->slot,
		.old_state = before,
		.new_state = group->state,
		.group = (uint16_t)(group->slot + 1),
		.cause = (uint16_t)group->cause,
	};

	append(engine, &event);
	publish_group_row(engine, group);
}

void publish_state(struct engine *engine, struct engine_router *router, uint64_t now)
{
	struct event event = about(engine, router, now, EVENT_STATE);

	event.old_state = event.new_state = router->protocol.state.state;
	append(engine, &event);
}

void publish_group_state(struct engine *engine, const struct engine_group *group, uint64_t now)
{
	const struct event event = {
		.at = now,
		.kind = EVENT_STATE,
		.slot = group->slot,
		.old_state = group->state,
		.new_state = group->state,
		.group = (uint16_t)(group->slot + 1),
	};

	append(engine, &event);
}

void publish_lower(struct engine *engine, struct engine_router *router, uint64_t now,
	const struct vrrp_action *action)
{
	struct event event = about(engine, router, now, EVENT_LOWER_HEARD);

	event.old_state = event.new_state = router->protocol.state.state;
	event.peer_priority = action->heard.priority;
	set_peer(&event, &action->heard.source);
	append(engine, &event);
}

/* What RFC 6527 has one reason for is limited as one. */
static struct ratelimit *limit_of(struct engine_router *router, enum vrrp_drop drop)
{
	int proto_error = vrrp_counter_proto_error(vrrp_drop_counter(drop));

	for (int other = VRRP_DROP_NONE; proto_error && other < (int)drop; other++) {
		if (vrrp_counter_proto_error(vrrp_drop_counter((enum vrrp_drop)other)) ==
			proto_error)
			return &router->limits[other];
	}
	return &router->limits[drop];
}

void publish_error(struct engine *engine, struct engine_router *router, uint64_t now,
	const struct vrrp_action *action)
{
	int proto_error = vrrp_counter_proto_error(vrrp_drop_counter(action->error.drop));
	struct event event =
		about(engine, router, now, proto_error ? EVENT_PROTOCOL_ERROR : EVENT_NOTE);

	if (!ratelimit_passes(limit_of(router, action->error.drop), now, &event.suppressed)) {
		router->errors_not_told++;
		publish_changed(engine, router);
		return;
	}
	event.note = action->error.dropped ? EVENT_NOTE_ADVERT_DROPPED : EVENT_NOTE_ADVERT_MISMATCH;
	event.drop = (uint8_t)action->error.drop;
	set_peer(&event, &action->error.source);
	append(engine, &event);
}

void publish_note(struct engine *engine, struct engine_router *router, uint64_t now,
	enum event_note note, int error)
{
	struct event event = about(engine, router, now, EVENT_NOTE);

	event.note = (uint8_t)note;
	event.error = error;
	append(engine, &event);
}

void publish_applier_note(
	struct engine *engine, struct engine_router *router, uint64_t now, const struct note *note)
{
	static const uint8_t notes[] = {
		[NOTE_ROUTE_FAILED] = EVENT_NOTE_ROUTE_FAILED,
		[NOTE_RULE_FAILED] = EVENT_NOTE_RULE_FAILED,
		[NOTE_ROUTE_RESTORED] = EVENT_NOTE_ROUTE_RESTORED,
		[NOTE_RULE_RESTORED] = EVENT_NOTE_RULE_RESTORED,
		[NOTE_STATIC_FAILED] = EVENT_NOTE_STATIC_FAILED,
		[NOTE_DUPLICATE] = EVENT_NOTE_DUPLICATE_ADDRESS,
		[NOTE_DAD_FAILED] = EVENT_NOTE_DAD_FAILED,
		[NOTE_ACCEPT_FAILED] = EVENT_NOTE_ACCEPT_FAILED,
		[NOTE_ROUTE_SET] = EVENT_NOTE_ROUTE_SET,
		[NOTE_RULE_SET] = EVENT_NOTE_RULE_SET,
		[NOTE_STATIC_SET] = EVENT_NOTE_STATIC_SET,
	};
	struct event event = about(engine, router, now, EVENT_NOTE);

	event.note = notes[note->kind];
	event.error = note->error;
	event.item = (uint16_t)note->item;
	event.suppressed = note->left_out;
	if (router && note->kind == NOTE_DUPLICATE)
		router->duplicate_heard = now;
	if (router && note->kind == NOTE_DAD_FAILED)
		router->dad_failed = true;
	if (router)
		publish_changed(engine, router);
	set_peer(&event, &note->address);
	memcpy(event.mac, note->mac, sizeof(event.mac));
	append(engine, &event);
}

void publish_lateness(struct engine *engine, uint64_t now, uint64_t late)
{
	struct event event = about(engine, NULL, now, EVENT_NOTE);

	if (!ratelimit_passes(&engine->lateness_limit, now, &event.suppressed))
		return;
	event.note = EVENT_NOTE_LATE_WAKE_UP;
	event.deadline = late;
	append(engine, &event);
}

void publish_sleep(struct engine *engine, uint64_t now, uint64_t slept)
{
	struct event event = about(engine, NULL, now, EVENT_NOTE);

	event.note = EVENT_NOTE_SUSPENDED;
	event.deadline = slept;
	append(engine, &event);
}

void publish_unknown(struct engine *engine, const struct engine_interface *interface, uint64_t now,
	const struct vrrp_view *view)
{
	struct event event = about(engine, NULL, now, EVENT_NOTE);

	if (!engine->tell_unknown ||
		!ratelimit_passes(&engine->unknown_limits[view->vrid], now, &event.suppressed))
		return;
	event.note = EVENT_NOTE_UNKNOWN_VRID;
	event.item = view->vrid;
	memcpy(event.interface, interface->link.name, sizeof(event.interface));
	set_peer(&event, &view->source);
	append(engine, &event);
}

void publish_interface_gone(struct engine *engine, const struct engine_interface *interface,
	uint32_t before, uint64_t now)
{
	struct event event = about(engine, NULL, now, EVENT_NOTE);

	event.note = EVENT_NOTE_INTERFACE_GONE;
	event.interface_index = before;
	memcpy(event.interface, interface->link.name, sizeof(event.interface));
	append(engine, &event);
}

void publish_filter_failure(struct engine *engine, uint64_t now, int error)
{
	struct event event = about(engine, NULL, now, EVENT_NOTE);

	event.note = EVENT_NOTE_FILTER_FAILED;
	event.error = error;
	append(engine, &event);
}

void publish_send_failure(
	struct engine *engine, struct engine_router *router, uint64_t now, int error)
{
	struct event event = about(engine, router, now, EVENT_NOTE);
	struct ratelimit *limit = router ? &router->send_limit : &engine->send_limit;

	if (router) {
		router->unsent_at = now;
		publish_changed(engine, router);
	}
	if (now - engine->refusals_since >= RATELIMIT_INTERVAL) {
		engine->refusals_since = now;
		engine->refusals_told = 0;
	}
	if (engine->refusals_told == REFUSALS_TOLD ||
		!ratelimit_passes(limit, now, &event.suppressed))
		return;
	engine->refusals_told++;
	event.note = EVENT_NOTE_SEND_FAILED;
	event.error = error;
	append(engine, &event);
}
