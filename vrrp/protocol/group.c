/* SPDX-License-Identifier: ISC */
#include "vrrp/protocol/group.h"

enum fact {
	MEMBER = 1 << 0,
	WAITING = 1 << 1,
	FAULTY = 1 << 2,
	ACTIVE = 1 << 3,
	READY = 1 << 4,
	FOLLOWING = 1 << 5,
	DOWN = 1 << 6,
	HELD = 1 << 7,
};

static uint8_t facts_of(const struct vrrp_router *router, bool disabled)
{
	const struct vrrp_state_block *state = &router->state;
	uint8_t facts = MEMBER;

	if (state->faults & VRRP_FAULT_GROUP)
		facts |= HELD;
	if (disabled)
		return facts | FAULTY | DOWN;
	if (!state->started)
		return facts | WAITING;
	if (state->faults & ~VRRP_FAULT_GROUP)
		facts |= FAULTY;
	if (state->state == VRRP_STATE_ACTIVE)
		facts |= ACTIVE | READY;
	if (state->state == VRRP_STATE_BACKUP && state->willing)
		facts |= READY;
	else if (state->state == VRRP_STATE_BACKUP && vrrp_address_is_set(&state->active))
		facts |= FOLLOWING;
	return facts;
}

static void add(struct vrrp_group *group, uint8_t facts, uint32_t number)
{
	group->members += facts & MEMBER ? number : 0;
	group->waiting += facts & WAITING ? number : 0;
	group->faulty += facts & FAULTY ? number : 0;
	group->active += facts & ACTIVE ? number : 0;
	group->ready += facts & READY ? number : 0;
	group->following += facts & FOLLOWING ? number : 0;
	group->down += facts & DOWN ? number : 0;
	group->held += facts & HELD ? number : 0;
	group->held_faulty += (facts & HELD) && (facts & FAULTY) ? number : 0;
}

static bool recount(struct vrrp_group *group, struct vrrp_group_place *place, uint8_t facts)
{
	if (place->facts == facts)
		return false;
	add(group, place->facts, UINT32_MAX); /* less one */
	add(group, facts, 1);
	place->facts = facts;
	return true;
}

bool vrrp_group_update(struct vrrp_group *group, struct vrrp_group_place *place,
	const struct vrrp_router *router, bool disabled)
{
	return recount(group, place, facts_of(router, disabled));
}

void vrrp_group_forget(struct vrrp_group *group, struct vrrp_group_place *place)
{
	recount(group, place, 0);
}

/* While some wait for their start, nobody knows whether they come with a fault. */
static bool fault_order(const struct vrrp_group *group, const struct vrrp_group_place *place,
	const struct vrrp_router *router, enum vrrp_group_order *order)
{
	const uint32_t others = group->faulty - (place->facts & FAULTY ? 1 : 0);
	const bool holds = router->state.faults & VRRP_FAULT_GROUP;

	*order = others > 0 ? VRRP_GROUP_FAULT : VRRP_GROUP_FAULT_GONE;
	return others > 0 ? !holds : holds && group->waiting == 0;
}

bool vrrp_group_order(const struct vrrp_group *group, const struct vrrp_group_place *place,
	const struct vrrp_router *router, enum vrrp_group_order *order)
{
	if (fault_order(group, place, router, order))
		return true;
	if (group->faulty > 0)
		return false;
	if (group->ready == group->members) {
		*order = VRRP_GROUP_ACTIVE;
		return !(place->facts & ACTIVE);
	}
	*order = VRRP_GROUP_BACKUP;
	return place->facts & ACTIVE && group->following > 0;
}

bool vrrp_group_settled(const struct vrrp_group *group)
{
	if (group->faulty > 1)
		return group->held == group->members;
	/* It is the one that the others are held for. */
	if (group->faulty == 1)
		return group->held - group->held_faulty == group->members - 1 &&
		       (group->held_faulty == 0 || group->waiting > 0);
	if (group->held > 0 && group->waiting == 0)
		return false;
	if (group->ready == group->members)
		return group->active == group->members;
	return group->active == 0 || group->following == 0;
}

enum vrrp_state vrrp_group_state(const struct vrrp_group *group, enum vrrp_state before)
{
	if (group->waiting + group->down == group->members)
		return VRRP_STATE_INITIALIZE;
	if (group->waiting > 0)
		return before;
	if (group->faulty > 0)
		return VRRP_STATE_FAULT;
	return group->active > 0 ? VRRP_STATE_ACTIVE : VRRP_STATE_BACKUP;
}
