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

static size_t collect_groups(
	const struct engine *engine, struct handover_group *groups, const void **records)
{
	size_t count = 0;

	for (uint32_t slot = 0; slot < IMAGE_GROUPS; slot++) {
		const struct engine_group *group = engine->sync_groups[slot];

		if (!group)
			continue;
		groups[count] = (struct handover_group){.identity = group->identity,
			.since = group->since,
			.transitions = group->transitions,
			.state = group->state};
		records[count] = &groups[count];
		count++;
	}
	return count;
}

/* What is written, and for each of it where it is. */
struct leaving {
	struct handover_router routers[IMAGE_SLOTS];
	struct handover_tracker trackers[IMAGE_TRACKERS];
	struct handover_group groups[IMAGE_GROUPS];
	const void *router_records[IMAGE_SLOTS];
	const void *tracker_records[IMAGE_TRACKERS];
	const void *group_records[IMAGE_GROUPS];
};

int engine_leave(const struct engine *engine, const struct archive_section *more, size_t count)
{
	struct leaving *leaving = calloc(1, sizeof(*leaving));
	const void *const own[] = {&engine->status};
	struct archive_section sections[SECTIONS_MAX] = {
		{HANDOVER_ENGINE, handover_engine_fields, handover_engine_field_count, own, 1}};
	int fd;

	if (!leaving)
		return -ENOMEM;
	sections[1] = (struct archive_section){HANDOVER_ROUTERS, handover_router_fields,
		handover_router_field_count, leaving->router_records,
		collect(engine, leaving->routers, leaving->router_records)};
	sections[2] = (struct archive_section){HANDOVER_TRACKERS, handover_tracker_fields,
		handover_tracker_field_count, leaving->tracker_records,
		collect_trackers(engine, leaving->trackers, leaving->tracker_records)};
	sections[3] = (struct archive_section){HANDOVER_GROUPS, handover_group_fields,
		handover_group_field_count, leaving->group_records,
		collect_groups(engine, leaving->groups, leaving->group_records)};
	if (count > SECTIONS_MAX - 4)
		count = SECTIONS_MAX - 4;
	if (count)
		memcpy(&sections[4], more, count * sizeof(*more));
	fd = archive_write(sections, count + 4);
	free(leaving);
	return fd;
}
