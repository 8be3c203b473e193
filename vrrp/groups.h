/* SPDX-License-Identifier: ISC */
#ifndef VRRP_GROUPS_H
#define VRRP_GROUPS_H

#include "lib/image.h"

#include <stdbool.h>
#include <stdint.h>

struct engine;
struct engine_router;

/* Sync groups in the engine: what vrrp/protocol/group.h decides is carried out within the step that
 * caused it, so that all advertisements of a takeover leave together.  Engine thread. */

/* A member was stepped: the others follow it. */
void groups_follow(struct engine *engine, struct engine_router *router, uint64_t now);

/* Makes the groups of a whole image, before its routers are taken in.  0 or -ENOMEM. */
int groups_begin(struct engine *engine, const struct image *image, uint64_t now);

/* Puts a router into the group that has the slot `group` - 1 (0: into none), and tells its group
 * that it is administratively down, or no more.  While an image is taken in nobody moves for it. */
void groups_place(
	struct engine *engine, struct engine_router *router, uint32_t group, uint64_t now);

/* A member goes on where the predecessor left it, which knew other groups perhaps. */
void groups_resume(struct engine *engine, struct engine_router *router, uint64_t now);

/* Whether a member that may start was held for others who may be back by the end of the image:
 * until then it waits, so as not to begin in a fault that is over. */
bool groups_awaited(const struct engine_router *router);

/* Starts a member, if it is ready to. */
typedef void groups_start(struct engine *engine, struct engine_router *router, uint64_t now);

/* The image has been taken in: groups whose members came or went move now, after those that waited
 * for it have started, and those that a whole image lacked are gone. */
void groups_end(struct engine *engine, bool whole, uint64_t now, groups_start *start);

/* Tells the state of each. */
void groups_tell(struct engine *engine, uint64_t now);

/* Frees every group, when no router is in one any more. */
void groups_clear(struct engine *engine);

#endif
