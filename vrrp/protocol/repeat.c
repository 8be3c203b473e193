/* SPDX-License-Identifier: ISC */
#include "vrrp/protocol/repeat.h"

#include "vrrp/protocol/limits.h"
#include "vrrp/protocol/receive.h"
#include "vrrp/protocol/transition.h"
#include "vrrp/protocol/verify.h"

/* A genuine AH header is new each time, and a sequence number can't be had twice. */
static bool is_clean(const struct vrrp_router *router, const struct vrrp_view *view)
{
	struct vrrp_findings findings;

	if (view->ah.ip_header)
		return false;
	findings = vrrp_verify(router, view, 0, 0);
	return findings.drop == VRRP_DROP_NONE && !findings.note_count;
}

/* All that it says has been learned. */
static bool is_known(const struct vrrp_state_block *state, const struct vrrp_view *view)
{
	return vrrp_address_equal(&state->active, &view->source) &&
	       state->active_priority == view->priority &&
	       state->active_interval == view->interval && state->interval_learned;
}

/* Nothing is under way that it would end. */
static bool is_settled(const struct vrrp_state_block *state)
{
	return !state->willing && !state->stop_heard && !state->lower_heard &&
	       !state->other_form_run;
}

/* Neither now nor after any time. */
static bool never_preempts(const struct vrrp_router *router, const struct vrrp_view *view)
{
	if (view->priority >= router->state.priority)
		return router->state.preempt_at == VRRP_NEVER;
	return !router->configuration.preempt;
}

bool vrrp_repeats(const struct vrrp_router *router, const struct vrrp_view *view)
{
	const struct vrrp_configuration *configuration = &router->configuration;
	const struct vrrp_state_block *state = &router->state;

	if (state->state != VRRP_STATE_BACKUP || view->priority == VRRP_PRIORITY_STOP)
		return false;
	if (configuration->owner_ignores && state->priority == VRRP_PRIORITY_OWNER)
		return false;
	if (vrrp_receive_learns_form(configuration) && view->checksum_form != state->checksum_form)
		return false;
	return is_known(state, view) && is_settled(state) && never_preempts(router, view) &&
	       is_clean(router, view);
}

void vrrp_repeat(struct vrrp_router *router, uint64_t at, uint64_t count, uint8_t form,
	struct vrrp_actions *actions)
{
	struct vrrp_turn turn = {.router = router, .now = at, .actions = actions};
	struct vrrp_state_block *state = &router->state;

	actions->count = 0;
	vrrp_receive_count(router, form, count);
	if (at > state->last_heard)
		state->last_heard = at;
	if (state->state != VRRP_STATE_BACKUP || at <= state->timer_base)
		return;
	state->timer_base = at;
	vrrp_turn_arm_backup(&turn);
}
