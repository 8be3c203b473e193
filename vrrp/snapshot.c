/* SPDX-License-Identifier: ISC */
#include "vrrp/snapshot.h"

#include "lib/image.h"
#include "lib/tracker.h"

#include <stdlib.h>
#include <string.h>

#define ROUTER(member) ARCHIVE_FIELD(snapshot_router, member)
#define GROUP(member)  ARCHIVE_FIELD(snapshot_group, member)
#define ENGINE(member) ARCHIVE_FIELD(status_engine, member)

const struct archive_field snapshot_router_fields[] = {
	ROUTER(interface),
	ROUTER(family),
	ROUTER(vrid),
	ROUTER(last_transition),
	ROUTER(counting_since),
	ROUTER(state.primary),
	ROUTER(state.active),
	ROUTER(state.since),
	ROUTER(state.up_since),
	ROUTER(state.deadline),
	ROUTER(state.timer_base),
	ROUTER(state.active_interval),
	ROUTER(state.last_heard),
	ROUTER(state.preempt_at),
	ROUTER(state.answer_after),
	ROUTER(state.tell_after),
	ROUTER(state.announce_after),
	ROUTER(state.pace),
	ROUTER(state.tracked_sum),
	ROUTER(state.state),
	ROUTER(state.faults),
	ROUTER(state.priority),
	ROUTER(state.active_priority),
	ROUTER(state.checksum_form),
	ROUTER(state.other_form_run),
	ROUTER(state.apply_failures),
	ROUTER(state.paced_left),
	ROUTER(state.started),
	ROUTER(state.interval_learned),
	ROUTER(state.stop_heard),
	ROUTER(state.lower_heard),
	ROUTER(state.lower_priority),
	ROUTER(state.announce_due),
	ROUTER(state.grouped),
	ROUTER(state.willing),
	ROUTER(ah),
	ROUTER(statistics.transitions),
	ROUTER(statistics.received),
	ROUTER(statistics.sent),
	ROUTER(statistics.stop_received),
	ROUTER(statistics.stop_sent),
	ROUTER(statistics.answers_withheld),
	ROUTER(statistics.forms),
	ROUTER(statistics.errors),
	ROUTER(statistics.drops),
	ROUTER(statistics.new_master),
	ROUTER(statistics.last_error),
};
const size_t snapshot_router_field_count =
	sizeof(snapshot_router_fields) / sizeof(snapshot_router_fields[0]);

#define TRACKER(member) ARCHIVE_FIELD(snapshot_tracker, member)

const struct archive_field snapshot_tracker_fields[] = {
	TRACKER(identity),
	TRACKER(since),
	TRACKER(value),
	TRACKER(state),
	TRACKER(result),
};
const size_t snapshot_tracker_field_count =
	sizeof(snapshot_tracker_fields) / sizeof(snapshot_tracker_fields[0]);
const struct archive_field snapshot_group_fields[] = {
	GROUP(identity),
	GROUP(since),
	GROUP(transitions),
	GROUP(state),
};
const size_t snapshot_group_field_count =
	sizeof(snapshot_group_fields) / sizeof(snapshot_group_fields[0]);

const struct archive_field snapshot_engine_fields[] = {
	ENGINE(generation),
	ENGINE(started),
	ENGINE(worst_lateness),
	ENGINE(worst_lateness_at),
	ENGINE(unsent),
	ENGINE(unsent_at),
	ENGINE(checksum_errors),
	ENGINE(version_errors),
	ENGINE(vrid_errors),
	ENGINE(vrid_errors_at),
	ENGINE(packets),
	ENGINE(kept),
	ENGINE(overruns),
};
const size_t snapshot_engine_field_count =
	sizeof(snapshot_engine_fields) / sizeof(snapshot_engine_fields[0]);

struct snapshot {
	struct status_engine engine;
	struct snapshot_router *routers; /* by identity */
	size_t count;
	struct snapshot_tracker *trackers; /* by identity */
	size_t tracker_count;
	struct snapshot_group *groups;
	size_t group_count;
};

/* Another version may have had something else under these names: then it counts as true. */
static void make_truths(struct snapshot_router *router)
{
	static const size_t truths[] = {
#define TRUTH(member) offsetof(struct snapshot_router, state.member)
		TRUTH(started), TRUTH(interval_learned), TRUTH(stop_heard), TRUTH(lower_heard),
		TRUTH(announce_due), TRUTH(grouped), TRUTH(willing)
#undef TRUTH
	};

	for (size_t i = 0; i < sizeof(truths) / sizeof(truths[0]); i++) {
		uint8_t *octet = (uint8_t *)router + truths[i];

		*octet = *octet != 0;
	}
}

static int by_identity(const void *left, const void *right)
{
	const struct snapshot_router *one = left, *other = right;
	int order = strcmp(one->interface, other->interface);

	if (!order)
		order = one->family - other->family;
	return order ? order : one->vrid - other->vrid;
}

