/* SPDX-License-Identifier: ISC */
#include "vrrp/protocol/transition.h"

#include "lib/hot.h"
#include "vrrp/protocol/limits.h"
#include "vrrp/protocol/timer.h"

/* After the addresses could not be set, this long until the router tries again; so often it is
 * doubled. */
#define APPLY_RETRY	(10 * VRRP_SECOND)
#define APPLY_DOUBLINGS 6

/* VRRP_ACTIONS_MAX holds the longest sequence one event can cause; an action that did not fit
 * would be our own defect, and losing it is better than writing beyond the array. */
static void act(struct vrrp_turn *turn, struct vrrp_action action)
{
	if (turn->actions->count < VRRP_ACTIONS_MAX)
		turn->actions->list[turn->actions->count++] = action;
}

HOT void vrrp_turn_send(struct vrrp_turn *turn, uint8_t priority)
{
	struct vrrp_statistics *statistics = &turn->router->statistics;

	statistics->sent++;
	if (priority == VRRP_PRIORITY_STOP)
		statistics->stop_sent++;
	act(turn,
		(struct vrrp_action){.type = VRRP_ACTION_SEND_ADVERT, .advert.priority = priority});
}

HOT void vrrp_turn_arm(struct vrrp_turn *turn, uint64_t deadline)
{
	turn->router->state.deadline = deadline;
	act(turn, (struct vrrp_action){.type = VRRP_ACTION_ARM, .deadline = deadline});
}

void vrrp_turn_disarm(struct vrrp_turn *turn)
{
	if (turn->router->state.deadline == VRRP_NEVER)
		return;
	turn->router->state.deadline = VRRP_NEVER;
	act(turn, (struct vrrp_action){.type = VRRP_ACTION_DISARM});
}

void vrrp_turn_own(struct vrrp_turn *turn, bool own)
{
	act(turn, (struct vrrp_action){.type = VRRP_ACTION_OWN_ADDRESSES, .own = own});
}

void vrrp_turn_announce(struct vrrp_turn *turn, bool lower)
{
	act(turn, (struct vrrp_action){.type = VRRP_ACTION_ANNOUNCE, .lower = lower});
}

void vrrp_turn_lower_heard(struct vrrp_turn *turn, const struct vrrp_view *view)
{
	act(turn, (struct vrrp_action){
			  .type = VRRP_ACTION_LOWER_HEARD,
			  .heard = {.source = view->source, .priority = view->priority},
		  });
}

void vrrp_turn_checksum_learned(struct vrrp_turn *turn, enum vrrp_checksum_form form)
{
	act(turn, (struct vrrp_action){.type = VRRP_ACTION_CHECKSUM_LEARNED, .form = form});
}

void vrrp_turn_error(struct vrrp_turn *turn, enum vrrp_drop drop, bool dropped,
	const struct vrrp_address *source)
{
	struct vrrp_statistics *statistics = &turn->router->statistics;
	enum vrrp_counter counter = vrrp_drop_counter(drop);

	statistics->drops[drop]++;
	if (!(turn->counted & 1u << counter))
		statistics->errors[counter]++;
	turn->counted |= 1u << counter;
	if (vrrp_counter_proto_error(counter) != 0)
		statistics->last_error = (uint8_t)counter;
	act(turn, (struct vrrp_action){
			  .type = VRRP_ACTION_PROTOCOL_ERROR,
			  .error = {.drop = drop, .dropped = dropped, .source = *source},
		  });
}

HOT uint64_t vrrp_turn_pace(const struct vrrp_turn *turn)
{
	const struct vrrp_router *router = turn->router;

	return router->state.paced_left ? router->state.pace : router->configuration.interval;
}

uint64_t vrrp_turn_active_down(const struct vrrp_turn *turn)
{
	const struct vrrp_configuration *configuration = &turn->router->configuration;
	const struct vrrp_state_block *state = &turn->router->state;
	const uint8_t adverts = configuration->down_adverts ? configuration->down_adverts
							    : VRRP_DOWN_ADVERTS_DEFAULT;

	return vrrp_active_down(
		configuration->version, state->priority, state->active_interval, adverts);
}

void vrrp_turn_arm_backup(struct vrrp_turn *turn)
{
	const struct vrrp_state_block *state = &turn->router->state;
	const uint8_t version = turn->router->configuration.version;
	uint64_t wait = vrrp_turn_active_down(turn);

	if (state->willing)
		return;
	if (state->stop_heard)
		wait = vrrp_skew(version, state->priority, state->active_interval);
	vrrp_turn_arm(turn, state->timer_base + wait);
}

static void leave_active(struct vrrp_turn *turn, enum vrrp_state next)
{
	struct vrrp_state_block *state = &turn->router->state;

	/* The peers need not wait for our silence.  Not when another Active took over, and not
	 * when nothing can be sent. */
	if (next != VRRP_STATE_BACKUP && !(state->faults & (VRRP_FAULT_LINK | VRRP_FAULT_ADDRESS)))
		vrrp_turn_send(turn, VRRP_PRIORITY_STOP);
	state->announce_due = false;
	vrrp_turn_own(turn, false);
}

