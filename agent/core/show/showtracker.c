/* SPDX-License-Identifier: ISC */
#include "agent/core/show/showtracker.h"

#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "agent/core/jsontext.h"
#include "lib/clock.h"
#include "lib/descriptor.h"
#include "lib/tracker.h"
#include "vrrp/status.h"

#define RESULT_ROOM 64

static struct status_tracker read_tracker(
	const struct core_state *state, enum image_tracker_kind kind, const char *name)
{
	int slot = slots_find_tracker(state->slots, kind, name);
	union status_row row = {0};

	if (slot < 0 || board_read(state->board, status_tracker_row((uint32_t)slot), &row) < 0 ||
		row.tracker.identity != tracker_identity(kind, name))
		return (struct status_tracker){.kind = (uint8_t)kind};
	return row.tracker;
}

static json_t *describe(const struct status_tracker *row, const char *name, uint64_t now)
{
	char result[RESULT_ROOM];
	json_t *since = json_null();

	tracker_result_text(row->result, row->value, result, sizeof(result));
	if (row->since)
		since = json_real(
			now > row->since ? (double)(now - row->since) / (double)NSEC_PER_SEC : 0.0);
	return json_pack("{s:o, s:s, s:s, s:i, s:o, s:s}", "name", json_text(name), "kind",
		tracker_kind_word(row->kind), "state", tracker_state_word(row->state), "value",
		(int)row->value, "since", since, "result", result);
}

json_t *show_trackers(const struct core_state *state, uint64_t now)
{
	const struct tracker_list *list = &state->config->trackers;
	json_t *array = json_array();

	for (size_t i = 0; i < list->count; i++) {
		const struct tracker *tracker = &list->items[i];
		struct status_tracker row = read_tracker(state, tracker->kind, tracker->name);

		json_array_append_new(array, describe(&row, tracker->name, now));
	}
	return array;
}

/* Interfaces are the engine's own to follow, and the kernel's to ask. */
static bool is_up(const char *interface)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {0};
	bool up;

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	up = fd >= 0 && ioctl(fd, SIOCGIFFLAGS, &request) == 0 &&
	     (request.ifr_flags & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING);
	descriptor_close(fd);
	return up;
}

static void add_interfaces(json_t *array, const struct tracked_interface_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct tracked_interface *tracked = &list->items[i];
		bool up = is_up(tracked->name);

		json_array_append_new(
			array, json_pack("{s:o, s:s, s:s, s:n, s:n, s:s, s:i, s:b}", "name",
				       json_text(tracked->name), "kind", "interface", "state",
				       tracker_state_word(up ? TRACKER_OK : TRACKER_FAILED),
				       "value", "since", "result", up ? "up" : "down", "weight",
				       tracked->weight, "reverse", tracked->reverse));
	}
}

json_t *show_tracked(const struct core_state *state, const struct instance *instance, uint64_t now)
{
	json_t *array = json_array();

	for (unsigned kind = 0; kind < IMAGE_TRACKER_KIND_COUNT; kind++) {
		const struct tracked_list *list = &instance->tracked[kind];

		for (size_t i = 0; i < list->count; i++) {
			const struct tracked *tracked = &list->items[i];
			struct status_tracker row = read_tracker(state, kind, tracked->name);
			json_t *object = describe(&row, tracked->name, now);

			json_object_set_new(object, "weight", json_integer(tracked->weight));
			json_object_set_new(object, "reverse", json_boolean(tracked->reverse));
			json_array_append_new(array, object);
		}
	}
	add_interfaces(array, &instance->track_interfaces);
	return array;
}
