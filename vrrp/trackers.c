/* SPDX-License-Identifier: ISC */
#include "vrrp/trackers.h"

#include "lib/image.h"
#include "vrrp/engine_state.h"
#include "vrrp/protocol/router.h"
#include "vrrp/protocol/tracking.h"
#include "vrrp/publish.h"
#include "vrrp/snapshot.h"

#include <errno.h>
#include <stdlib.h>

/* What the predecessor knew of it holds. */
static void enter(struct engine *engine, struct engine_tracker *tracker, uint64_t now)
{
	const struct snapshot_tracker *snapshot =
		snapshot_find_tracker(engine->resume, tracker->identity);

	tracker->born = image_header(engine->reconfiguration.image)->generation;
	tracker->state = snapshot ? snapshot->state : TRACKER_UNKNOWN;
	tracker->result = snapshot ? snapshot->result : TRACKER_RESULT_NONE;
	tracker->value = snapshot ? snapshot->value : 0;
	tracker->since = snapshot ? snapshot->since : now;
}

void tracker_begin_image(struct engine *engine, const struct image *image, uint64_t now)
{
	const struct image_tracker *from = image_trackers(image);

	if (image_header(image)->base_generation)
		return;
	for (uint32_t i = 0; i < image_header(image)->trackers.count; i++, from++) {
		struct engine_tracker *tracker = &engine->trackers[from->slot];
		uint64_t identity = tracker_identity(from->kind, image_string(image, from->name));

		if (tracker->identity != identity) {
			tracker->identity = identity;
			tracker->kind = from->kind;
			enter(engine, tracker, now);
			publish_tracker(engine, tracker);
		}
		tracker->image_number = engine->images_begun;
	}
}

void tracker_end_image(struct engine *engine)
{
	for (uint32_t slot = 0; slot < IMAGE_TRACKERS; slot++) {
		struct engine_tracker *tracker = &engine->trackers[slot];

		if (!tracker->identity || tracker->image_number == engine->images_begun ||
			!LIST_EMPTY(&tracker->followers))
			continue;
		tracker->identity = 0;
		publish_tracker(engine, tracker);
	}
}

void tracker_forget_uses(struct engine_router *router)
{
	for (uint32_t i = 0; i < router->use_count; i++)
		LIST_REMOVE(&router->uses[i], followers);
	free(router->uses);
	router->uses = NULL;
	router->use_count = 0;
	router->culprit = NULL;
}

int tracker_set_uses(struct engine *engine, struct engine_router *router, const struct image *image,
	struct image_span uses)
{
	const struct image_use *from = image_uses(image) + uses.first;

	for (uint32_t i = 0; i < uses.count; i++)
		if (!engine->trackers[from[i].tracker].identity)
			return -EINVAL;
	tracker_forget_uses(router);
	router->uses = calloc(uses.count + 1, sizeof(*router->uses));
	if (!router->uses)
		return -ENOMEM;
	for (uint32_t i = 0; i < uses.count; i++) {
		struct engine_use *use = &router->uses[i];

		use->tracker = &engine->trackers[from[i].tracker];
		use->router = router;
		use->weight = from[i].weight;
		use->reverse = from[i].reverse;
		LIST_INSERT_HEAD(&use->tracker->followers, use, followers);
	}
	router->use_count = uses.count;
	return 0;
}

const struct engine_tracker *tracker_take_report(struct engine *engine,
	const struct tracker_report *report, uint64_t generation, uint64_t now)
{
	struct engine_tracker *tracker = &engine->trackers[report->slot];
	bool changed = tracker->state != report->state;

	/* Of a tracker that had the slot before. */
	if (!tracker->identity || generation < tracker->born)
		return NULL;
	if (!changed && tracker->result == report->result && tracker->value == report->value)
		return NULL;
	changed |= report->state == TRACKER_NUMBER && tracker->value != report->value;
	if (changed)
		tracker->since = now;
	tracker->state = report->state;
	tracker->result = report->result;
	tracker->value = report->value;
	publish_tracker(engine, tracker);
	if (!changed)
		return NULL;
	publish_tracker_changed(engine, tracker, now);
	return tracker;
}

static struct vrrp_tracked tracked_by(const struct engine_use *use)
{
	return (struct vrrp_tracked){
		.known = use->tracker->state != TRACKER_UNKNOWN,
		.failed = use->tracker->state == TRACKER_FAILED ||
			  (use->tracker->state == TRACKER_NUMBER && use->tracker->value != 0),
		.weight = use->weight,
		.reverse = use->reverse,
		.scaled = use->tracker->kind == IMAGE_TRACKER_FILE,
		.value = use->tracker->value,
	};
}

void tracker_add(struct engine_router *router, struct vrrp_event *event)
{
	router->culprit = NULL;
	for (uint32_t i = 0; i < router->use_count; i++) {
		struct vrrp_tracked tracked = tracked_by(&router->uses[i]);

		event->tracked.sum += vrrp_tracked_weight(&tracked);
		if (!vrrp_tracked_is_fault(&tracked))
			continue;
		event->tracked.failed = true;
		if (!router->culprit)
			router->culprit = router->uses[i].tracker;
	}
}

bool tracker_awaited(const struct engine_router *router)
{
	for (uint32_t i = 0; i < router->use_count; i++) {
		struct vrrp_tracked tracked = tracked_by(&router->uses[i]);

		if (vrrp_tracked_is_awaited(&tracked))
			return true;
	}
	return false;
}
