/* SPDX-License-Identifier: ISC */
#include "agent/core/image/parts.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_MIN 4096

/* Of each array: the size of an element, and where its span and its place are kept. */
static const struct {
	size_t element, span, place;
} kinds[PARTS] = {
	[PART_ROUTERS] = {sizeof(struct image_router), offsetof(struct image_header, routers),
		offsetof(struct image_layout, routers)},
	[PART_ADDRESSES] = {sizeof(struct image_address), offsetof(struct image_header, addresses),
		offsetof(struct image_layout, addresses)},
	[PART_PEERS] = {sizeof(struct image_peer), offsetof(struct image_header, peers),
		offsetof(struct image_layout, peers)},
	[PART_TRACKS] = {sizeof(struct image_track), offsetof(struct image_header, tracks),
		offsetof(struct image_layout, tracks)},
	[PART_COMMANDS] = {sizeof(struct image_command), offsetof(struct image_header, commands),
		offsetof(struct image_layout, commands)},
	[PART_REMOVED] = {sizeof(uint32_t), offsetof(struct image_header, removed),
		offsetof(struct image_layout, removed)},
	[PART_STRINGS] = {sizeof(char), offsetof(struct image_header, strings),
		offsetof(struct image_layout, strings)},
	[PART_ROUTES] = {sizeof(struct image_route), offsetof(struct image_header, routes),
		offsetof(struct image_layout, routes)},
	[PART_HOPS] = {sizeof(struct image_hop), offsetof(struct image_header, hops),
		offsetof(struct image_layout, hops)},
	[PART_RULES] = {sizeof(struct image_rule), offsetof(struct image_header, rules),
		offsetof(struct image_layout, rules)},
	[PART_PACES] = {sizeof(struct image_pace), offsetof(struct image_header, paces),
		offsetof(struct image_layout, paces)},
	[PART_GROUPS] = {sizeof(struct image_group), offsetof(struct image_header, groups),
		offsetof(struct image_layout, groups)},
	[PART_TRACKERS] = {sizeof(struct image_tracker), offsetof(struct image_header, trackers),
		offsetof(struct image_layout, trackers)},
	[PART_USES] = {sizeof(struct image_use), offsetof(struct image_header, uses),
		offsetof(struct image_layout, uses)},
};

void parts_init(struct builder *builder, const struct config *config, const struct slots *slots)
{
	*builder = (struct builder){.config = config, .slots = slots};
	for (size_t i = 0; i < PARTS; i++)
		builder->parts[i].element = kinds[i].element;
}

void parts_clear(struct builder *builder)
{
	for (size_t i = 0; i < PARTS; i++)
		free(builder->parts[i].bytes);
}

void parts_fail(struct builder *builder, int error)
{
	if (!builder->error)
		builder->error = error;
}

uint32_t parts_count(const struct part *part)
{
	return (uint32_t)(part->length / part->element);
}

static bool reserve(struct part *part, size_t length)
{
	size_t room = part->room ? part->room : ROOM_MIN;
	char *grown;

	while (room < part->length + length)
		room *= 2;
	if (room == part->room)
		return true;
	grown = realloc(part->bytes, room);
	if (!grown)
		return false;
	part->bytes = grown;
	part->room = room;
	return true;
}

uint32_t parts_append(struct builder *builder, struct part *part, const void *bytes, size_t length)
{
	uint32_t first = parts_count(part);

	if (part->length + length > UINT32_MAX || !reserve(part, length)) {
		parts_fail(builder, -ENOMEM);
		return 0;
	}
	memcpy(part->bytes + part->length, bytes, length);
	part->length += length;
	return first;
}

uint32_t parts_add_string(struct builder *builder, const char *text)
{
	return parts_append(builder, &builder->parts[PART_STRINGS], text, strlen(text) + 1);
}

void parts_copy_name(struct builder *builder, char name[16], const char *text)
{
	size_t length = strlen(text);

	if (length >= 16)
		parts_fail(builder, -EINVAL);
	else
		memcpy(name, text, length + 1);
}

void parts_describe(const struct builder *builder, struct image_header *header)
{
	for (size_t i = 0; i < PARTS; i++) {
		struct image_span *span = (void *)((char *)header + kinds[i].span);

		span->count = parts_count(&builder->parts[i]);
	}
}

void parts_place(const struct builder *builder, const struct image_layout *layout, char *bytes)
{
	for (size_t i = 0; i < PARTS; i++) {
		const struct part *part = &builder->parts[i];
		const size_t *offset = (const void *)((const char *)layout + kinds[i].place);

		if (part->length > 0)
			memcpy(bytes + *offset, part->bytes, part->length);
	}
}
