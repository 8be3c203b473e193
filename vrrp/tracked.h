/* SPDX-License-Identifier: ISC */
#ifndef VRRP_TRACKED_H
#define VRRP_TRACKED_H

#include "lib/image.h"
#include "lib/tracker.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

/* The trackers that the configuration has, as the check process last told of them, and which
 * routers use each.  What was told holds until something else is: a check process that is stopped,
 * killed or new changes nothing.  Engine thread only. */

struct engine;
struct engine_router;
struct image;
struct message_trackers;
struct vrrp_event;

/* One router using one tracker. */
struct engine_use {
	LIST_ENTRY(engine_use) followers;
	struct engine_tracker *tracker;
	struct engine_router *router;
	int32_t weight;
	bool reverse;
};

struct engine_tracker {
	uint64_t identity; /* lib/tracker.h; 0: the slot is free */
	uint64_t since;	   /* of the present state */
	uint64_t born;	   /* the generation that it came with */
	uint64_t intake;   /* number of the last whole image that had it */
	int32_t value;
	uint8_t kind;
	uint8_t state;
	uint8_t result;
	LIST_HEAD(, engine_use) followers;
};

/* Takes over the trackers of a whole image, before its routers: one of the same kind and name keeps
 * its state. */
void tracker_begin_intake(struct engine *engine, const struct image *image, uint64_t now);

/* After its routers: forgets those that the image lacks. */
void tracker_end_intake(struct engine *engine);

/* Replaces the router's uses by those that the image has.  -ENOMEM, or -EINVAL for a tracker that
 * does not exist. */
int tracker_set_uses(struct engine *engine, struct engine_router *router, const struct image *image,
	struct image_span uses);
void tracker_forget_uses(struct engine_router *router);

/* Takes what the check process tells, and steps the routers that it matters to. */
void tracker_take_reports(
	struct engine *engine, const struct message_trackers *message, uint64_t now);

/* Adds what the router's trackers mean to a VRRP_EVENT_TRACKED. */
void tracker_add(const struct engine_router *router, struct vrrp_event *event);

/* Whether the router, not started yet, has to wait for one of them. */
bool tracker_awaited(const struct engine_router *router);

/* The first of the router's trackers that is a fault, or NULL. */
const struct engine_tracker *tracker_culprit(const struct engine_router *router);

uint32_t tracker_slot(const struct engine *engine, const struct engine_tracker *tracker);

#endif
