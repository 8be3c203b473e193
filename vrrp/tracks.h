/* SPDX-License-Identifier: ISC */
#ifndef VRRP_TRACKS_H
#define VRRP_TRACKS_H

struct engine;
struct engine_router;
struct image;
struct image_router;

/* The interfaces that a router tracks (vrrp/interface.h); scripts, processes and files are
 * vrrp/tracked.h's.  Engine thread. */

/* Replaces what the router tracks by what the image says.  0, or -ENOMEM: it tracks some of them
 * then. */
int tracks_set(struct engine *engine, struct engine_router *router, const struct image *image,
	const struct image_router *from);

/* It tracks none. */
void tracks_forget(struct engine_router *router);

#endif
