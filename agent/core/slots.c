/* SPDX-License-Identifier: ISC */
#include "agent/core/slots.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "agent/conf/syncgroup.h"
#include "agent/core/groupslots.h"
#include "lib/clock.h"
#include "lib/identity.h"
#include "lib/image.h"
#include "lib/tracker.h"
#include "vrrp/status.h"

/* A power of two, at most half full. */
#define BUCKETS		(2 * IMAGE_SLOTS)
#define TRACKER_BUCKETS (2 * IMAGE_TRACKERS)
#define READ_ATTEMPTS	100
#define READ_PAUSE	(10 * NSEC_PER_MSEC)

struct slots {
	uint32_t end;
	struct slot_identity identities[IMAGE_SLOTS];
	uint16_t buckets[BUCKETS]; /* 1 + slot; 0: empty; open addressing */
	struct group_slots groups;
	uint64_t trackers[IMAGE_TRACKERS];   /* identities; 0: the slot is free */
	uint16_t tracker_at[IMAGE_TRACKERS]; /* its place in the configuration */
	uint16_t tracker_buckets[TRACKER_BUCKETS];
};

int slots_family_to_af(uint8_t family)
{
	return family == IMAGE_IPV4 ? AF_INET : family == IMAGE_IPV6 ? AF_INET6 : AF_UNSPEC;
}

uint8_t slots_family_from_af(int af)
{
	return af == AF_INET ? IMAGE_IPV4 : af == AF_INET6 ? IMAGE_IPV6 : 0;
}

struct slot_identity slots_identity_of(const struct instance *instance)
{
	struct slot_identity identity = {
		.family = slots_family_from_af(instance->family), .vrid = instance->vrid};

	strncpy(identity.interface, instance->interface, sizeof(identity.interface) - 1);
	return identity;
}

bool slots_same_identity(const struct slot_identity *left, const struct slot_identity *right)
{
	return left->vrid == right->vrid && left->family == right->family &&
	       strncmp(left->interface, right->interface, sizeof(left->interface)) == 0;
}

static uint32_t hash(const struct slot_identity *identity)
{
	uint32_t value = 2166136261u;

	for (const char *at = identity->interface; *at; at++)
		value = (value ^ (uint8_t)*at) * 16777619u;
	value = (value ^ identity->family) * 16777619u;
	value = (value ^ identity->vrid) * 16777619u;
	return value ^ value >> 15;
}

/* The bucket that holds the identity, or the empty one where it belongs. */
static uint32_t bucket_of(const struct slots *slots, const struct slot_identity *identity)
{
	uint32_t at = hash(identity) % BUCKETS;

	while (slots->buckets[at] &&
		!slots_same_identity(&slots->identities[slots->buckets[at] - 1], identity))
		at = (at + 1) % BUCKETS;
	return at;
}

int slots_find_identity(const struct slots *slots, const struct slot_identity *identity)
{
	uint16_t held = slots->buckets[bucket_of(slots, identity)];

	return held ? held - 1 : -ENOENT;
}

static void hold(struct slots *slots, uint32_t slot, const struct slot_identity *identity)
{
	slots->identities[slot] = *identity;
	slots->buckets[bucket_of(slots, identity)] = (uint16_t)(slot + 1);
	if (slot >= slots->end)
		slots->end = slot + 1;
}

/* As bucket_of. */
static uint32_t tracker_bucket(const struct slots *slots, uint64_t identity)
{
	uint32_t at = (uint32_t)(identity ^ identity >> 32) % TRACKER_BUCKETS;

	while (slots->tracker_buckets[at] &&
		slots->trackers[slots->tracker_buckets[at] - 1] != identity)
		at = (at + 1) % TRACKER_BUCKETS;
	return at;
}

static int find_tracker(const struct slots *slots, uint64_t identity)
{
	uint16_t held = slots->tracker_buckets[tracker_bucket(slots, identity)];

	return held ? held - 1 : -ENOENT;
}

static void hold_tracker(struct slots *slots, uint32_t slot, uint64_t identity)
{
	slots->trackers[slot] = identity;
	slots->tracker_buckets[tracker_bucket(slots, identity)] = (uint16_t)(slot + 1);
}

int slots_find_tracker(const struct slots *slots, enum image_tracker_kind kind, const char *name)
{
	return find_tracker(slots, tracker_identity(kind, name));
}

struct slots *slots_new(void)
{
	return calloc(1, sizeof(struct slots));
}

struct slots *slots_free(struct slots *slots)
{
	free(slots);
	return NULL;
}

static int read_row(const struct board *board, size_t row, union status_row *content)
{
	const struct timespec pause = {.tv_nsec = READ_PAUSE};
	int error;

	for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
		error = board_read(board, row, content);
		if (error != -EAGAIN)
			break;
		nanosleep(&pause, NULL);
	}
	return error;
}

static int recover_slot(struct slots *slots, uint32_t slot, const struct status_router *router)
{
	struct slot_identity identity = {.family = router->family, .vrid = router->vrid};

	memcpy(identity.interface, router->interface, sizeof(identity.interface) - 1);
	if (!slots_family_to_af(identity.family) || !identity.interface[0] ||
		slots_find_identity(slots, &identity) >= 0)
		return -EPROTO;
	hold(slots, slot, &identity);
	return 0;
}

static int recover_trackers(struct slots *slots, const struct board *board)
{
	int error = 0;

	for (uint32_t slot = 0;
		!error && slot < IMAGE_TRACKERS && status_tracker_row(slot) < board_rows(board);
		slot++) {
		union status_row row;

		error = read_row(board, status_tracker_row(slot), &row);
		if (!error && row.tracker.identity)
			hold_tracker(slots, slot, row.tracker.identity);
	}
	return error;
}

