/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_IMAGE_PARTS_H
#define AGENT_CORE_IMAGE_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "agent/conf/model.h"
#include "agent/core/accounts.h"
#include "agent/core/slots.h"
#include "lib/image.h"

/* The arrays of an image while it is built: inside agent/core/imagebuilder.c. */

enum part_kind {
	PART_ROUTERS,
	PART_ADDRESSES,
	PART_PEERS,
	PART_TRACKS,
	PART_COMMANDS,
	PART_REMOVED,
	PART_STRINGS,
	PART_ROUTES,
	PART_HOPS,
	PART_RULES,
	PART_PACES,
	PART_GROUPS,
	PART_TRACKERS,
	PART_USES,
	PARTS
};

/* An array that grows; offsets into it are counted in its elements. */
struct part {
	char *bytes;
	size_t length, room;
	size_t element;
};

struct builder {
	const struct config *config;
	const struct slots *slots;
	struct part parts[PARTS];
	struct image_span static_addresses, static_routes, static_rules;
	struct accounts accounts;
	int error; /* the first one; everything after it does nothing */
};

void parts_init(struct builder *builder, const struct config *config, const struct slots *slots);
void parts_clear(struct builder *builder);

/* Remembers the first error. */
void parts_fail(struct builder *builder, int error);

/* Elements in it. */
uint32_t parts_count(const struct part *part);

/* Appends `length` bytes and returns the number of the first element. */
uint32_t parts_append(struct builder *builder, struct part *part, const void *bytes, size_t length);

uint32_t parts_add_string(struct builder *builder, const char *text);

/* Interface names and labels were checked to fit when the file was read. */
void parts_copy_name(struct builder *builder, char name[16], const char *text);

/* Writes the spans of the arrays into the header, and the arrays where the layout has them. */
void parts_describe(const struct builder *builder, struct image_header *header);
void parts_place(const struct builder *builder, const struct image_layout *layout, char *bytes);

#endif
