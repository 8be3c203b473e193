/* SPDX-License-Identifier: ISC */
#include "agent/core/groupslots.h"

#include <errno.h>

#include "agent/conf/syncgroup.h"
#include "lib/identity.h"

/* The bucket that holds the identity, or the empty one where it belongs. */
static uint32_t bucket_of(const struct group_slots *slots, uint64_t identity)
{
	uint32_t at = (uint32_t)(identity ^ identity >> 32) % GROUP_BUCKETS;

	while (slots->buckets[at] && slots->identities[slots->buckets[at] - 1] != identity)
		at = (at + 1) % GROUP_BUCKETS;
	return at;
}

int group_slots_find(const struct group_slots *slots, uint64_t identity)
{
	uint16_t held = slots->buckets[bucket_of(slots, identity)];

	return held ? held - 1 : -ENOENT;
}

void group_slots_hold(struct group_slots *slots, uint32_t slot, uint64_t identity)
{
	if (slots->identities[slot] || !identity || group_slots_find(slots, identity) >= 0)
		return;
	slots->identities[slot] = identity;
	slots->buckets[bucket_of(slots, identity)] = (uint16_t)(slot + 1);
}

static void keep(
	struct group_slots *slots, const struct group_slots *held, const struct config *config)
{
	for (size_t i = 0; i < config->group_count; i++) {
		uint64_t identity = identity_of_name(config->groups[i]->name);
		int slot = group_slots_find(held, identity);

		if (slot >= 0)
			group_slots_hold(slots, (uint32_t)slot, identity);
	}
}

/* The lowest free slot from `next` on; IMAGE_GROUPS if there is none. */
static uint32_t lowest(
	const struct group_slots *slots, const struct group_slots *held, uint32_t next)
{
	while (next < IMAGE_GROUPS && (slots->identities[next] || (held && held->identities[next])))
		next++;
	return next;
}

void group_slots_plan(
	struct group_slots *slots, const struct group_slots *held, const struct config *config)
{
	uint32_t next = 0;

	keep(slots, held, config);
	for (size_t i = 0; i < config->group_count; i++) {
		uint64_t identity = identity_of_name(config->groups[i]->name);

		if (group_slots_find(slots, identity) >= 0)
			continue;
		next = lowest(slots, held, next);
		if (next == IMAGE_GROUPS && held) {
			held = NULL;
			next = lowest(slots, NULL, 0);
		}
		if (next < IMAGE_GROUPS)
			group_slots_hold(slots, next, identity);
	}
}
