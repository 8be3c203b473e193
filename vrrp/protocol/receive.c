/* SPDX-License-Identifier: ISC */
#include "vrrp/protocol/receive.h"

#include "vrrp/protocol/limits.h"
#include "vrrp/protocol/timer.h"
#include "vrrp/protocol/verify.h"

/* Adverts of the Active in a row before its form of the checksum is taken over. */
#define FORM_RUN 3

/* Whoever sends us frames must not make us send as many: so many adverts in answer to others per
 * interval (and as many at once), and one announcement in this time. */
#define ANSWERS_PER_INTERVAL 4
#define ANNOUNCE_GAP	     VRRP_SECOND

bool vrrp_receive_learns_form(const struct vrrp_configuration *configuration)
{
	return configuration->version == VRRP_VERSION_3 && configuration->family == VRRP_IPV4 &&
	       configuration->checksum == VRRP_CHECKSUM_AUTO;
}

/* Only what the accepted Active does again and again is followed: were it anybody's frame, one
 * forgery would make us unheard. */
static void learn_checksum(struct vrrp_turn *turn, const struct vrrp_view *view)
{
	struct vrrp_state_block *state = &turn->router->state;

	if (!vrrp_receive_learns_form(&turn->router->configuration))
		return;
	if (view->checksum_form == state->checksum_form ||
		!vrrp_address_equal(&state->active, &view->source))
		state->other_form_run = 0;
	if (view->checksum_form == state->checksum_form)
		return;
	if (++state->other_form_run < FORM_RUN)
		return;
	state->other_form_run = 0;
	state->checksum_form = view->checksum_form;
	vrrp_turn_checksum_learned(turn, (enum vrrp_checksum_form)view->checksum_form);
}

/* Version 2 has one interval for all (another one was dropped), version 3 follows the Active. */
static void learn_active(struct vrrp_turn *turn, const struct vrrp_view *view)
{
	struct vrrp_state_block *state = &turn->router->state;

	state->active_interval = view->interval;
	state->interval_learned = true;
	state->active = view->source;
	state->active_priority = view->priority;
}

/* The deadline is never put off: repeated, it would otherwise keep the takeover waiting. */
static void hear_stop(struct vrrp_turn *turn)
{
	struct vrrp_state_block *state = &turn->router->state;
	const uint64_t skew = vrrp_skew(
		turn->router->configuration.version, state->priority, state->active_interval);

	state->stop_heard = true;
	if (state->willing)
		return;
	if (turn->now + skew >= state->deadline) {
		state->timer_base = state->deadline - skew;
		return;
	}
	state->timer_base = turn->now;
	vrrp_turn_arm_backup(turn);
}

/* A lower priority is followed as any other while the preemption delay, which it starts, runs. */
static bool is_preempted(struct vrrp_turn *turn, const struct vrrp_view *view)
{
	const struct vrrp_configuration *configuration = &turn->router->configuration;
	struct vrrp_state_block *state = &turn->router->state;

	if (view->priority >= state->priority) {
		state->preempt_at = VRRP_NEVER;
		return false;
	}
	if (!configuration->preempt)
		return false;
	if (state->preempt_at == VRRP_NEVER)
		state->preempt_at = turn->now + configuration->preempt_delay;
	return turn->now >= state->preempt_at;
}

static void hear_as_backup(struct vrrp_turn *turn, const struct vrrp_view *view)
{
	struct vrrp_state_block *state = &turn->router->state;

	if (view->priority == VRRP_PRIORITY_STOP) {
		hear_stop(turn);
		return;
	}
	if (is_preempted(turn, view)) {
		state->lower_heard = true;
		state->lower_priority = view->priority;
		return;
	}
	learn_checksum(turn, view);
	learn_active(turn, view);
	state->timer_base = turn->now;
	state->willing = false;
	state->stop_heard = false;
	state->lower_heard = false;
	vrrp_turn_arm_backup(turn);
}

