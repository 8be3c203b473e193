/* SPDX-License-Identifier: ISC */
#include "vrrp/handover.h"

#include "lib/image.h"
#include "lib/tracker.h"

#include <stdlib.h>
#include <string.h>

#define ROUTER(member) ARCHIVE_FIELD(handover_router, member)
#define GROUP(member)  ARCHIVE_FIELD(handover_group, member)
#define ENGINE(member) ARCHIVE_FIELD(status_engine, member)

const struct archive_field handover_router_fields[] = {
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
const size_t handover_router_field_count =
	sizeof(handover_router_fields) / sizeof(handover_router_fields[0]);

#define TRACKER(member) ARCHIVE_FIELD(handover_tracker, member)

const struct archive_field handover_tracker_fields[] = {
	TRACKER(identity),
	TRACKER(since),
	TRACKER(value),
	TRACKER(state),
	TRACKER(result),
};
const size_t handover_tracker_field_count =
	sizeof(handover_tracker_fields) / sizeof(handover_tracker_fields[0]);
const struct archive_field handover_group_fields[] = {
	GROUP(identity),
	GROUP(since),
	GROUP(transitions),
	GROUP(state),
};
const size_t handover_group_field_count =
	sizeof(handover_group_fields) / sizeof(handover_group_fields[0]);

const struct archive_field handover_engine_fields[] = {
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
const size_t handover_engine_field_count =
	sizeof(handover_engine_fields) / sizeof(handover_engine_fields[0]);

struct handover {
	struct status_engine engine;
	struct handover_router *routers; /* by identity */
	size_t count;
	struct handover_tracker *trackers; /* by identity */
	size_t tracker_count;
	struct handover_group *groups;
	size_t group_count;
};

/* Another version may have had something else under these names: then it counts as true. */
static void make_truths(struct handover_router *router)
{
	static const size_t truths[] = {
#define TRUTH(member) offsetof(struct handover_router, state.member)
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
	const struct handover_router *one = left, *other = right;
	int order = strcmp(one->interface, other->interface);

	if (!order)
		order = one->family - other->family;
	return order ? order : one->vrid - other->vrid;
}

static int read_routers(struct handover *handover, const struct archive *archive)
{
	size_t count = archive_count(archive, HANDOVER_ROUTERS);
	struct archive_reader *reader = archive_reader_new(
		archive, HANDOVER_ROUTERS, handover_router_fields, handover_router_field_count);

	if (count > IMAGE_SLOTS)
		count = IMAGE_SLOTS;
	handover->routers = calloc(count + 1, sizeof(*handover->routers));
	if (!reader || !handover->routers) {
		archive_reader_free(reader);
		return -1;
	}
	for (size_t i = 0; i < count; i++) {
		struct handover_router *router = &handover->routers[i];

		archive_read(reader, i, router);
		router->interface[sizeof(router->interface) - 1] = '\0';
		make_truths(router);
	}
	archive_reader_free(reader);
	handover->count = count;
	qsort(handover->routers, count, sizeof(*handover->routers), by_identity);
	return 0;
}

static int tracker_order(const void *left, const void *right)
{
	const struct handover_tracker *one = left, *other = right;

	return (one->identity > other->identity) - (one->identity < other->identity);
}

/* What this version does not know is as good as unknown. */
static int read_trackers(struct handover *handover, const struct archive *archive)
{
	size_t count = archive_count(archive, HANDOVER_TRACKERS);
	struct archive_reader *reader = archive_reader_new(
		archive, HANDOVER_TRACKERS, handover_tracker_fields, handover_tracker_field_count);

	if (count > IMAGE_TRACKERS)
		count = IMAGE_TRACKERS;
	handover->trackers = calloc(count + 1, sizeof(*handover->trackers));
	if (!reader || !handover->trackers) {
		archive_reader_free(reader);
		return -1;
	}
	for (size_t i = 0; i < count; i++) {
		struct handover_tracker *tracker = &handover->trackers[i];

		archive_read(reader, i, tracker);
		if (tracker->state >= TRACKER_STATE_COUNT ||
			tracker->result >= TRACKER_RESULT_COUNT)
			tracker->state = TRACKER_UNKNOWN;
	}
	archive_reader_free(reader);
	handover->tracker_count = count;
	qsort(handover->trackers, count, sizeof(*handover->trackers), tracker_order);
	return 0;
}

static int read_groups(struct handover *handover, const struct archive *archive)
{
	size_t count = archive_count(archive, HANDOVER_GROUPS);
	struct archive_reader *reader = archive_reader_new(
		archive, HANDOVER_GROUPS, handover_group_fields, handover_group_field_count);

	if (count > IMAGE_GROUPS)
		count = IMAGE_GROUPS;
	handover->groups = calloc(count + 1, sizeof(*handover->groups));
	for (size_t i = 0; reader && handover->groups && i < count; i++)
		archive_read(reader, i, &handover->groups[i]);
	handover->group_count = count;
	archive_reader_free(reader);
	return reader && handover->groups ? 0 : -1;
}

static int read_engine(struct handover *handover, const struct archive *archive)
{
	struct archive_reader *reader = archive_reader_new(
		archive, HANDOVER_ENGINE, handover_engine_fields, handover_engine_field_count);

	if (!reader)
		return -1;
	if (archive_count(archive, HANDOVER_ENGINE) > 0)
		archive_read(reader, 0, &handover->engine);
	archive_reader_free(reader);
	return 0;
}

struct handover *handover_open(const struct archive *archive)
{
	struct handover *handover = calloc(1, sizeof(*handover));

	if (!handover)
		return NULL;
	if (read_routers(handover, archive) < 0 || read_trackers(handover, archive) < 0 ||
		read_groups(handover, archive) < 0 || read_engine(handover, archive) < 0)
		return handover_close(handover);
	return handover;
}

struct handover *handover_close(struct handover *handover)
{
	if (handover) {
		free(handover->routers);
		free(handover->trackers);
		free(handover->groups);
	}
	free(handover);
	return NULL;
}

const struct handover_router *handover_find(
	const struct handover *handover, const char *interface, uint8_t family, uint8_t vrid)
{
	struct handover_router key = {.family = family, .vrid = vrid};

	if (!handover)
		return NULL;
	strncpy(key.interface, interface, sizeof(key.interface) - 1);
	return bsearch(&key, handover->routers, handover->count, sizeof(key), by_identity);
}

const struct handover_tracker *handover_find_tracker(
	const struct handover *handover, uint64_t identity)
{
	const struct handover_tracker key = {.identity = identity};

	if (!handover)
		return NULL;
	return bsearch(
		&key, handover->trackers, handover->tracker_count, sizeof(key), tracker_order);
}

const struct handover_group *handover_find_group(const struct handover *handover, uint64_t identity)
{
	for (size_t i = 0; handover && i < handover->group_count; i++) {
		if (handover->groups[i].identity == identity &&
			handover->groups[i].state < VRRP_STATES)
			return &handover->groups[i];
	}
	return NULL;
}

const struct status_engine *handover_engine(const struct handover *handover)
{
	return &handover->engine;
}
