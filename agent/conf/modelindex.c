/* SPDX-License-Identifier: ISC */
/* What finds instances and trackers by what they are called. */
#include "agent/conf/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/conf/text/arena.h"

#define INDEX_ROOM_MIN 64

/*
 * Two open-addressed tables of twice as many slots as instances, or more; a power of two.
 * NULL ends a run of collisions, so entries are never taken out one by one: the tables
 * are filled anew instead.
 */
struct config_index {
	size_t slots;
	struct instance **by_name;
	struct instance **by_identity;
};

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length)
{
	const unsigned char *octet = bytes;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ octet[i]) * 0x100000001b3ull;
	return hash;
}

static uint64_t hash_name(const char *name)
{
	uint64_t hash = hash_bytes(0xcbf29ce484222325ull, name, strlen(name));

	return hash ^ hash >> 32;
}

static uint64_t hash_identity(const char *interface, int family, uint8_t vrid)
{
	const unsigned char tail[2] = {(unsigned char)family, vrid};
	uint64_t hash = hash_bytes(0xcbf29ce484222325ull, interface, strlen(interface));

	hash = hash_bytes(hash, tail, sizeof(tail));
	return hash ^ hash >> 32;
}

static bool same_identity(
	const struct instance *instance, const char *interface, int family, uint8_t vrid)
{
	return instance->vrid == vrid && instance->family == family &&
	       strcmp(instance->interface, interface) == 0;
}

static bool has_identity(const struct instance *instance)
{
	return instance->interface && instance->vrid != 0 && instance->family != AF_UNSPEC;
}

/* The slot that holds the name, or the empty one where it belongs. */
static struct instance **name_slot(const struct config_index *index, const char *name)
{
	size_t i = hash_name(name) & (index->slots - 1);

	while (index->by_name[i] && strcmp(index->by_name[i]->name, name) != 0)
		i = (i + 1) & (index->slots - 1);
	return &index->by_name[i];
}

static struct instance **identity_slot(
	const struct config_index *index, const char *interface, int family, uint8_t vrid)
{
	size_t i = hash_identity(interface, family, vrid) & (index->slots - 1);

	while (index->by_identity[i] &&
		!same_identity(index->by_identity[i], interface, family, vrid))
		i = (i + 1) & (index->slots - 1);
	return &index->by_identity[i];
}

static void index_insert(struct config_index *index, struct instance *instance)
{
	struct instance **slot = name_slot(index, instance->name);

	if (!*slot)
		*slot = instance;
	if (!has_identity(instance))
		return;
	slot = identity_slot(index, instance->interface, instance->family, instance->vrid);
	if (!*slot)
		*slot = instance;
}

void config_index_fill(struct config *config)
{
	struct config_index *index = config->index;

	memset(index->by_name, 0, index->slots * sizeof(*index->by_name));
	memset(index->by_identity, 0, index->slots * sizeof(*index->by_identity));
	for (size_t i = 0; i < config->instance_count; i++)
		index_insert(index, config->instances[i]);
}

static int index_reserve(struct config_index *index, size_t instances)
{
	size_t slots = index->slots ? index->slots : INDEX_ROOM_MIN;
	struct instance **by_name, **by_identity;

	while (slots < 2 * instances)
		slots *= 2;
	if (slots == index->slots)
		return 0;
	by_name = calloc(slots, sizeof(*by_name));
	by_identity = calloc(slots, sizeof(*by_identity));
	if (!by_name || !by_identity) {
		free(by_name);
		free(by_identity);
		return -ENOMEM;
	}
	free(index->by_name);
	free(index->by_identity);
	*index = (struct config_index){slots, by_name, by_identity};
	return 1;
}

struct config_index *config_index_new(void)
{
	struct config_index *index = calloc(1, sizeof(*index));

	if (index && index_reserve(index, 0) < 0)
		return config_index_free(index);
	return index;
}

struct config_index *config_index_free(struct config_index *index)
{
	if (!index)
		return NULL;
	free(index->by_name);
	free(index->by_identity);
	free(index);
	return NULL;
}

int config_index_added(struct config *config)
{
	int grown = index_reserve(config->index, config->instance_count);

	if (grown < 0)
		return grown;
	if (grown > 0)
		config_index_fill(config);
	else
		index_insert(config->index, config->instances[config->instance_count - 1]);
	return 0;
}

static int compare_trackers(const struct tracker *left, const struct tracker *right)
{
	return left->kind != right->kind ? left->kind - right->kind
					 : strcmp(left->name, right->name);
}

/* Of two with the same name the first one of the file comes first. */
static int tracker_order(const void *left, const void *right)
{
	const struct tracker *const *a = left, *const *b = right;
	int order = compare_trackers(*a, *b);

	return order ? order : (*a > *b) - (*a < *b);
}

static int tracker_of_name(const void *key, const void *item)
{
	const struct tracker *const *tracker = item;

	return compare_trackers(key, *tracker);
}

static int index_trackers(struct config *config)
{
	const struct tracker_list *list = &config->trackers;
	const struct tracker **order;

	config->tracker_order = NULL;
	if (!list->count)
		return 0;
	order = arena_alloc(config->arena, list->count * sizeof(*order));
	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < list->count; i++)
		order[i] = &list->items[i];
	qsort(order, list->count, sizeof(*order), tracker_order);
	config->tracker_order = order;
	return 0;
}

int config_reindex(struct config *config)
{
	int grown = index_reserve(config->index, config->instance_count);

	if (grown < 0)
		return grown;
	config_index_fill(config);
	return index_trackers(config);
}

struct instance *config_find_name(const struct config *config, const char *name)
{
	return *name_slot(config->index, name);
}

struct instance *config_find_identity(
	const struct config *config, const char *interface, int family, uint8_t vrid)
{
	return *identity_slot(config->index, interface, family, vrid);
}

const struct tracker *config_find_tracker(
	const struct config *config, enum image_tracker_kind kind, const char *name)
{
	const struct tracker key = {.kind = (uint8_t)kind, .name = name};
	const struct tracker **found = NULL;

	if (config->tracker_order)
		found = bsearch(&key, config->tracker_order, config->trackers.count,
			sizeof(*config->tracker_order), tracker_of_name);
	return found ? *found : NULL;
}
