/* SPDX-License-Identifier: ISC */
#include "vrrp/protocol/resume.h"

#include "vrrp/protocol/transition.h"

static bool is_plausible(const struct vrrp_router *router, uint64_t now,
	const struct vrrp_state_block *state, const struct vrrp_statistics *statistics)
{
	const uint8_t family = router->configuration.family;

	return state->started && state->state > VRRP_STATE_INITIALIZE &&
	       state->state < VRRP_STATES && state->since <= now &&
	       (state->primary.family == VRRP_FAMILY_NONE || state->primary.family == family) &&
	       (state->active.family == VRRP_FAMILY_NONE || state->active.family == family) &&
	       state->active_interval && state->checksum_form < VRRP_CHECKSUM_FORMS &&
	       statistics->last_error < VRRP_COUNTERS;
}

/* The configuration may be another than the state is of, so that the deadline may lie farther away
 * than it ever puts one. */
static uint64_t latest(const struct vrrp_turn *turn)
{
	if (turn->router->state.state == VRRP_STATE_ACTIVE)
		return turn->now + turn->router->configuration.interval;
	return turn->now + vrrp_turn_active_down(turn);
}

bool vrrp_router_resume(struct vrrp_router *router, uint64_t now,
	const struct vrrp_state_block *state, const struct vrrp_statistics *statistics,
	struct vrrp_actions *actions)
{
	struct vrrp_turn turn = {.router = router, .now = now, .actions = actions};

	actions->count = 0;
	if (!is_plausible(router, now, state, statistics))
		return false;
	router->state = *state;
	router->statistics = *statistics;
	if (state->willing && state->state == VRRP_STATE_BACKUP)
		router->state.deadline = VRRP_NEVER;
	else if (state->state != VRRP_STATE_FAULT && state->deadline > latest(&turn))
		vrrp_turn_arm(&turn, latest(&turn));
	else if (state->deadline != VRRP_NEVER)
		vrrp_turn_arm(&turn, state->deadline);
	if (state->state == VRRP_STATE_ACTIVE)
		vrrp_turn_own(&turn, true);
	return true;
}
