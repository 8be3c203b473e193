/* SPDX-License-Identifier: ISC */
#ifndef VRRP_PROTOCOL_REPEAT_H
#define VRRP_PROTOCOL_REPEAT_H

#include "vrrp/protocol/router.h"

#include <stdbool.h>
#include <stdint.h>

/* Adverts that say again what the last said: nearly all that a Backup hears. */

/* Whether exactly this advert, which the router has just been given, would from now on do nothing
 * but be counted and put off Active_Down, whenever it came, until the next event of any kind. */
bool vrrp_repeats(const struct vrrp_router *router, const struct vrrp_view *view);

/* Such an advert came `count` times, last at `at`: as vrrp_step() for each of them, where nothing
 * else happened to the router in between.  `form`: enum vrrp_checksum_form of it. */
void vrrp_repeat(struct vrrp_router *router, uint64_t at, uint64_t count, uint8_t form,
	struct vrrp_actions *actions);

#endif