static int read_routers(struct snapshot *snapshot, const struct archive *archive)
{
	size_t count = archive_count(archive, SNAPSHOT_ROUTERS);
	struct archive_reader *reader = archive_reader_new(
		archive, SNAPSHOT_ROUTERS, snapshot_router_fields, snapshot_router_field_count);

	if (count > IMAGE_SLOTS)
		count = IMAGE_SLOTS;
	snapshot->routers = calloc(count + 1, sizeof(*snapshot->routers));
	if (!reader || !snapshot->routers) {
		archive_reader_free(reader);
		return -1;
	}
	for (size_t i = 0; i < count; i++) {
		struct snapshot_router *router = &snapshot->routers[i];

		archive_read(reader, i, router);
		router->interface[sizeof(router->interface) - 1] = '\0';
		make_truths(router);
	}
	archive_reader_free(reader);
	snapshot->count = count;
	qsort(snapshot->routers, count, sizeof(*snapshot->routers), by_identity);
	return 0;
}

static int tracker_order(const void *left, const void *right)
{
	const struct snapshot_tracker *one = left, *other = right;

	return (one->identity > other->identity) - (one->identity < other->identity);
}

/* What this version does not know is as good as unknown. */
static int read_trackers(struct snapshot *snapshot, const struct archive *archive)
{
	size_t count = archive_count(archive, SNAPSHOT_TRACKERS);
	struct archive_reader *reader = archive_reader_new(
		archive, SNAPSHOT_TRACKERS, snapshot_tracker_fields, snapshot_tracker_field_count);

	if (count > IMAGE_TRACKERS)
		count = IMAGE_TRACKERS;
	snapshot->trackers = calloc(count + 1, sizeof(*snapshot->trackers));
	if (!reader || !snapshot->trackers) {
		archive_reader_free(reader);
		return -1;
	}
	for (size_t i = 0; i < count; i++) {
		struct snapshot_tracker *tracker = &snapshot->trackers[i];

		archive_read(reader, i, tracker);
		if (tracker->state >= TRACKER_STATE_COUNT ||
			tracker->result >= TRACKER_RESULT_COUNT)
			tracker->state = TRACKER_UNKNOWN;
	}
	archive_reader_free(reader);
	snapshot->tracker_count = count;
	qsort(snapshot->trackers, count, sizeof(*snapshot->trackers), tracker_order);
	return 0;
}

static int read_groups(struct snapshot *snapshot, const struct archive *archive)
{
	size_t count = archive_count(archive, SNAPSHOT_GROUPS);
	struct archive_reader *reader = archive_reader_new(
		archive, SNAPSHOT_GROUPS, snapshot_group_fields, snapshot_group_field_count);

	if (count > IMAGE_GROUPS)
		count = IMAGE_GROUPS;
	snapshot->groups = calloc(count + 1, sizeof(*snapshot->groups));
	for (size_t i = 0; reader && snapshot->groups && i < count; i++)
		archive_read(reader, i, &snapshot->groups[i]);
	snapshot->group_count = count;
	archive_reader_free(reader);
	return reader && snapshot->groups ? 0 : -1;
}

static int read_engine(struct snapshot *snapshot, const struct archive *archive)
{
	struct archive_reader *reader = archive_reader_new(
		archive, SNAPSHOT_ENGINE, snapshot_engine_fields, snapshot_engine_field_count);

	if (!reader)
		return -1;
	if (archive_count(archive, SNAPSHOT_ENGINE) > 0)
		archive_read(reader, 0, &snapshot->engine);
	archive_reader_free(reader);
	return 0;
}

struct snapshot *snapshot_open(const struct archive *archive)
{
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));

	if (!snapshot)
		return NULL;
	if (read_routers(snapshot, archive) < 0 || read_trackers(snapshot, archive) < 0 ||
		read_groups(snapshot, archive) < 0 || read_engine(snapshot, archive) < 0)
		return snapshot_close(snapshot);
	return snapshot;
}

struct snapshot *snapshot_close(struct snapshot *snapshot)
{
	if (snapshot) {
		free(snapshot->routers);
		free(snapshot->trackers);
		free(snapshot->groups);
	}
	free(snapshot);
	return NULL;
}

const struct snapshot_router *snapshot_find(
	const struct snapshot *snapshot, const char *interface, uint8_t family, uint8_t vrid)
{
	struct snapshot_router key = {.family = family, .vrid = vrid};

	if (!snapshot)
		return NULL;
	strncpy(key.interface, interface, sizeof(key.interface) - 1);
	return bsearch(&key, snapshot->routers, snapshot->count, sizeof(key), by_identity);
}

const struct snapshot_tracker *snapshot_find_tracker(
	const struct snapshot *snapshot, uint64_t identity)
{
	const struct snapshot_tracker key = {.identity = identity};

	if (!snapshot)
		return NULL;
	return bsearch(
		&key, snapshot->trackers, snapshot->tracker_count, sizeof(key), tracker_order);
}

const struct snapshot_group *snapshot_find_group(const struct snapshot *snapshot, uint64_t identity)
{
	for (size_t i = 0; snapshot && i < snapshot->group_count; i++) {
		if (snapshot->groups[i].identity == identity &&
			snapshot->groups[i].state < VRRP_STATES)
			return &snapshot->groups[i];
	}
	return NULL;
}

const struct status_engine *snapshot_engine(const struct snapshot *snapshot)
{
	return &snapshot->engine;
}
