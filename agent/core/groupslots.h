/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_GROUPSLOTS_H
#define AGENT_CORE_GROUPSLOTS_H

#include <stdint.h>

#include "agent/conf/model.h"
#include "lib/image.h"

/* The slots of sync groups: a part of agent/core/slots.c.  A group is known by its name, kept as a
 * number (lib/identity.h). */

#define GROUP_BUCKETS (2 * IMAGE_GROUPS)

struct group_slots {
	uint64_t identities[IMAGE_GROUPS]; /* 0: the slot is free */
	uint16_t buckets[GROUP_BUCKETS];   /* 1 + slot; 0: empty; open addressing */
};

/* The slot, or -ENOENT. */
int group_slots_find(const struct group_slots *slots, uint64_t identity);

/* Gives a free slot to a group that has none; else nothing happens. */
void group_slots_hold(struct group_slots *slots, uint32_t slot, uint64_t identity);

/* Into empty `slots`: groups that have a slot in `held` keep it, the others get the lowest that
 * nobody has there, or failing that the lowest. */
void group_slots_plan(
	struct group_slots *slots, const struct group_slots *held, const struct config *config);

#endif
