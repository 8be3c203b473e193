/* SPDX-License-Identifier: ISC */
#include "agent/core/image/imagetracker.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "agent/conf/syncgroup.h"
#include "agent/core/script_user.h"

static void set_script(
	struct builder *builder, struct image_tracker *item, const struct tracker *tracker)
{
	const struct notify_script *command = &tracker->command;
	struct script_user user;
	int error = script_user_resolve(&builder->config->globals, command, &user);

	if (error) {
		parts_fail(builder, error);
		return;
	}
	item->uid = user.uid;
	item->gid = user.gid;
	item->argument_count = (uint32_t)command->argc;
	item->arguments = parts_count(&builder->parts[PART_STRINGS]);
	for (size_t i = 0; i < command->argc; i++)
		parts_add_string(builder, command->argv[i]);
	item->interval = tracker->interval_ns;
	item->timeout = tracker->timeout_ns;
	item->rise = tracker->rise;
	item->fall = tracker->fall;
}

static void add_tracker(struct builder *builder, const struct tracker *tracker, int slot)
{
	struct image_tracker item = {
		.slot = (uint32_t)slot,
		.name = parts_add_string(builder, tracker->name),
		.kind = tracker->kind,
	};

	switch (tracker->kind) {
	case IMAGE_TRACKER_SCRIPT:
		set_script(builder, &item, tracker);
		break;
	default:
		break;
	}
	parts_append(builder, &builder->parts[PART_TRACKERS], &item, sizeof(item));
}

void imagetracker_add_all(struct builder *builder)
{
	const struct tracker_list *list = &builder->config->trackers;
	const struct tracker **by_slot;

	if (!list->count)
		return;
	by_slot = calloc(IMAGE_TRACKERS, sizeof(*by_slot));
	if (!by_slot) {
		parts_fail(builder, -ENOMEM);
		return;
	}
	for (size_t i = 0; i < list->count; i++) {
		const struct tracker *tracker = &list->items[i];
		int slot = slots_find_tracker(builder->slots, tracker->kind, tracker->name);

		if (slot >= 0)
			by_slot[slot] = tracker;
		else
			parts_fail(builder, -EINVAL);
	}
	for (int slot = 0; slot < IMAGE_TRACKERS; slot++)
		if (by_slot[slot])
			add_tracker(builder, by_slot[slot], slot);
	free(by_slot);
}

static void add_uses(
	struct builder *builder, unsigned kind, const struct tracked_list *list, bool weights_count)
{
	for (size_t i = 0; i < list->count; i++) {
		int slot = slots_find_tracker(builder->slots, kind, list->items[i].name);
		const struct image_use item = {
			.tracker = (uint32_t)slot,
			.weight = list->items[i].weight,
			.reverse = list->items[i].reverse,
		};

		if (item.weight != 0 && !weights_count)
			continue;
		if (slot < 0)
			parts_fail(builder, -EINVAL);
		parts_append(builder, &builder->parts[PART_USES], &item, sizeof(item));
	}
}

struct image_span imagetracker_uses(struct builder *builder, const struct instance *instance)
{
	const struct sync_group *group = config_group_of(builder->config, instance);
	const bool own_weights = config_own_weights_count(builder->config, instance);
	struct image_span span = {.first = parts_count(&builder->parts[PART_USES])};

	for (unsigned kind = 0; kind < IMAGE_TRACKER_KIND_COUNT; kind++) {
		add_uses(builder, kind, &instance->tracked[kind], own_weights);
		if (group)
			add_uses(builder, kind, &group->tracked[kind], true);
	}
	span.count = parts_count(&builder->parts[PART_USES]) - span.first;
	return span;
}