static enum vrrp_new_master new_master_reason(enum vrrp_transition reason)
{
	switch (reason) {
	case VRRP_TRANSITION_OWNER:
	case VRRP_TRANSITION_STOP_HEARD:
		return VRRP_NEW_MASTER_PRIORITY;
	case VRRP_TRANSITION_PREEMPT:
		return VRRP_NEW_MASTER_PREEMPTED;
	default:
		return VRRP_NEW_MASTER_NO_RESPONSE;
	}
}

static void enter_active(struct vrrp_turn *turn, enum vrrp_transition reason)
{
	struct vrrp_state_block *state = &turn->router->state;
	struct vrrp_statistics *statistics = &turn->router->statistics;

	statistics->transitions++;
	statistics->new_master = new_master_reason(reason);
	state->active = state->primary;
	state->active_priority = state->priority;
	state->announce_due = true;
	state->paced_left = 0;
	state->willing = false;
	vrrp_turn_send(turn, state->priority);
	vrrp_turn_arm(turn, turn->now + turn->router->configuration.interval);
	vrrp_turn_own(turn, true);
}

/* What was learned from `heard` is already in the state; without it the router starts afresh. */
static void enter_backup(struct vrrp_turn *turn, const struct vrrp_view *heard)
{
	struct vrrp_state_block *state = &turn->router->state;

	if (!heard) {
		state->active = (struct vrrp_address){.family = VRRP_FAMILY_NONE};
		state->active_priority = 0;
		state->active_interval = turn->router->configuration.interval;
		state->interval_learned = false;
	}
	state->timer_base = turn->now;
	state->preempt_at = VRRP_NEVER;
	state->willing = false;
	state->stop_heard = false;
	state->lower_heard = false;
	state->other_form_run = 0;
	vrrp_turn_arm_backup(turn);
}

static uint64_t apply_retry(uint8_t failures)
{
	const unsigned int doublings = failures > 0 ? failures - 1u : 0;

	return APPLY_RETRY << (doublings < APPLY_DOUBLINGS ? doublings : APPLY_DOUBLINGS);
}

static void enter_stopped(struct vrrp_turn *turn, enum vrrp_state next)
{
	struct vrrp_state_block *state = &turn->router->state;

	state->up_since = 0;
	state->willing = false;
	state->active = (struct vrrp_address){.family = VRRP_FAMILY_NONE};
	state->active_priority = 0;
	if (next == VRRP_STATE_FAULT && (state->faults & VRRP_FAULT_APPLY))
		vrrp_turn_arm(turn, turn->now + apply_retry(state->apply_failures));
	else
		vrrp_turn_disarm(turn);
}

static bool is_running(uint8_t state)
{
	return state == VRRP_STATE_BACKUP || state == VRRP_STATE_ACTIVE;
}

/* A member of a group has waited for the others as well. */
static uint64_t waited(const struct vrrp_turn *turn)
{
	const struct vrrp_state_block *state = &turn->router->state;

	return (state->willing ? turn->now : state->deadline) - state->timer_base;
}

static struct vrrp_state_change describe(const struct vrrp_turn *turn, enum vrrp_state next,
	enum vrrp_transition reason, const struct vrrp_view *heard)
{
	const struct vrrp_state_block *state = &turn->router->state;
	struct vrrp_state_change change = {
		.old_state = state->state,
		.new_state = (uint8_t)next,
		.reason = (uint8_t)reason,
		.priority = state->priority,
	};

	if (heard) {
		change.peer = heard->source;
		change.peer_priority = heard->priority;
	} else if (state->state == VRRP_STATE_BACKUP) {
		change.peer = state->active;
		change.peer_priority = state->active_priority;
		/* What was heard before it became Backup, or was out of service, says nothing. */
		if (state->last_heard != 0 && state->last_heard >= state->since)
			change.silence = turn->now - state->last_heard;
		if (next == VRRP_STATE_ACTIVE && reason != VRRP_TRANSITION_OWNER)
			change.waited = waited(turn);
	}
	return change;
}

void vrrp_turn_change(struct vrrp_turn *turn, enum vrrp_state next, enum vrrp_transition reason,
	const struct vrrp_view *heard)
{
	struct vrrp_state_block *state = &turn->router->state;
	const struct vrrp_state_change change = describe(turn, next, reason, heard);

	if (state->state == VRRP_STATE_ACTIVE)
		leave_active(turn, next);
	if (is_running(next) && !is_running(state->state))
		state->up_since = turn->now;
	state->state = (uint8_t)next;
	state->since = turn->now;
	if (next == VRRP_STATE_ACTIVE)
		enter_active(turn, reason);
	else if (next == VRRP_STATE_BACKUP)
		enter_backup(turn, heard);
	else
		enter_stopped(turn, next);
	act(turn, (struct vrrp_action){.type = VRRP_ACTION_STATE_CHANGED, .changed = change});
}
