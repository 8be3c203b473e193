/* SPDX-License-Identifier: ISC */
#include "vrrp/groups.h"

#include "lib/hot.h"
#include "lib/identity.h"
#include "vrrp/actions.h"
#include "vrrp/engine_state.h"
#include "vrrp/publish.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

/* A fault that goes, owners that are willing at once, and all go Active: the longest chain. */
#define ROUNDS_MAX 8

static bool update(struct engine_group *group, struct engine_router *router)
{
	return vrrp_group_update(
		&group->protocol, &router->place, &router->protocol, router->disabled);
}

static void execute_order(struct engine *engine, struct engine_router *router,
	enum vrrp_group_order order, uint64_t now)
{
	actions_step(engine, router, now,
		&(struct vrrp_event){.type = VRRP_EVENT_GROUP, .group = order});
}

static void order_round(struct engine *engine, struct engine_group *group, uint64_t now)
{
	struct engine_router *member;
	enum vrrp_group_order order;

	LIST_FOREACH (member, &group->members, fellows) {
		if (!vrrp_group_order(&group->protocol, &member->place, &member->protocol, &order))
			continue;
		execute_order(engine, member, order, now);
		update(group, member);
	}
}

static void tell(struct engine *engine, struct engine_group *group, uint64_t now)
{
	const uint8_t before = group->state;
	const enum vrrp_state state = vrrp_group_state(&group->protocol, (enum vrrp_state)before);

	/* A group that the predecessor left has not stopped because its members are not back yet.
	 */
	if (state == before || (state == VRRP_STATE_INITIALIZE && engine->resume))
		return;
	group->state = (uint8_t)state;
	group->since = now;
	group->transitions += group->state == VRRP_STATE_ACTIVE;
	group->cause = engine->mover;
	publish_group(engine, group, before, now);
}

static void settle(struct engine *engine, struct engine_group *group, uint64_t now)
{
	int rounds = ROUNDS_MAX;

	while (rounds-- > 0 && !vrrp_group_settled(&group->protocol))
		order_round(engine, group, now);
	tell(engine, group, now);
}

HOT void groups_follow(struct engine *engine, struct engine_router *router, uint64_t now)
{
	struct engine_group *group = router->group;

	if (!group || !update(group, router) || group->unsettled)
		return;
	engine->mover = router->slot + 1;
	settle(engine, group, now);
	engine->mover = 0;
}

/* As the predecessor left it. */
static void take_up(struct engine *engine, struct engine_group *group)
{
	const struct snapshot_group *snapshot =
		snapshot_find_group(engine->resume, group->identity);

	if (!snapshot)
		return;
	group->state = snapshot->state;
	group->since = snapshot->since;
	group->transitions = snapshot->transitions;
}

static int name_group(struct engine *engine, const struct image *image,
	const struct image_group *from, uint64_t now)
{
	const uint64_t identity = identity_of_name(image_string(image, from->name));
	struct engine_group *group = engine->sync_groups[from->slot];

	if (!group) {
		group = calloc(1, sizeof(*group));
		if (!group)
			return -ENOMEM;
		LIST_INIT(&group->members);
		group->slot = from->slot;
		group->unsettled = true;
		engine->sync_groups[from->slot] = group;
	}
	group->image_number = engine->images_begun;
	if (group->identity == identity)
		return 0;
	group->identity = identity;
	group->state = VRRP_STATE_INITIALIZE;
	group->since = now;
	group->transitions = 0;
	group->cause = 0;
	take_up(engine, group);
	publish_group_row(engine, group);
	return 0;
}

int groups_begin(struct engine *engine, const struct image *image, uint64_t now)
{
	const struct image_group *groups = image_groups(image);
	int error = 0;

	for (uint32_t i = 0; i < image_header(image)->groups.count && !error; i++)
		error = name_group(engine, image, &groups[i], now);
	return error;
}

static void unsettle(struct engine_group *group, const struct engine_router *router)
{
	group->unsettled = true;
	group->mover = router->slot + 1;
}

static void leave(struct engine *engine, struct engine_router *router, uint64_t now)
{
	struct engine_group *group = router->group;

	LIST_REMOVE(router, fellows);
	vrrp_group_forget(&group->protocol, &router->place);
	router->group = NULL;
	unsettle(group, router);
	execute_order(engine, router, VRRP_GROUP_LEAVE, now);
}

void groups_place(
	struct engine *engine, struct engine_router *router, uint32_t number, uint64_t now)
{
	struct engine_group *group = number ? engine->sync_groups[number - 1] : NULL;

	if (router->group && router->group != group)
		leave(engine, router, now);
	if (group && !router->group) {
		router->group = group;
		LIST_INSERT_HEAD(&group->members, router, fellows);
		execute_order(engine, router, VRRP_GROUP_JOIN, now);
	}
	if (group && update(group, router))
		unsettle(group, router);
}

void groups_resume(struct engine *engine, struct engine_router *router, uint64_t now)
{
	execute_order(engine, router, router->group ? VRRP_GROUP_JOIN : VRRP_GROUP_LEAVE, now);
}

static void end_group(struct engine *engine, struct engine_group *group)
{
	engine->sync_groups[group->slot] = NULL;
	publish_group_gone(engine, group->slot);
	free(group);
}

bool groups_awaited(const struct engine_router *router)
{
	return router->group && router->group->unsettled &&
	       router->protocol.state.faults & VRRP_FAULT_GROUP;
}

/* Who has not started is no longer held when nobody is down or in fault any more. */
static void start_members(
	struct engine *engine, struct engine_group *group, uint64_t now, groups_start *start)
{
	struct engine_router *member;

	LIST_FOREACH (member, &group->members, fellows) {
		if (group->protocol.faulty == 0 && !member->protocol.state.started)
			execute_order(engine, member, VRRP_GROUP_FAULT_GONE, now);
		update(group, member);
	}
	LIST_FOREACH (member, &group->members, fellows)
		start(engine, member, now);
}

void groups_end(struct engine *engine, bool whole, uint64_t now, groups_start *start)
{
	for (uint32_t slot = 0; slot < IMAGE_GROUPS; slot++) {
		struct engine_group *group = engine->sync_groups[slot];

		if (!group)
			continue;
		if (whole && group->image_number != engine->images_begun &&
			LIST_EMPTY(&group->members)) {
			end_group(engine, group);
			continue;
		}
		if (!group->unsettled)
			continue;
		group->unsettled = false;
		start_members(engine, group, now, start);
		engine->mover = group->mover;
		settle(engine, group, now);
		engine->mover = 0;
	}
}

void groups_tell(struct engine *engine, uint64_t now)
{
	for (uint32_t slot = 0; slot < IMAGE_GROUPS; slot++) {
		if (engine->sync_groups[slot])
			publish_group_state(engine, engine->sync_groups[slot], now);
	}
}

void groups_clear(struct engine *engine)
{
	for (uint32_t slot = 0; slot < IMAGE_GROUPS; slot++)
		free(engine->sync_groups[slot]);
}
