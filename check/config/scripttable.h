/* SPDX-License-Identifier: ISC */
#ifndef CHECK_CONFIG_SCRIPTTABLE_H
#define CHECK_CONFIG_SCRIPTTABLE_H

#include "lib/event.h"
#include "lib/image.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the check process keeps of the configuration: for each slot the identity of the virtual
 * router, or of the sync group, and its scripts. */

struct command {
	char **arguments; /* NULL after the last */
	size_t argument_count;
	uint32_t uid;
	uint32_t gid;
	uint8_t occasion; /* enum image_occasion */
	uint8_t flags;	  /* enum image_command_flag */
};

/* A command of the image, whole or not; to be cleared either way. */
bool command_copy(struct command *to, const struct image *image, const struct image_command *from);
void command_clear(struct command *command);

/* A virtual router or a sync group as one configuration had it; never changes.  Shared by the table
 * and by the scripts that are under way, hence counted. */
struct instance {
	unsigned int references;
	char *name;
	bool is_group; /* a sync group: it has nothing but its name and its scripts */
	char interface[16];
	uint8_t family;
	uint8_t vrid;
	bool told_deleted;   /* its removal is told as DELETED */
	bool tells_priority; /* FIFOs are told when its priority changes */
	bool alert;	     /* mail tells of it */
	uint32_t command_count;
	struct command *commands;
};

struct instance *instance_hold(struct instance *instance);
struct instance *instance_drop(struct instance *instance);

struct scripttable;

/* NULL: no memory. */
struct scripttable *scripttable_create(void);

struct scripttable *scripttable_free(struct scripttable *table);

/* Takes an image over, whole or delta.  0; -ESTALE: a delta whose base is not what is here, nothing
 * changed; -ENOMEM: half of it was taken, and a whole image is needed. */
int scripttable_apply(struct scripttable *table, const struct image *image);

/* Generation of the last image, 0: none. */
uint64_t scripttable_generation(const struct scripttable *table);

/* The virtual router or, by EVENT_GROUP, the sync group that the event is about, or NULL.  An event
 * may be older than the image: what went with the last change of its slot is still found. */
struct instance *scripttable_find(const struct scripttable *table, const struct event *event);

#endif
