/* SPDX-License-Identifier: ISC */
#ifndef VRRP_TRACKED_INTERFACES_H
#define VRRP_TRACKED_INTERFACES_H

struct engine;
struct engine_router;
struct image;
struct image_router;

/* The interfaces that a router tracks (vrrp/interface.h); scripts, processes and files are
 * vrrp/trackers.h's.  Engine thread. */

/* Replaces what the router tracks by what the image says.  0, or -ENOMEM: it tracks some of them
 * then. */
int tracked_interfaces_set(struct engine *engine, struct engine_router *router,
	const struct image *image, const struct image_router *from);

/* It tracks none. */
void tracked_interfaces_forget(struct engine_router *router);

#endif