struct slots *slots_recover(const struct board *board)
{
	struct slots *slots = slots_new();
	int error = slots ? 0 : -ENOMEM;

	for (uint32_t slot = 0;
		!error && slot < IMAGE_SLOTS && status_row(slot) < board_rows(board); slot++) {
		union status_row row;

		error = read_row(board, status_row(slot), &row);
		if (!error && row.router.used)
			error = recover_slot(slots, slot, &row.router);
	}
	for (uint32_t slot = 0;
		!error && slot < IMAGE_GROUPS && status_group_row(slot) < board_rows(board);
		slot++) {
		union status_row row;

		error = read_row(board, status_group_row(slot), &row);
		if (!error && row.group.used)
			group_slots_hold(&slots->groups, slot, row.group.identity);
	}
	if (!error)
		error = recover_trackers(slots, board);
	if (!error)
		return slots;
	errno = -error;
	return slots_free(slots);
}

/* The routers of `config` that have slots already; the others are left for later. */
static void keep(struct slots *slots, const struct slots *held, const struct config *config)
{
	for (size_t i = 0; i < config->instance_count; i++) {
		struct slot_identity identity = slots_identity_of(config->instances[i]);
		int slot = slots_find_identity(held, &identity);

		if (slot >= 0)
			hold(slots, (uint32_t)slot, &identity);
	}
}

static int add(struct slots *slots, const struct slots *held, const struct config *config)
{
	uint32_t next = 0;

	for (size_t i = 0; i < config->instance_count; i++) {
		struct slot_identity identity = slots_identity_of(config->instances[i]);

		if (slots_find_identity(slots, &identity) >= 0)
			continue;
		while (next < IMAGE_SLOTS &&
			(held->identities[next].family != 0 || slots->identities[next].family != 0))
			next++;
		if (next == IMAGE_SLOTS)
			return -ENOSPC;
		hold(slots, next, &identity);
	}
	return 0;
}

static uint64_t identity_of(const struct tracker *tracker)
{
	return tracker_identity(tracker->kind, tracker->name);
}

static void keep_trackers(
	struct slots *slots, const struct slots *held, const struct config *config)
{
	for (size_t i = 0; i < config->trackers.count; i++) {
		uint64_t identity = identity_of(&config->trackers.items[i]);
		int slot = find_tracker(held, identity);

		if (slot >= 0)
			hold_tracker(slots, (uint32_t)slot, identity);
	}
}

static int add_trackers(struct slots *slots, const struct slots *held, const struct config *config)
{
	uint32_t next = 0;

	for (size_t i = 0; i < config->trackers.count; i++) {
		uint64_t identity = identity_of(&config->trackers.items[i]);

		if (find_tracker(slots, identity) >= 0)
			continue;
		while (next < IMAGE_TRACKERS && (held->trackers[next] || slots->trackers[next]))
			next++;
		if (next == IMAGE_TRACKERS)
			return -ENOSPC;
		hold_tracker(slots, next, identity);
	}
	return 0;
}

static void place_trackers(struct slots *slots, const struct config *config)
{
	for (size_t i = 0; i < config->trackers.count; i++) {
		int slot = find_tracker(slots, identity_of(&config->trackers.items[i]));

		if (slot >= 0)
			slots->tracker_at[slot] = (uint16_t)i;
	}
}

const struct tracker *slots_tracker(
	const struct slots *slots, const struct config *config, uint32_t slot)
{
	const struct tracker *tracker;

	if (slot >= IMAGE_TRACKERS || !slots->trackers[slot] ||
		slots->tracker_at[slot] >= config->trackers.count)
		return NULL;
	tracker = &config->trackers.items[slots->tracker_at[slot]];
	return identity_of(tracker) == slots->trackers[slot] ? tracker : NULL;
}

struct slots *slots_plan(const struct slots *held, const struct config *config)
{
	struct slots *slots = slots_new();

	if (!slots)
		return NULL;
	keep(slots, held, config);
	group_slots_plan(&slots->groups, &held->groups, config);
	keep_trackers(slots, held, config);
	if (add(slots, held, config) < 0 || add_trackers(slots, held, config) < 0) {
		errno = ENOSPC;
		return slots_free(slots);
	}
	place_trackers(slots, config);
	return slots;
}

int slots_find(const struct slots *slots, const struct instance *instance)
{
	struct slot_identity identity = slots_identity_of(instance);

	return slots_find_identity(slots, &identity);
}

const struct slot_identity *slots_identity(const struct slots *slots, uint32_t slot)
{
	if (slot >= slots->end || !slots->identities[slot].family)
		return NULL;
	return &slots->identities[slot];
}

struct instance *slots_instance(
	const struct slots *slots, const struct config *config, uint32_t slot)
{
	const struct slot_identity *identity = slots_identity(slots, slot);

	if (!identity)
		return NULL;
	return config_find_identity(
		config, identity->interface, slots_family_to_af(identity->family), identity->vrid);
}

uint32_t slots_end(const struct slots *slots)
{
	return slots->end;
}

int slots_group(const struct slots *slots, const struct sync_group *group)
{
	return group_slots_find(&slots->groups, identity_of_name(group->name));
}

const struct sync_group *slots_find_group(
	const struct slots *slots, const struct config *config, uint32_t slot)
{
	for (size_t i = 0; i < config->group_count; i++) {
		if (slots_group(slots, config->groups[i]) == (int)slot)
			return config->groups[i];
	}
	return NULL;
}
