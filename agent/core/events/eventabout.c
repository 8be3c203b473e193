/* SPDX-License-Identifier: ISC */
#include "agent/core/events/eventabout.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "agent/conf/valuedump.h"
#include "agent/core/events/eventgroup.h"
#include "agent/core/state.h"
#include "lib/board.h"
#include "lib/event.h"
#include "lib/library.h"
#include "lib/tracker.h"
#include "vrrp/protocol/reason.h"
#include "vrrp/status.h"

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

static void format_tracked(const struct event *event, char *text, size_t size)
{
	char name[sizeof(event->tracked) + 1];

	snprintf(name, sizeof(name), "%.*s", (int)sizeof(event->tracked), event->tracked);
	snprintf(text, size, "interface %s %s", name,
		event->tracker_state == TRACKER_OK ? "is up"
		: if_nametoindex(name)		   ? "is down"
						   : "is not there");
}

/* What the interface with that index, which had a name that none has now, is called. */
static void write_other_name(uint32_t index, char *text, size_t size)
{
	char name[IF_NAMESIZE];

	if (index && if_indextoname(index, name))
		snprintf(text, size, "it is called %s now", name);
}

/* The router's interface is not there: the board has the index that it had. */
static void format_missing(
	const struct core_state *state, const struct event *event, char *text, size_t size)
{
	union status_row row;

	if (board_read(state->board, status_row(event->slot), &row) == 0 && row.router.used &&
		strcmp(row.router.interface, event->interface) == 0)
		write_other_name(row.router.interface_index, text, size);
}

bool event_tracks_interface(const struct event *event)
{
	return event->kind == EVENT_TRANSITION && event->reason == VRRP_TRANSITION_TRACKING &&
	       !event->tracker && event->tracked[0];
}

bool event_lacks_interface(const struct event *event)
{
	return event->kind == EVENT_TRANSITION && event->reason == VRRP_TRANSITION_LINK_DOWN &&
	       !event->interface_index;
}

void event_about(const struct core_state *state, const struct event *event, char *text, size_t size)
{
	FILE *stream;

	text[0] = '\0';
	if (event->kind != EVENT_NOTE && event->tracker)
		format_tracker(state, event, text, size);
	if (event_tracks_interface(event))
		format_tracked(event, text, size);
	if (event->kind == EVENT_GROUP ||
		(event->kind == EVENT_TRANSITION && event->reason == VRRP_TRANSITION_GROUP))
		event_group_reason(state, event, text, size);
	if (event_lacks_interface(event))
		format_missing(state, event, text, size);
	if (event->kind != EVENT_NOTE)
		return;
	if (event->note == EVENT_NOTE_INTERFACE_GONE) {
		write_other_name(event->interface_index, text, size);
		return;
	}
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
