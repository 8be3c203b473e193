/* SPDX-License-Identifier: ISC */
#include "agent/core/events/events.h"

#include "agent/core/events/audience.h"
#include "agent/core/events/eventabout.h"
#include "agent/core/events/eventgroup.h"
#include "agent/core/events/eventjson.h"
#include "agent/core/events/eventlog.h"
#include "agent/core/events/history.h"
#include "agent/core/publisher.h"
#include "agent/core/state.h"
#include "lib/clock.h"
#include "lib/consumer.h"
#include "lib/image.h"
#include "lib/inherit.h"
#include "lib/lifeline.h"
#include "lib/log.h"
#include "lib/tracker.h"
#include "vrrp/protocol/reason.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

/* Between them core has to show that it is alive, however slow the log is. */
#define EVENTS_PER_TURN 256

/* What the disk that remembers them may take. */
#define PATIENCE_MS 10000

/* After the answers to images: a router that an image brings is known by then. */
#define LATE_PRIORITY (SD_EVENT_PRIORITY_NORMAL + 10)

/* How a router was called last: its end is told when the configuration has it no more. */
struct last_name {
	struct slot_identity identity;
	char *name;
};

struct events {
	const struct core_state *state;
	struct consumer *consumer;
	sd_event_source *wake;
	uint64_t lost; /* that were told already */
	struct last_name names[IMAGE_SLOTS];
};

static const struct {
	int level;
	const char *text;
} notes[EVENT_NOTE_COUNT] = {
#define X(name, level, text) [EVENT_NOTE_##name] = {level, text},
	EVENT_NOTES(X)
#undef X
};

/* "3.61 s", "12.5 ms" */
static void format_time(char *text, size_t size, uint64_t nanoseconds)
{
	double seconds = (double)nanoseconds / (double)NSEC_PER_SEC;

	if (nanoseconds >= NSEC_PER_SEC)
		snprintf(text, size, "%.3f s", seconds);
	else
		snprintf(text, size, "%.1f ms", seconds * 1e3);
}

static void format_peer(char *text, const struct event *event)
{
	strcpy(text, "anybody");
	if (event->peer_length)
		inet_ntop(event->peer_length == 4 ? AF_INET : AF_INET6, event->peer, text,
			INET6_ADDRSTRLEN);
}

/* Whether another router's advertisement caused it, so that it belongs to the explanation. */
static bool is_peers_doing(uint8_t reason)
{
	return reason == VRRP_TRANSITION_STOP_HEARD || reason == VRRP_TRANSITION_PREEMPT ||
	       reason == VRRP_TRANSITION_HIGHER_PRIORITY ||
	       reason == VRRP_TRANSITION_GREATER_ADDRESS;
}

static bool is_about_interface(uint8_t reason)
{
	return reason == VRRP_TRANSITION_LINK_DOWN || reason == VRRP_TRANSITION_NO_ADDRESS;
}

/* A takeover after silence is explained by figures, everything else by the table's words. */
static void format_transition(
	const struct event *event, const char *name, const char *about, char *line, int size)
{
	char peer[INET6_ADDRSTRLEN];
	char silence[32];
	char deadline[32];
	int length = snprintf(line, (size_t)size, "%s: %s -> %s: ", name,
		vrrp_state_word(event->old_state), vrrp_state_word(event->new_state));

	format_peer(peer, event);
	format_time(silence, sizeof(silence), event->silence);
	format_time(deadline, sizeof(deadline), event->deadline);
	if (length >= size)
		return;
	line += length;
	size -= length;
	if (event->reason == VRRP_TRANSITION_SILENCE && event->silence)
		snprintf(line, (size_t)size, "no advert from %s for %s (deadline %s)", peer,
			silence, deadline);
	else if (event->reason == VRRP_TRANSITION_SILENCE)
		snprintf(line, (size_t)size, "no advert from anybody for %s", deadline);
	else if (event->peer_length && is_peers_doing(event->reason))
		snprintf(line, (size_t)size, "%s (%s, priority %u; ours is %u)",
			vrrp_transition_text(event->reason), peer, event->peer_priority,
			event->priority);
	else if (event_lacks_interface(event))
		snprintf(line, (size_t)size, "there is no interface %s%s%s", event->interface,
			about[0] ? ": " : "", about);
	else if (is_about_interface(event->reason))
		snprintf(line, (size_t)size, "%s (%s)", vrrp_transition_text(event->reason),
			event->interface);
	else if (about[0] && (event->reason == VRRP_TRANSITION_TRACKING ||
				     event->reason == VRRP_TRANSITION_GROUP))
		snprintf(line, (size_t)size, "%s", about);
	else
		snprintf(line, (size_t)size, "%s%s%s", vrrp_transition_text(event->reason),
			about[0] ? ": " : "", about);
}

static void format_priority(
	const struct event *event, const char *name, const char *about, char *line, int size)
{
	snprintf(line, (size_t)size, "%s: effective priority %u -> %u%s%s", name,
		event->old_priority, event->priority, about[0] ? ": " : "", about);
}

