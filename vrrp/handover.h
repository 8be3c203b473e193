/* SPDX-License-Identifier: ISC */
#ifndef VRRP_HANDOVER_H
#define VRRP_HANDOVER_H

#include "lib/archive.h"
#include "vrrp/protocol/router.h"
#include "vrrp/status.h"

#include <stdint.h>

/* What an engine leaves to the engine of the program's next version (lib/archive.h): each virtual
 * router's state, deadlines and counters.  Times are CLOCK_MONOTONIC's, so that it means something
 * in this boot only. */

struct handover_router {
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
struct handover_tracker {
	uint64_t identity;
	uint64_t since;
	int32_t value;
	uint8_t state;
	uint8_t result;
};

struct handover_group {
	uint64_t identity; /* of its name */
	uint64_t since;
	uint64_t transitions;
	uint8_t state; /* enum vrrp_state */
};

/* The sections "routers", "trackers", "sync groups" and "engine". */
extern const struct archive_field handover_router_fields[];
extern const size_t handover_router_field_count;
extern const struct archive_field handover_tracker_fields[];
extern const size_t handover_tracker_field_count;
extern const struct archive_field handover_group_fields[];
extern const size_t handover_group_field_count;
extern const struct archive_field handover_engine_fields[]; /* of struct status_engine */
extern const size_t handover_engine_field_count;

#define HANDOVER_ROUTERS  "routers"
#define HANDOVER_TRACKERS "trackers"
#define HANDOVER_GROUPS	  "sync groups"
#define HANDOVER_ENGINE	  "engine"

struct handover;

/* Reads the routers of an archive, which may be closed afterwards.  NULL: out of memory. */
struct handover *handover_open(const struct archive *archive);

struct handover *handover_close(struct handover *handover);

/* What was left for the router of that identity, or NULL; also if `handover` is NULL. */
const struct handover_router *handover_find(
	const struct handover *handover, const char *interface, uint8_t family, uint8_t vrid);

/* What was left of the tracker of that identity (lib/tracker.h), or NULL; also if `handover` is
 * NULL.
 */
const struct handover_tracker *handover_find_tracker(
	const struct handover *handover, uint64_t identity);

/* The same of a sync group. */
const struct handover_group *handover_find_group(
	const struct handover *handover, uint64_t identity);

/* The former engine's own row of the board. */
const struct status_engine *handover_engine(const struct handover *handover);

#endif
