/* SPDX-License-Identifier: ISC */
#ifndef VRRP_TRACKERS_H
#define VRRP_TRACKERS_H

#include "lib/image.h"
#include "lib/tracker.h"

#include <stdbool.h>
#include <stdint.h>

/* The trackers that the configuration has, as the check process last told of them, and which
 * routers use each.  What was told holds until something else is: a check process that is stopped,
 * killed or new changes nothing.  Engine thread only. */

struct engine;
struct engine_router;
struct engine_tracker;
struct image;
struct vrrp_event;

/* Takes over the trackers of a whole image, before its routers: one of the same kind and name keeps
 * its state. */
void tracker_begin_image(struct engine *engine, const struct image *image, uint64_t now);

/* After its routers: forgets those that the image lacks. */
void tracker_end_image(struct engine *engine);

/* Replaces the router's uses by those that the image has.  -ENOMEM, or -EINVAL for a tracker that
 * does not exist. */
int tracker_set_uses(struct engine *engine, struct engine_router *router, const struct image *image,
	struct image_span uses);

/* The router uses none any more. */
void tracker_forget_uses(struct engine_router *router);

/* Takes what the check process, which has the image of that generation, tells of a tracker: the
 * tracker if it matters to its routers, who are still to be told; else NULL. */
const struct engine_tracker *tracker_take_report(struct engine *engine,
	const struct tracker_report *report, uint64_t generation, uint64_t now);

/* Adds what the router's trackers mean to a VRRP_EVENT_TRACKED, and notes who is to blame. */
void tracker_add(struct engine_router *router, struct vrrp_event *event);

/* Whether the router, not started yet, has to wait for one of them. */
bool tracker_awaited(const struct engine_router *router);

#endif
