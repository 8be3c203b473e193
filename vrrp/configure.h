/* SPDX-License-Identifier: ISC */
#ifndef VRRP_CONFIGURE_H
#define VRRP_CONFIGURE_H

#include <stdint.h>

struct engine;
struct image;
struct image_router;

/* Before any router of an image is configured, and before anything is heard of it from the applier,
 * who has got it: what was known of another source, or of a slot's former router, is forgotten. */
void configure_begin(struct engine *engine, const struct image *image);

/* Gives one router what an image says of it: whom its slot has not yet enters, whose identity is
 * another one is removed first, and the protocol is told only what is different.  The router starts
 * if nothing else is to be waited for.  `from` is of `image`.  0 or a negative errno: a new router
 * is not there then; one that was there goes on as far as it could be changed, in no sync group.
 * Engine thread; allocates. */
int configure_router(struct engine *engine, const struct image *image,
	const struct image_router *from, uint64_t now);

#endif
