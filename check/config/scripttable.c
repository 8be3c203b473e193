/* SPDX-License-Identifier: ISC */
#include "check/config/scripttable.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct slot {
	struct instance *current;
	struct instance *previous; /* another router, that was here until it was removed */
};

struct scripttable {
	uint64_t generation;
	struct slot slots[IMAGE_SLOTS];
	struct slot groups[IMAGE_GROUPS];
};

struct instance *instance_hold(struct instance *instance)
{
	instance->references++;
	return instance;
}

void command_clear(struct command *command)
{
	for (size_t i = 0; i < command->argument_count; i++)
		free(command->arguments[i]);
	free(command->arguments);
	*command = (struct command){0};
}

struct instance *instance_drop(struct instance *instance)
{
	if (!instance || --instance->references)
		return NULL;
	for (uint32_t i = 0; i < instance->command_count; i++)
		command_clear(&instance->commands[i]);
	free(instance->commands);
	free(instance->name);
	free(instance);
	return NULL;
}

bool command_copy(struct command *to, const struct image *image, const struct image_command *from)
{
	const char *argument = image_string(image, from->arguments);

	to->uid = from->uid;
	to->gid = from->gid;
	to->occasion = from->occasion;
	to->flags = from->flags;
	to->arguments = calloc((size_t)from->argument_count + 1, sizeof(*to->arguments));
	if (!to->arguments)
		return false;
	while (to->argument_count < from->argument_count) {
		char *copy = strdup(argument);

		if (!copy)
			return false;
		to->arguments[to->argument_count++] = copy;
		argument += strlen(argument) + 1;
	}
	return true;
}

static struct instance *instance_make(
	const struct image *image, uint32_t name, struct image_span span)
{
	const struct image_command *commands = image_commands(image) + span.first;
	struct instance *instance = calloc(1, sizeof(*instance));

	if (!instance)
		return NULL;
	instance->references = 1;
	instance->name = strdup(image_string(image, name));
	instance->commands = calloc(span.count, sizeof(*instance->commands));
	if (!instance->name || (span.count && !instance->commands))
		return instance_drop(instance);
	for (uint32_t i = 0; i < span.count; i++) {
		instance->command_count++;
		if (!command_copy(&instance->commands[i], image, &commands[i]))
			return instance_drop(instance);
	}
	return instance;
}

static struct instance *router_make(const struct image *image, const struct image_router *router)
{
	struct instance *instance = instance_make(image, router->name, router->commands);

	if (!instance)
		return NULL;
	memcpy(instance->interface, router->interface, sizeof(instance->interface));
	instance->family = router->family;
	instance->vrid = router->vrid;
	instance->alert = router->shown & IMAGE_SHOWN_ALERT;
	instance->told_deleted = router->flags & IMAGE_ROUTER_TELL_DELETED;
	instance->tells_priority = router->flags & IMAGE_ROUTER_TELL_PRIORITY;
	return instance;
}

struct scripttable *scripttable_create(void)
{
	return calloc(1, sizeof(struct scripttable));
}

struct scripttable *scripttable_free(struct scripttable *table)
{
	if (!table)
		return NULL;
	for (uint32_t i = 0; i < IMAGE_SLOTS; i++) {
		instance_drop(table->slots[i].current);
		instance_drop(table->slots[i].previous);
	}
	for (uint32_t i = 0; i < IMAGE_GROUPS; i++) {
		instance_drop(table->groups[i].current);
		instance_drop(table->groups[i].previous);
	}
	free(table);
	return NULL;
}

static bool is_same(const struct instance *a, const struct instance *b)
{
	if (a->is_group)
		return strcmp(a->name, b->name) == 0;
	return a->family == b->family && a->vrid == b->vrid &&
	       strncmp(a->interface, b->interface, sizeof(a->interface)) == 0;
}

static void replace(struct slot *slot, struct instance *next)
{
	if (slot->current && (!next || !is_same(slot->current, next))) {
		instance_drop(slot->previous);
		slot->previous = slot->current;
	} else {
		instance_drop(slot->current);
	}
	slot->current = next;
}

static void remove_missing(struct scripttable *table, const struct image *image)
{
	const struct image_router *router = image_routers(image);
	const struct image_router *end = router + image_header(image)->routers.count;

	for (uint32_t slot = 0; slot < IMAGE_SLOTS; slot++) {
		if (router < end && router->slot == slot)
			router++;
		else
			replace(&table->slots[slot], NULL);
	}
}

/* Only whole images have groups, and all of them. */
static int replace_groups(struct scripttable *table, const struct image *image)
{
	const struct image_group *group = image_groups(image);
	const struct image_group *end = group + image_header(image)->groups.count;

	for (uint32_t slot = 0; slot < IMAGE_GROUPS; slot++) {
		struct instance *next = NULL;

		if (group < end && group->slot == slot) {
			next = instance_make(image, group->name, group->commands);
			if (!next)
				return -ENOMEM;
			next->is_group = true;
			next->alert = group->flags & IMAGE_GROUP_ALERT;
			group++;
		}
		if (next || table->groups[slot].current)
			replace(&table->groups[slot], next);
	}
	return 0;
}

int scripttable_apply(struct scripttable *table, const struct image *image)
{
	const struct image_header *header = image_header(image);
	const struct image_router *routers = image_routers(image);
	const uint32_t *removed = image_removed(image);

	if (header->base_generation && header->base_generation != table->generation)
		return -ESTALE;
	if (!header->base_generation)
		remove_missing(table, image);
	for (uint32_t i = 0; i < header->removed.count; i++)
		replace(&table->slots[removed[i]], NULL);
	table->generation = 0;
	if (!header->base_generation && replace_groups(table, image) < 0)
		return -ENOMEM;
	for (uint32_t i = 0; i < header->routers.count; i++) {
		struct instance *next = router_make(image, &routers[i]);

		if (!next)
			return -ENOMEM;
		replace(&table->slots[routers[i].slot], next);
	}
	table->generation = header->generation;
	return 0;
}

uint64_t scripttable_generation(const struct scripttable *table)
{
	return table->generation;
}

static bool is_about(const struct event *event, const struct instance *instance)
{
	return instance && event->family == instance->family && event->vrid == instance->vrid &&
	       strncmp(event->interface, instance->interface, sizeof(event->interface)) == 0;
}

struct instance *scripttable_find(const struct scripttable *table, const struct event *event)
{
	const struct slot *slot;

	if (event->kind == EVENT_GROUP || (event->kind == EVENT_STATE && !event->vrid)) {
		slot = &table->groups[event->slot % IMAGE_GROUPS];
		return slot->current ? slot->current : slot->previous;
	}
	if (event->slot >= IMAGE_SLOTS)
		return NULL;
	slot = &table->slots[event->slot];
	if (is_about(event, slot->current))
		return slot->current;
	return is_about(event, slot->previous) ? slot->previous : NULL;
}
