/* SPDX-License-Identifier: ISC */
#ifndef VRRP_SNAPSHOT_H
#define VRRP_SNAPSHOT_H

#include "lib/archive.h"
#include "vrrp/protocol/router.h"
#include "vrrp/status.h"

#include <stdint.h>

/* An engine's snapshot, which it hands over to its successor, perhaps of another version
 * (lib/archive.h): each virtual router's state, deadlines and counters.  Times are
 * CLOCK_MONOTONIC's, so that it means something in this boot only. */

struct snapshot_router {
	char interface[16];
	uint8_t family;
	uint8_t vrid;
	uint8_t last_transition;
	uint64_t counting_since;
	struct vrrp_state_block state;
	struct vrrp_statistics statistics;
	struct vrrp_ah_state ah;
};

/* What was known of a tracker. */
struct snapshot_tracker {
	uint64_t identity;
	uint64_t since;
	int32_t value;
	uint8_t state;
	uint8_t result;
};

struct snapshot_group {
	uint64_t identity; /* of its name */
	uint64_t since;
	uint64_t transitions;
	uint8_t state; /* enum vrrp_state */
};

/* The sections "routers", "trackers", "sync groups" and "engine". */
extern const struct archive_field snapshot_router_fields[];
extern const size_t snapshot_router_field_count;
extern const struct archive_field snapshot_tracker_fields[];
extern const size_t snapshot_tracker_field_count;
extern const struct archive_field snapshot_group_fields[];
extern const size_t snapshot_group_field_count;
extern const struct archive_field snapshot_engine_fields[]; /* of struct status_engine */
extern const size_t snapshot_engine_field_count;

#define SNAPSHOT_ROUTERS  "routers"
#define SNAPSHOT_TRACKERS "trackers"
#define SNAPSHOT_GROUPS	  "sync groups"
#define SNAPSHOT_ENGINE	  "engine"

struct snapshot;

/* Reads the routers of an archive, which may be closed afterwards.  NULL: out of memory. */
struct snapshot *snapshot_open(const struct archive *archive);

struct snapshot *snapshot_close(struct snapshot *snapshot);

/* What it has of the router of that identity, or NULL; also if `snapshot` is NULL. */
const struct snapshot_router *snapshot_find(
	const struct snapshot *snapshot, const char *interface, uint8_t family, uint8_t vrid);

/* The same of the tracker of that identity (lib/tracker.h), or NULL; also if `snapshot` is
 * NULL.
 */
const struct snapshot_tracker *snapshot_find_tracker(
	const struct snapshot *snapshot, uint64_t identity);

/* The same of a sync group. */
const struct snapshot_group *snapshot_find_group(
	const struct snapshot *snapshot, uint64_t identity);

/* The predecessor's own row of the board. */
const struct status_engine *snapshot_engine(const struct snapshot *snapshot);

#endif
