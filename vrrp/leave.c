/* SPDX-License-Identifier: ISC */
#include "vrrp/engine.h"

#include "vrrp/engine_state.h"
#include "vrrp/handover.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SECTIONS_MAX 16

static void describe(struct handover_router *to, const struct engine_router *from)
{
	const struct vrrp_configuration *identity = &from->protocol.configuration;

	memcpy(to->interface, from->interface->link.name, sizeof(to->interface));
	to->family = identity->family;
	to->vrid = identity->vrid;
	to->last_transition = from->last_transition;
	to->counting_since = from->counting_since;
	to->state = from->protocol.state;
	to->ah = from->protocol.ah;
	to->statistics = from->protocol.statistics;
}

static size_t collect(
	const struct engine *engine, struct handover_router *routers, const void **records)
{
	size_t count = 0;

	for (uint32_t slot = 0; slot < IMAGE_SLOTS; slot++) {
		const struct engine_router *router = engine->routers[slot];

		if (!router)
			continue;
		/* Left to us, and not yet taken up: it goes on to the next as it came. */
		if (router->left)
			routers[count] = *router->left;
		else
			describe(&routers[count], router);
		records[count] = &routers[count];
		count++;
	}
	return count;
}

static size_t collect_trackers(
	const struct engine *engine, struct handover_tracker *trackers, const void **records)
{
	size_t count = 0;

	for (uint32_t slot = 0; slot < IMAGE_TRACKERS; slot++) {
		const struct engine_tracker *tracker = &engine->trackers[slot];

		if (!tracker->identity)
			continue;
		trackers[count] = (struct handover_tracker){.identity = tracker->identity,
			.since = tracker->since,
			.value = tracker->value,
			.state = tracker->state,
			.result = tracker->result};
		records[count] = &trackers[count];
		count++;
	}
	return count;
}

int engine_leave(const struct engine *engine, const struct archive_section *more, size_t count)
{
	struct handover_router *routers = calloc(IMAGE_SLOTS, sizeof(*routers));
	struct handover_tracker *trackers = calloc(IMAGE_TRACKERS, sizeof(*trackers));
	const void **records = calloc(IMAGE_SLOTS + IMAGE_TRACKERS, sizeof(*records));
	const void *const own[] = {&engine->status};
	struct archive_section sections[SECTIONS_MAX] = {
		{HANDOVER_ENGINE, handover_engine_fields, handover_engine_field_count, own, 1},
		{HANDOVER_ROUTERS, handover_router_fields, handover_router_field_count, records, 0},
		{HANDOVER_TRACKERS, handover_tracker_fields, handover_tracker_field_count,
			records + IMAGE_SLOTS, 0},
	};
	int fd = -ENOMEM;

	if (routers && trackers && records && count + 3 <= SECTIONS_MAX) {
		sections[1].record_count = collect(engine, routers, records);
		sections[2].record_count =
			collect_trackers(engine, trackers, records + IMAGE_SLOTS);
		if (count)
			memcpy(&sections[3], more, count * sizeof(*more));
		fd = archive_write(sections, count + 3);
	}
	free(records);
	free(trackers);
	free(routers);
	return fd;
}
