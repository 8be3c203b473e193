/* SPDX-License-Identifier: ISC */
#include "agent/core/events/eventabout.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

#include "agent/conf/dump.h"
#include "agent/core/events/eventgroup.h"
#include "agent/core/state.h"
#include "lib/event.h"
#include "lib/library.h"
#include "lib/tracker.h"
#include "vrrp/protocol/reason.h"

#define RESULT_ROOM 64

static void write_route_of(const struct core_state *state, const struct event *event, FILE *stream)
{
	const struct instance *instance =
		event->vrid ? slots_instance(state->slots, state->config, event->slot) : NULL;
	const struct route_list *list = !event->vrid ? &state->config->globals.static_routes
					: instance   ? &instance->routes
						     : NULL;

	if (list && event->item < list->count)
		conf_write_route(&list->items[event->item], stream);
}

static void write_rule_of(const struct core_state *state, const struct event *event, FILE *stream)
{
	const struct instance *instance =
		event->vrid ? slots_instance(state->slots, state->config, event->slot) : NULL;
	const struct rule_list *list = !event->vrid ? &state->config->globals.static_rules
				       : instance   ? &instance->rules
						    : NULL;

	if (list && event->item < list->count)
		conf_write_rule(&list->items[event->item], stream);
}

static void write_address_of(const struct event *event, FILE *stream)
{
	char text[INET6_ADDRSTRLEN] = "";

	inet_ntop(event->peer_length == 4 ? AF_INET : AF_INET6, event->peer, text, sizeof(text));
	fputs(text, stream);
	if (event->note == EVENT_NOTE_DUPLICATE_ADDRESS)
		fprintf(stream, " at %02x:%02x:%02x:%02x:%02x:%02x", event->mac[0], event->mac[1],
			event->mac[2], event->mac[3], event->mac[4], event->mac[5]);
}

/* "script chk_haproxy failed (exit 1)" */
static void format_tracker(
	const struct core_state *state, const struct event *event, char *text, size_t size)
{
	static const char *const words[TRACKER_STATE_COUNT] = {
		[TRACKER_UNKNOWN] = "is unknown",
		[TRACKER_OK] = "succeeded",
		[TRACKER_FAILED] = "failed",
		[TRACKER_NUMBER] = "has changed",
	};
	const struct tracker *tracker =
		slots_tracker(state->slots, state->config, event->tracker - 1u);
	char result[RESULT_ROOM];

	tracker_result_text(event->tracker_result, event->tracker_value, result, sizeof(result));
	snprintf(text, size, "%s %s %s (%s)",
		tracker ? tracker_kind_word(tracker->kind) : "a tracker",
		tracker ? tracker->name : "that is gone",
		event->tracker_state < TRACKER_STATE_COUNT ? words[event->tracker_state] : "",
		result);
}

/* The applier has no way to say what the loader said; it says the same to us. */
static void write_library(const struct event *event, FILE *stream)
{
	const char *problem;

	if (event->error != -ELIBACC)
		return;
	problem = library_problem(LIBRARY_NFTABLES);
	fprintf(stream, "%s is needed (Debian: libnftables1)", LIBRARY_NFTABLES);
	if (problem)
		fprintf(stream, ": %s", problem);
}

bool event_tracks_interface(const struct event *event)
{
	return event->kind == EVENT_TRANSITION && event->reason == VRRP_TRANSITION_TRACKING &&
	       !event->tracker && event->tracked[0];
}

void event_about(const struct core_state *state, const struct event *event, char *text, size_t size)
{
	FILE *stream;

	text[0] = '\0';
	if (event->kind != EVENT_NOTE && event->tracker)
		format_tracker(state, event, text, size);
	if (event_tracks_interface(event))
		snprintf(text, size, "interface %.*s %s", (int)sizeof(event->tracked),
			event->tracked, event->tracker_state == TRACKER_OK ? "is up" : "is down");
	if (event->kind == EVENT_GROUP ||
		(event->kind == EVENT_TRANSITION && event->reason == VRRP_TRANSITION_GROUP))
		event_group_reason(state, event, text, size);
	if (event->kind != EVENT_NOTE)
		return;
	stream = fmemopen(text, size, "w");
	if (!stream)
		return;
	switch (event->note) {
	case EVENT_NOTE_ROUTE_FAILED:
	case EVENT_NOTE_ROUTE_RESTORED:
	case EVENT_NOTE_ROUTE_SET:
		write_route_of(state, event, stream);
		break;
	case EVENT_NOTE_RULE_FAILED:
	case EVENT_NOTE_RULE_RESTORED:
	case EVENT_NOTE_RULE_SET:
		write_rule_of(state, event, stream);
		break;
	case EVENT_NOTE_UNKNOWN_VRID:
		fprintf(stream, "VRID %u, from ", event->item);
		write_address_of(event, stream);
		break;
	case EVENT_NOTE_ACCEPT_FAILED:
		write_library(event, stream);
		break;
	case EVENT_NOTE_STATIC_FAILED:
	case EVENT_NOTE_DUPLICATE_ADDRESS:
	case EVENT_NOTE_DAD_FAILED:
		write_address_of(event, stream);
		break;
	}
	fclose(stream);
	text[size - 1] = '\0';
}