/* What a rate limit held back before it, behind the `length` octets that are there. */
static void format_left_out(const struct event *event, int length, char *line, int size)
{
	if (event->suppressed && length < size)
		snprintf(line + length, (size_t)(size - length),
			" (%" PRIu64 " more like it not logged)", event->suppressed);
}

static void format_drop(const struct event *event, const char *name, char *line, int size)
{
	char peer[INET6_ADDRSTRLEN];
	bool dropped =
		event->kind == EVENT_PROTOCOL_ERROR || event->note == EVENT_NOTE_ADVERT_DROPPED;
	int length;

	format_peer(peer, event);
	length = snprintf(line, (size_t)size, "%s: advert from %s %s: %s", name, peer,
		dropped ? "dropped" : "accepted all the same", vrrp_drop_text(event->drop));
	format_left_out(event, length, line, size);
}

/* What the kernel's own words do not explain. */
static const char *error_text(const struct event *event)
{
	if (event->note == EVENT_NOTE_ROUTE_FAILED && event->error == -EADDRNOTAVAIL)
		return "its src must be an address of this host, and is none now: add that "
		       "address, or change the src";
	if (event->note == EVENT_NOTE_ADDRESSES_FAILED && event->error == -EROFS)
		return "a virtual MAC needs settings under /proc/sys/net, which is mounted "
		       "read-only: let the container write there, or do without use_vmac";
	return strerrordesc_np(-event->error);
}

static void format_note(
	const struct event *event, const char *name, const char *about, char *line, int size)
{
	char late[32];
	int length = snprintf(line, (size_t)size, "%s: %s", name, notes[event->note].text);

	if (about[0] && length < size)
		length += snprintf(line + length, (size_t)(size - length), ": %s", about);
	if (event->deadline && length < size) {
		format_time(late, sizeof(late), event->deadline);
		length += snprintf(line + length, (size_t)(size - length),
			event->note == EVENT_NOTE_SUSPENDED ? " (%s)" : " (%s late)", late);
	}
	/* of a library that is missing more has been said */
	if (event->error && event->error != -ELIBACC && length < size)
		length +=
			snprintf(line + length, (size_t)(size - length), ": %s", error_text(event));
	format_left_out(event, length, line, size);
}

static void format_lower(const struct event *event, const char *name, char *line, int size)
{
	char peer[INET6_ADDRSTRLEN];

	format_peer(peer, event);
	snprintf(line, (size_t)size, "%s: heard priority %u from %s; ours is %u", name,
		event->peer_priority, peer, event->priority);
}

void events_format(
	const struct event *event, const char *name, const char *about, char *line, int size)
{
	if (event->kind == EVENT_TRANSITION)
		format_transition(event, name, about, line, size);
	else if (event->kind == EVENT_PRIORITY)
		format_priority(event, name, about, line, size);
	else if (event->kind == EVENT_LOWER_HEARD)
		format_lower(event, name, line, size);
	else if (event->kind == EVENT_TRACKER)
		snprintf(line, (size_t)size, "%s", about);
	else if (event->kind == EVENT_GROUP)
		snprintf(line, (size_t)size, "sync group %s: %s -> %s: %s", name,
			vrrp_state_word(event->old_state), vrrp_state_word(event->new_state),
			about);
	else if (event->drop)
		format_drop(event, name, line, size);
	else
		format_note(event, name, about, line, size);
}

static bool is_of(const struct slot_identity *identity, const struct event *event)
{
	return identity && identity->family == event->family && identity->vrid == event->vrid &&
	       strcmp(identity->interface, event->interface) == 0;
}

static void remember(struct last_name *last, const struct slot_identity *identity, const char *name)
{
	if (last->name && strcmp(last->name, name) == 0) {
		last->identity = *identity;
		return;
	}
	free(last->name);
	*last = (struct last_name){*identity, strdup(name)};
}

static const char *name_of_none(const struct event *event)
{
	switch (event->note) {
	case EVENT_NOTE_LATE_WAKE_UP:
	case EVENT_NOTE_SUSPENDED:
	case EVENT_NOTE_SEND_FAILED:
	case EVENT_NOTE_FILTER_FAILED:
		return "engine";
	case EVENT_NOTE_UNKNOWN_VRID:
	case EVENT_NOTE_INTERFACE_GONE:
		return event->interface;
	default:
		return "static";
	}
}

/* Of an image that the engine takes in by and by, it tells of the first routers before it has
 * accepted it all. */
static const struct instance *coming(const struct core_state *state, const struct event *event,
	const struct slot_identity **identity)
{
	const struct instance *instance = publisher_coming(state->publisher, event->slot, identity);

	return instance && is_of(*identity, event) ? instance : NULL;
}

/* Those of whom nothing may happen before they end: so it is after a restart. */
static void remember_all(struct events *events)
{
	const struct core_state *state = events->state;

	for (uint32_t slot = 0; slot < slots_end(state->slots); slot++) {
		const struct instance *instance = slots_instance(state->slots, state->config, slot);

		if (instance)
			remember(&events->names[slot], slots_identity(state->slots, slot),
				instance->name);
	}
}

