/* SPDX-License-Identifier: ISC */
#include "vrrp/interface.h"

#include <stdlib.h>
#include <string.h>

static uint32_t name_bucket(const char *name)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (; *name; name++)
		hash = (hash ^ (uint8_t)*name) * 16777619u;
	return hash % INTERFACE_BUCKETS;
}

static struct engine_interface **index_bucket(struct interface_table *table, uint32_t index)
{
	return &table->by_index[index % INTERFACE_BUCKETS];
}

struct engine_interface *interface_by_name(struct interface_table *table, const char *name)
{
	struct engine_interface **bucket = &table->by_name[name_bucket(name)];
	struct engine_interface *interface;

	for (interface = *bucket; interface; interface = interface->next_by_name) {
		if (strcmp(interface->link.name, name) == 0)
			return interface;
	}
	interface = calloc(1, sizeof(*interface));
	if (!interface)
		return NULL;
	strncpy(interface->link.name, name, sizeof(interface->link.name) - 1);
	LIST_INIT(&interface->followers);
	interface->next_by_name = *bucket;
	*bucket = interface;
	return interface;
}

struct engine_interface *interface_by_index(const struct interface_table *table, uint32_t index)
{
	struct engine_interface *interface = table->by_index[index % INTERFACE_BUCKETS];

	while (interface && interface->link.index != index)
		interface = interface->next_by_index;
	return interface;
}

static void leave_index(struct interface_table *table, struct engine_interface *interface)
{
	struct engine_interface **place = index_bucket(table, interface->link.index);

	while (*place && *place != interface)
		place = &(*place)->next_by_index;
	if (*place)
		*place = interface->next_by_index;
}

bool interface_show(struct interface_table *table, struct engine_interface *interface,
	const struct applier_interface *link)
{
	struct engine_interface **bucket;
	bool moved;

	if (interface->link.index)
		leave_index(table, interface);
	interface->link = *link;
	interface->shown = 1;
	if (!link->index)
		return false;
	moved = interface->last_index && interface->last_index != link->index;
	interface->last_index = link->index;
	bucket = index_bucket(table, link->index);
	interface->next_by_index = *bucket;
	*bucket = interface;
	return moved;
}

struct vrrp_tracked interface_tracked(const struct engine_track *track)
{
	return (struct vrrp_tracked){
		.known = track->interface->shown,
		.failed = !track->interface->link.up,
		.weight = track->weight,
		.reverse = track->reverse,
	};
}

void interface_table_clear(struct interface_table *table)
{
	for (size_t i = 0; i < INTERFACE_BUCKETS; i++) {
		while (table->by_name[i]) {
			struct engine_interface *interface = table->by_name[i];

			table->by_name[i] = interface->next_by_name;
			free(interface);
		}
		table->by_index[i] = NULL;
	}
}
