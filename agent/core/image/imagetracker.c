/* SPDX-License-Identifier: ISC */
#include "agent/core/image/imagetracker.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "agent/conf/syncgroup.h"
#include "agent/core/script_user.h"
#include "vrrp/protocol/limits.h"

static void set_arguments(struct builder *builder, struct image_tracker *item,
	const char *const *arguments, size_t count)
{
	item->argument_count = (uint32_t)count;
	item->arguments = parts_count(&builder->parts[PART_STRINGS]);
	for (size_t i = 0; i < count; i++)
		parts_add_string(builder, arguments[i]);
}

static void set_process(
	struct builder *builder, struct image_tracker *item, const struct tracker *tracker)
{
	set_arguments(builder, item, tracker->command.argv, tracker->command.argc);
	item->parameters = tracker->parameters;
	item->flags = tracker->full_command ? IMAGE_TRACKER_FULL_COMMAND : 0;
	item->quorum = tracker->quorum_max ? tracker->quorum : 0;
	item->quorum_max = tracker->quorum_max;
	item->fork_delay = tracker->fork_delay_ns;
	item->terminate_delay = tracker->terminate_delay_ns;
}

static void set_file(
	struct builder *builder, struct image_tracker *item, const struct tracker *tracker)
{
	set_arguments(builder, item, (const char *const *)&tracker->path, 1);
	if (tracker->init_file.written)
		item->flags |= IMAGE_TRACKER_INIT;
	if (tracker->init_file.overwrite)
		item->flags |= IMAGE_TRACKER_OVERWRITE;
	item->init_value = tracker->init_file.value;
}

static void set_script(
	struct builder *builder, struct image_tracker *item, const struct tracker *tracker)
{
	const struct notify_script *command = &tracker->command;
	struct script_user user;
	int error =
		script_user_resolve(&builder->accounts, &builder->config->globals, command, &user);

	if (error) {
		parts_fail(builder, error);
		return;
	}
	item->uid = user.uid;
	item->gid = user.gid;
	set_arguments(builder, item, command->argv, command->argc);
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
	case IMAGE_TRACKER_PROCESS:
		set_process(builder, &item, tracker);
		break;
	default:
		set_file(builder, &item, tracker);
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

/* As keepalived, where a number can't change an owner's priority: with the weight that a file has
 * unless another is written it is good or bad, with any other it does not count. */
static bool is_ignored(unsigned kind, const struct tracked *tracked, bool owner)
{
	return kind == IMAGE_TRACKER_FILE && owner && tracked->weight != 0 && tracked->weight != 1;
}

static int weight_of(unsigned kind, const struct tracked *tracked, bool owner)
{
	return kind == IMAGE_TRACKER_FILE && owner ? 0 : tracked->weight;
}

static void add_uses(struct builder *builder, unsigned kind, const struct tracked_list *list,
	bool weights_count, bool owner)
{
	for (size_t i = 0; i < list->count; i++) {
		int slot = slots_find_tracker(builder->slots, kind, list->items[i].name);
		const struct image_use item = {
			.tracker = (uint32_t)slot,
			.weight = weight_of(kind, &list->items[i], owner),
			.reverse = list->items[i].reverse,
		};

		if ((list->items[i].weight != 0 && !weights_count) ||
			is_ignored(kind, &list->items[i], owner))
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
	const bool owner = instance->priority == VRRP_PRIORITY_OWNER;
	struct image_span span = {.first = parts_count(&builder->parts[PART_USES])};

	for (unsigned kind = 0; kind < IMAGE_TRACKER_KIND_COUNT; kind++) {
		add_uses(builder, kind, &instance->tracked[kind], own_weights, owner);
		if (group)
			add_uses(builder, kind, &group->tracked[kind], true, owner);
	}
	span.count = parts_count(&builder->parts[PART_USES]) - span.first;
	return span;
}