/* The instance's name, as long as the slot still is that router's, or was last. */
static const char *name_of(struct events *events, const struct event *event)
{
	const struct core_state *state = events->state;
	const struct slot_identity *identity = slots_identity(state->slots, event->slot);
	const struct instance *instance = NULL;
	struct last_name *last = &events->names[event->slot % IMAGE_SLOTS];

	if (event->kind == EVENT_GROUP) {
		const char *name = event_group_name(state, event);

		return name ? name : "that is gone";
	}
	if (event->kind == EVENT_TRACKER) {
		const struct tracker *tracker =
			slots_tracker(state->slots, state->config, event->tracker - 1u);

		return tracker ? tracker->name : "that is gone";
	}
	if (!event->vrid)
		return name_of_none(event);
	if (is_of(identity, event))
		instance = slots_instance(state->slots, state->config, event->slot);
	else
		instance = coming(state, event, &identity);
	if (instance) {
		remember(last, identity, instance->name);
		return instance->name;
	}
	return last->name && is_of(&last->identity, event) ? last->name : event->interface;
}

static int level_of(const struct event *event)
{
	if (event->kind == EVENT_TRANSITION || event->kind == EVENT_GROUP)
		return event->new_state == VRRP_STATE_FAULT ? LOG_WARNING : LOG_NOTICE;
	if (event->kind == EVENT_TRACKER)
		return event->tracker_state == TRACKER_FAILED ? LOG_WARNING : LOG_NOTICE;
	if (event->kind == EVENT_PRIORITY)
		return LOG_NOTICE;
	return event->note < EVENT_NOTE_COUNT ? notes[event->note].level : LOG_NOTICE;
}

static void tell_losses(struct events *events)
{
	uint64_t lost = consumer_lost(events->consumer);

	if (lost == events->lost)
		return;
	log_message(LOG_WARNING, "%" PRIu64 " events were lost before they could be logged",
		lost - events->lost);
	events->lost = lost;
}

/* For the log, those who ask for it later, and those who listen now. */
static void spread(struct events *events, const struct event *event, const char *name,
	const char *about, const char *line)
{
	json_t *document = event_document(event, name, about, line);
	char *text = document ? json_dumps(document, JSON_COMPACT) : NULL;

	if (document)
		eventlog_write(level_of(event), document);
	else
		log_message(level_of(event), "%s", line);
	if (text) {
		history_add(events->state->history, text);
		audience_tell(events->state->audience, text, strlen(text));
	}
	free(text);
	json_decref(document);
}

/* Returns true if there are more than it read at most. */
static bool drain(struct events *events, int most)
{
	struct event event;
	char line[768], about[400];
	const char *name;

	lifeline_promise(events->state->lifeline, PATIENCE_MS);
	while (most-- && consumer_peek(events->consumer, &event)) {
		tell_losses(events);
		if (event.kind == EVENT_STATE) {
			consumer_done(events->consumer);
			continue;
		}
		event_about(events->state, &event, about, sizeof(about));
		name = name_of(events, &event);
		events_format(&event, name, about, line, sizeof(line));
		/* So frequent may it be that nothing else would be remembered. */
		if (event.kind == EVENT_LOWER_HEARD)
			log_message(LOG_DEBUG, "%s", line);
		else
			spread(events, &event, name, about, line);
		consumer_done(events->consumer);
	}
	history_flush(events->state->history);
	return most < 0;
}

static int on_wake(sd_event_source *source, int fd, uint32_t revents, void *context)
{
	eventfd_t ignored;

	eventfd_read(fd, &ignored);
	if (drain(context, EVENTS_PER_TURN))
		eventfd_write(fd, 1);
	return 0;
}

void *events_start(sd_event *loop, const struct core_state *state)
{
	struct events *events = calloc(1, sizeof(*events));
	int error;

	if (!events)
		return NULL;
	events->state = state;
	events->consumer = consumer_open(INHERIT_RING, INHERIT_BOOKMARKS, CONSUMER_CORE);
	if (!events->consumer) {
		free(events);
		return NULL;
	}
	events->lost = consumer_lost(events->consumer);
	error = sd_event_add_io(loop, &events->wake, INHERIT_WAKE, EPOLLIN, on_wake, events);
	if (error >= 0)
		error = sd_event_source_set_priority(events->wake, LATE_PRIORITY);
	if (error < 0) {
		sd_event_source_disable_unref(events->wake);
		consumer_close(events->consumer);
		free(events);
		errno = -error;
		return NULL;
	}
	remember_all(events);
	eventfd_write(INHERIT_WAKE, 1);
	return events;
}

void events_stop(void *service)
{
	struct events *events = service;

	if (!events)
		return;
	drain(events, INT_MAX);
	sd_event_source_disable_unref(events->wake);
	consumer_close(events->consumer);
	for (uint32_t slot = 0; slot < IMAGE_SLOTS; slot++)
		free(events->names[slot].name);
	free(events);
}
