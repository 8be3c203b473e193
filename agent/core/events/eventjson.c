/* SPDX-License-Identifier: ISC */
#include "agent/core/events/eventjson.h"

#include "agent/core/events/eventabout.h"

#include <arpa/inet.h>
#include <time.h>

#include "agent/core/jsontext.h"
#include "agent/core/show/show.h"
#include "lib/clock.h"
#include "lib/event.h"
#include "lib/tracker.h"
#include "vrrp/protocol/reason.h"

static const char *const kind_words[] = {
	[EVENT_TRANSITION] = "transition",
	[EVENT_PROTOCOL_ERROR] = "protocol-error",
	[EVENT_NOTE] = "note",
	[EVENT_GROUP] = "group-transition",
	[EVENT_LOWER_HEARD] = "lower-priority-heard",
	[EVENT_PRIORITY] = "priority",
	[EVENT_TRACKER] = "tracker",
};

static const char *kind_word(uint32_t kind)
{
	const size_t count = sizeof(kind_words) / sizeof(kind_words[0]);

	return kind < count && kind_words[kind] ? kind_words[kind] : "unknown";
}

/* Events carry the clock that nobody sets; people read the other. */
static double wall_clock(uint64_t at)
{
	uint64_t now = clock_now();
	struct timespec real;

	clock_gettime(CLOCK_REALTIME, &real);
	return (double)real.tv_sec + (double)real.tv_nsec / (double)NSEC_PER_SEC -
	       (double)(now > at ? now - at : 0) / (double)NSEC_PER_SEC;
}

static void add_router(json_t *document, const struct event *event)
{
	json_object_set_new(document, "interface", json_text(event->interface));
	json_object_set_new(document, "family", json_string(event->family == 1 ? "ipv4" : "ipv6"));
	json_object_set_new(document, "vrid", json_integer(event->vrid));
}

static void add_states(json_t *document, const struct event *event)
{
	json_object_set_new(document, "from", json_string(vrrp_state_word(event->old_state)));
	json_object_set_new(document, "to", json_string(vrrp_state_word(event->new_state)));
}

static void add_transition(json_t *document, const struct event *event)
{
	char peer[INET6_ADDRSTRLEN];

	add_states(document, event);
	json_object_set_new(document, "reason", json_string(vrrp_transition_word(event->reason)));
	json_object_set_new(document, "priority", json_integer(event->priority));
	if (!event->peer_length || !inet_ntop(event->peer_length == 4 ? AF_INET : AF_INET6,
					   event->peer, peer, sizeof(peer)))
		return;
	json_object_set_new(document, "peer", json_string(peer));
	json_object_set_new(document, "peer_priority", json_integer(event->peer_priority));
}

/* What trackers have to do with it. */
static void add_tracker(json_t *document, const struct event *event, const char *about)
{
	if (event->kind == EVENT_PRIORITY) {
		json_object_set_new(document, "priority", json_integer(event->priority));
		json_object_set_new(document, "old_priority", json_integer(event->old_priority));
	}
	if (event->kind == EVENT_TRACKER)
		json_object_set_new(
			document, "to", json_string(tracker_state_word(event->tracker_state)));
	if ((event->kind != EVENT_NOTE && event->tracker) || event_tracks_interface(event))
		json_object_set_new(document, "cause", json_text(about));
}

json_t *event_document(
	const struct event *event, const char *name, const char *about, const char *line)
{
	json_t *document = json_object();

	if (!document)
		return NULL;
	json_object_set_new(document, "schema", json_integer(SHOW_SCHEMA));
	json_object_set_new(document, "time", json_real(wall_clock(event->at)));
	json_object_set_new(document, "kind", json_string(kind_word(event->kind)));
	json_object_set_new(document, "name", json_text(name));
	if (event->vrid)
		add_router(document, event);
	if (event->kind == EVENT_TRANSITION)
		add_transition(document, event);
	else if (event->kind == EVENT_GROUP)
		add_states(document, event);
	else if (event->drop)
		json_object_set_new(document, "drop", json_string(vrrp_drop_word(event->drop)));
	add_tracker(document, event, about);
	json_object_set_new(document, "text", json_text(line));
	return document;
}
