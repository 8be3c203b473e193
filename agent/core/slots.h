/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_SLOTS_H
#define AGENT_CORE_SLOTS_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/conf/model.h"
#include "lib/board.h"
#include "lib/image.h"

/* Which virtual router has which slot: its row on the status board and its number in the
 * configuration image (lib/image.h).  A router keeps its slot for as long as it exists; its
 * identity is (interface, family, VRID), families as InetAddressType's 1 and 2.
 *
 * A tracker has a slot of another kind in the same way; its identity is its kind and name.
 *
 * A mapping never changes once made: a new configuration gets a mapping of its own, planned from
 * the one in force, so that a refused configuration leaves nothing to put back. */

struct slot_identity {
	char interface[16];
	uint8_t family; /* 1 IPv4, 2 IPv6; 0: the slot is free */
	uint8_t vrid;
};

struct slots;

/* With no router in it.  NULL: out of memory. */
struct slots *slots_new(void);

/* What a running engine shows on its board.  NULL: errno says why: ENOMEM, EAGAIN if a row could
 * not be read, EPROTO if the board contradicts itself. */
struct slots *slots_recover(const struct board *board);

/* The mapping for `config`: known routers keep their slots, new ones get the lowest that nobody
 * holds in `held` either, so that no slot changes hands within one image.  NULL: errno says why:
 * ENOMEM, ENOSPC if there are more routers or trackers than slots. */
struct slots *slots_plan(const struct slots *held, const struct config *config);

/* Takes NULL; returns NULL. */
struct slots *slots_free(struct slots *slots);

/* The slot of an instance, in constant time, or -ENOENT. */
int slots_find(const struct slots *slots, const struct instance *instance);

/* The same by identity. */
int slots_find_identity(const struct slots *slots, const struct slot_identity *identity);

bool slots_same_identity(const struct slot_identity *left, const struct slot_identity *right);

/* The slot of a tracker, in constant time, or -ENOENT. */
int slots_find_tracker(const struct slots *slots, enum image_tracker_kind kind, const char *name);

/* The tracker of `config`, for which the mapping was planned, at a slot; constant time; or NULL. */
const struct tracker *slots_tracker(
	const struct slots *slots, const struct config *config, uint32_t slot);

/* What identifies an instance. */
struct slot_identity slots_identity_of(const struct instance *instance);

/* Who holds a slot, or NULL: nobody, or it is out of range. */
const struct slot_identity *slots_identity(const struct slots *slots, uint32_t slot);

/* The instance of `config` at a slot, in constant time, or NULL. */
struct instance *slots_instance(
	const struct slots *slots, const struct config *config, uint32_t slot);

/* The slot of a sync group, among those of groups, or -ENOENT; the group that has one, or NULL. */
int slots_group(const struct slots *slots, const struct sync_group *group);
const struct sync_group *slots_find_group(
	const struct slots *slots, const struct config *config, uint32_t slot);

/* All slots in use are below this. */
uint32_t slots_end(const struct slots *slots);

/* Between address families and InetAddressType's numbers; 0 for any other. */
int slots_family_to_af(uint8_t family);
uint8_t slots_family_from_af(int af);

#endif
