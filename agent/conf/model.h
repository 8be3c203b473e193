/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_MODEL_H
#define AGENT_CONF_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/conf/globals.h"
#include "agent/conf/instance.h"
#include "agent/conf/items.h"
#include "agent/conf/trackermodel.h"
#include "lib/image.h"

/*
 * The typed configuration: what the file, SNMP and vrrpctl edit together.
 *
 * A config owns every string, array and instance in it through one arena, so a
 * single config_free() releases all. Replaced values stay in the arena until
 * then; config_copy() makes a compact copy.
 *
 * Not thread-safe: one owner at a time. Times are nanoseconds.
 */

struct arena;
struct config_index;
struct sync_group; /* agent/conf/syncgroup.h */

struct config {
	struct globals globals;
	struct instance **instances; /* in the order of the file */
	size_t instance_count;
	struct sync_group **groups;
	size_t group_count;
	struct string_list destroyed; /* instances of the file that management took away, sorted */
	struct tracker_list trackers;

	/* private to the model's files */
	size_t instance_room, group_room;
	struct config_index *index;
	const struct tracker **tracker_order; /* by kind and name, of config_reindex() */
	struct arena *arena;
};

/* A new configuration with every default in place and no instance; NULL: out of memory. */
struct config *config_new(void);

/* Takes NULL; returns NULL. */
struct config *config_free(struct config *config);

/* An independent, compact copy with the same origins; NULL: out of memory. */
struct config *config_copy(const struct config *config);

/* Whether two models mean the same; origins and what was destroyed do not count, the order of
 * instances does. */
bool config_equal(const struct config *a, const struct config *b);
bool instance_equal(const struct instance *a, const struct instance *b);

/* Memory of the config's arena, zeroed; freed with the config. NULL: out of memory. */
void *config_alloc(struct config *config, size_t size);

/* A terminated copy in the arena. NULL: out of memory. */
const char *config_string(struct config *config, const char *text, size_t length);

/* The index behind config_find_name() and its like, for the model's own files. NULL: out of memory.
 */
struct config_index *config_index_new(void);

/* Takes NULL; returns NULL. */
struct config_index *config_index_free(struct config_index *index);

/* Takes in the instance that was appended last. 0 or -ENOMEM, and then nothing has changed. */
int config_index_added(struct config *config);

/* Anew, for the instances that there are; their number has not grown. */
void config_index_fill(struct config *config);

/*
 * Append an instance with the defaults of its kind. Returns NULL when memory is
 * short or the name is taken. It is found by name at once, by identity after
 * config_reindex().
 */
struct instance *config_add_instance(struct config *config, const char *name);

/* Append a garp_group; pointers to others are no longer valid. NULL: memory is short. */
struct garp_group *config_add_garp_group(struct config *config);

/* Append a tracker with the defaults of its kind; pointers to others are no longer valid.  NULL:
 * memory is short. */
struct tracker *config_add_tracker(
	struct config *config, enum image_tracker_kind kind, const char *name);

/* Take an instance out; -ENOENT when it is not of this config. */
int config_remove_instance(struct config *config, struct instance *instance);

/*
 * Call after interface, family, vrid or name of any instance changed. With
 * duplicates the first instance of the file is the one found. 0 or -ENOMEM.
 */
int config_reindex(struct config *config);

/* Takes out instances of the file and remembers their names; to be undone by config_free() only.
 * The list comes back in another order. 0 or -ENOMEM, and then nothing has changed. */
int config_destroy_instances(struct config *config, struct instance **list, size_t count);

/* In O(log n): whether that took it out. */
bool config_was_destroyed(const struct config *config, const char *name);

/* How many of its addresses are in service. */
size_t instance_active_addresses(const struct instance *instance);

/* Look-ups in constant time; NULL = there is none. */
struct instance *config_find_name(const struct config *config, const char *name);
struct instance *config_find_identity(
	const struct config *config, const char *interface, int family, uint8_t vrid);

/* In O(log n), after config_reindex(). */
const struct tracker *config_find_tracker(
	const struct config *config, enum image_tracker_kind kind, const char *name);

/* Fill in what follows from other values: family, version, and garp from the globals. */
void config_resolve(struct config *config);
void config_resolve_globals(struct config *config);
void config_resolve_instance(const struct config *config, struct instance *instance);

/* The interface of static addresses that name none. */
const char *config_default_interface(const struct config *config);

/* Whether they have one family and there the same octets, or neither is set. */
bool ip_address_equal(const struct ip_address *a, const struct ip_address *b);

#endif
