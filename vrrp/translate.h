/* SPDX-License-Identifier: ISC */
#ifndef VRRP_TRANSLATE_H
#define VRRP_TRANSLATE_H

#include <stdbool.h>

#include "lib/image.h"
#include "vrrp/protocol/router.h"

/* From what the image says of a router to what the protocol is told. */

/* The lists of addresses and peers are counted and left out; groups: [family - 1]. */
struct vrrp_configuration translate_router(
	const struct vrrp_address groups[2], const struct image_router *from);

/* The lists; the caller frees them.  NULL: out of memory. */
struct vrrp_address *translate_addresses(
	const struct image *image, const struct image_router *from);
struct vrrp_peer *translate_peers(const struct image *image, const struct image_router *from);

/* Whether two configurations of one router, with their lists, say the same. */
bool translate_same(const struct vrrp_configuration *left, const struct vrrp_configuration *right);

#endif
