/* SPDX-License-Identifier: ISC */
#include "vrrp/engine.h"

#include "vrrp/engine_state.h"
#include "vrrp/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SECTIONS_MAX 16

static void describe(struct snapshot_router *to, const struct engine_router *from)
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
	const struct engine *engine, struct snapshot_router *routers, const void **records)
{
	size_t count = 0;

	for (uint32_t slot = 0; slot < IMAGE_SLOTS; slot++) {
		const struct engine_router *router = engine->routers[slot];

		if (!router)
			continue;
		/* Left to us, and not yet taken up: it goes on to the next as it came. */
		if (router->snapshot)
			routers[count] = *router->snapshot;
		else
			describe(&routers[count], router);
		records[count] = &routers[count];
		count++;
	}
	return count;
}

static size_t collect_trackers(
	const struct engine *engine, struct snapshot_tracker *trackers, const void **records)
{
	size_t count = 0;

	for (uint32_t slot = 0; slot < IMAGE_TRACKERS; slot++) {
		const struct engine_tracker *tracker = &engine->trackers[slot];

		if (!tracker->identity)
			continue;
		trackers[count] = (struct snapshot_tracker){.identity = tracker->identity,
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
	const struct engine *engine, struct snapshot_group *groups, const void **records)
{
	size_t count = 0;

	for (uint32_t slot = 0; slot < IMAGE_GROUPS; slot++) {
		const struct engine_group *group = engine->sync_groups[slot];

		if (!group)
			continue;
		groups[count] = (struct snapshot_group){.identity = group->identity,
			.since = group->since,
			.transitions = group->transitions,
			.state = group->state};
		records[count] = &groups[count];
		count++;
	}
	return count;
}

/* What is written, and for each of it where it is. */
struct taken {
	struct snapshot_router routers[IMAGE_SLOTS];
	struct snapshot_tracker trackers[IMAGE_TRACKERS];
	struct snapshot_group groups[IMAGE_GROUPS];
	const void *router_records[IMAGE_SLOTS];
	const void *tracker_records[IMAGE_TRACKERS];
	const void *group_records[IMAGE_GROUPS];
};

int engine_take_snapshot(
	const struct engine *engine, const struct archive_section *more, size_t count)
{
	struct taken *taken = calloc(1, sizeof(*taken));
	const void *const own[] = {&engine->status};
	struct archive_section sections[SECTIONS_MAX] = {
		{SNAPSHOT_ENGINE, snapshot_engine_fields, snapshot_engine_field_count, own, 1}};
	int fd;

	if (!taken)
		return -ENOMEM;
	sections[1] = (struct archive_section){SNAPSHOT_ROUTERS, snapshot_router_fields,
		snapshot_router_field_count, taken->router_records,
		collect(engine, taken->routers, taken->router_records)};
	sections[2] = (struct archive_section){SNAPSHOT_TRACKERS, snapshot_tracker_fields,
		snapshot_tracker_field_count, taken->tracker_records,
		collect_trackers(engine, taken->trackers, taken->tracker_records)};
	sections[3] = (struct archive_section){SNAPSHOT_GROUPS, snapshot_group_fields,
		snapshot_group_field_count, taken->group_records,
		collect_groups(engine, taken->groups, taken->group_records)};
	if (count > SECTIONS_MAX - 4)
		count = SECTIONS_MAX - 4;
	if (count)
		memcpy(&sections[4], more, count * sizeof(*more));
	fd = archive_write(sections, count + 4);
	free(taken);
	return fd;
}