/* A leaky bucket: each answer puts off `after` by its share of the interval, and answers may run
 * ahead of it by all shares but one. */
static bool passes(const struct vrrp_turn *turn, uint64_t *after)
{
	const uint64_t share = turn->router->configuration.interval / ANSWERS_PER_INTERVAL;

	if (turn->now + (ANSWERS_PER_INTERVAL - 1) * share < *after)
		return false;
	if (*after < turn->now)
		*after = turn->now;
	*after += share;
	return true;
}

static bool may_answer(struct vrrp_turn *turn)
{
	if (passes(turn, &turn->router->state.answer_after))
		return true;
	turn->router->statistics.answers_withheld++;
	return false;
}

static void announce_on_lower(struct vrrp_turn *turn)
{
	struct vrrp_state_block *state = &turn->router->state;

	/* Before the addresses are in place there is nothing to announce. */
	if (!turn->router->configuration.announce_on_lower || state->announce_due)
		return;
	if (turn->now < state->announce_after)
		return;
	state->announce_after = turn->now + ANNOUNCE_GAP;
	vrrp_turn_announce(turn, true);
}

static void hear_as_active(struct vrrp_turn *turn, const struct vrrp_view *view)
{
	struct vrrp_router *router = turn->router;
	const uint8_t own = router->state.priority;

	if (view->priority == VRRP_PRIORITY_STOP) {
		if (!may_answer(turn))
			return;
		vrrp_turn_send(turn, own);
		vrrp_turn_arm(turn, turn->now + vrrp_turn_pace(turn));
		return;
	}
	if (view->priority > own ||
		(view->priority == own &&
			vrrp_address_compare(&view->source, &router->state.primary) > 0)) {
		enum vrrp_transition reason = view->priority > own
						      ? VRRP_TRANSITION_HIGHER_PRIORITY
						      : VRRP_TRANSITION_GREATER_ADDRESS;

		if (router->configuration.answer_higher && may_answer(turn))
			vrrp_turn_send(turn, own);
		learn_active(turn, view);
		vrrp_turn_change(turn, VRRP_STATE_BACKUP, reason, view);
		return;
	}
	if (passes(turn, &router->state.tell_after))
		vrrp_turn_lower_heard(turn, view);
	if (!router->configuration.no_lower_answer) {
		if (!may_answer(turn))
			return;
		vrrp_turn_send(turn, own);
	}
	announce_on_lower(turn);
}

void vrrp_receive_count(struct vrrp_router *router, uint8_t form, uint64_t adverts)
{
	const struct vrrp_configuration *configuration = &router->configuration;

	router->statistics.received += adverts;
	if (configuration->version == VRRP_VERSION_3 && configuration->family == VRRP_IPV4)
		router->statistics.forms[form] += adverts;
}

void vrrp_receive(struct vrrp_turn *turn, const struct vrrp_view *view)
{
	struct vrrp_router *router = turn->router;
	const struct vrrp_findings findings =
		vrrp_verify(router, view, turn->now, vrrp_turn_active_down(turn));

	for (unsigned int i = 0; i < findings.note_count; i++)
		vrrp_turn_error(turn, findings.notes[i], false, &view->source);
	if (findings.drop != VRRP_DROP_NONE) {
		vrrp_turn_error(turn, findings.drop, true, &view->source);
		return;
	}
	vrrp_receive_count(router, view->checksum_form, 1);
	if (view->priority == VRRP_PRIORITY_STOP)
		router->statistics.stop_received++;
	if (view->ah.ip_header)
		vrrp_ah_remember(&router->ah, &view->source, view->ah.sequence, turn->now);
	router->state.last_heard = turn->now;
	if (router->configuration.owner_ignores && router->state.priority == VRRP_PRIORITY_OWNER)
		return;
	if (router->state.state == VRRP_STATE_BACKUP)
		hear_as_backup(turn, view);
	else
		hear_as_active(turn, view);
}
