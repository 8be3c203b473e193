/* SPDX-License-Identifier: ISC */
#include "vrrp/protocol/step.h"

#include "lib/hot.h"
#include "vrrp/protocol/limits.h"
#include "vrrp/protocol/priority.h"
#include "vrrp/protocol/receive.h"
#include "vrrp/protocol/timer.h"
#include "vrrp/protocol/transition.h"

#define PACED_ADVERTS 3

static enum vrrp_checksum_form first_form(enum vrrp_checksum_mode mode)
{
	switch (mode) {
	case VRRP_CHECKSUM_MESSAGE_ONLY:
		return VRRP_CHECKSUM_MESSAGE;
	case VRRP_CHECKSUM_GROUP_ONLY:
		return VRRP_CHECKSUM_GROUP;
	default:
		return VRRP_CHECKSUM_PSEUDO;
	}
}

void vrrp_router_init(struct vrrp_router *router, const struct vrrp_configuration *configuration)
{
	*router = (struct vrrp_router){
		.configuration = *configuration,
		.state =
			{
				.state = VRRP_STATE_INITIALIZE,
				.faults = VRRP_FAULT_LINK | VRRP_FAULT_ADDRESS,
				.deadline = VRRP_NEVER,
				.preempt_at = VRRP_NEVER,
				.priority = vrrp_priority_effective(configuration->priority, 0),
				.active_interval = configuration->interval,
				.checksum_form = first_form(configuration->checksum),
			},
	};
}

static bool is_state(const struct vrrp_turn *turn, enum vrrp_state state)
{
	return turn->router->state.state == state;
}

static bool is_running(const struct vrrp_turn *turn)
{
	return is_state(turn, VRRP_STATE_BACKUP) || is_state(turn, VRRP_STATE_ACTIVE);
}

static enum vrrp_transition fault_reason(uint8_t faults)
{
	if (faults & VRRP_FAULT_LINK)
		return VRRP_TRANSITION_LINK_DOWN;
	if (faults & VRRP_FAULT_ADDRESS)
		return VRRP_TRANSITION_NO_ADDRESS;
	if (faults & VRRP_FAULT_TRACKING)
		return VRRP_TRANSITION_TRACKING;
	if (faults & VRRP_FAULT_APPLY)
		return VRRP_TRANSITION_ADDRESSES_FAILED;
	return VRRP_TRANSITION_GROUP;
}

/* Its group has to agree. */
static void become_willing(struct vrrp_turn *turn)
{
	turn->router->state.willing = true;
	vrrp_turn_disarm(turn);
}

static void begin(struct vrrp_turn *turn, enum vrrp_transition reason)
{
	const struct vrrp_state_block *state = &turn->router->state;
	const bool owner = state->priority == VRRP_PRIORITY_OWNER;

	if (owner && !state->grouped) {
		vrrp_turn_change(turn, VRRP_STATE_ACTIVE, VRRP_TRANSITION_OWNER, NULL);
		return;
	}
	vrrp_turn_change(turn, VRRP_STATE_BACKUP, reason, NULL);
	if (owner)
		become_willing(turn);
}

/* Goes to Fault or comes back from it when the faults have changed. */
static void review_faults(struct vrrp_turn *turn)
{
	const uint8_t faults = turn->router->state.faults;

	if (faults && is_running(turn))
		vrrp_turn_change(turn, VRRP_STATE_FAULT, fault_reason(faults), NULL);
	else if (!faults && is_state(turn, VRRP_STATE_FAULT))
		begin(turn, VRRP_TRANSITION_RECOVERED);
}

static void start(struct vrrp_turn *turn)
{
	struct vrrp_state_block *state = &turn->router->state;

	if (state->started)
		return;
	state->started = true;
	if (state->faults)
		vrrp_turn_change(turn, VRRP_STATE_FAULT, fault_reason(state->faults), NULL);
	else
		begin(turn, VRRP_TRANSITION_STARTUP);
}

static void shut_down(struct vrrp_turn *turn, bool removed)
{
	struct vrrp_state_block *state = &turn->router->state;

	if (!state->started)
		return;
	state->started = false;
	vrrp_turn_change(turn, VRRP_STATE_INITIALIZE,
		removed ? VRRP_TRANSITION_REMOVED : VRRP_TRANSITION_SHUTDOWN, NULL);
	state->faults &= (uint8_t)~VRRP_FAULT_APPLY;
	state->apply_failures = 0;
}

static void take_over(struct vrrp_turn *turn)
{
	const struct vrrp_state_block *state = &turn->router->state;
	enum vrrp_transition reason = VRRP_TRANSITION_SILENCE;

	if (state->priority == VRRP_PRIORITY_OWNER && state->grouped)
		reason = VRRP_TRANSITION_OWNER;
	else if (state->stop_heard)
		reason = VRRP_TRANSITION_STOP_HEARD;
	else if (state->lower_heard)
		reason = VRRP_TRANSITION_PREEMPT;
	vrrp_turn_change(turn, VRRP_STATE_ACTIVE, reason, NULL);
}

/* Adverts stay on the grid on which they began, so that lateness does not add up. */
static void advertise(struct vrrp_turn *turn)
{
	struct vrrp_state_block *state = &turn->router->state;
	const uint64_t interval = vrrp_turn_pace(turn);
	const uint64_t due = state->deadline;
	const uint64_t late = turn->now > due ? turn->now - due : 0;

	if (state->paced_left > 0)
		state->paced_left--;
	vrrp_turn_send(turn, state->priority);
	vrrp_turn_arm(turn, late > interval ? turn->now + interval : due + interval);
	/* Silent that long, another may have been Active and have taken the traffic. */
	if (late > 2 * interval && !state->announce_due)
		vrrp_turn_announce(turn, false);
}

static HOT void deadline_reached(struct vrrp_turn *turn)
{
	struct vrrp_state_block *state = &turn->router->state;
	uint64_t slack = 0;

	if (state->deadline == VRRP_NEVER)
		return;
	if (is_state(turn, VRRP_STATE_ACTIVE))
		slack = vrrp_advert_slack(turn->router->configuration.interval);
	if (turn->now + slack < state->deadline) {
		vrrp_turn_arm(turn, state->deadline);
		return;
	}
	if (is_state(turn, VRRP_STATE_BACKUP) && state->grouped) {
		become_willing(turn);
	} else if (is_state(turn, VRRP_STATE_BACKUP)) {
		take_over(turn);
	} else if (is_state(turn, VRRP_STATE_ACTIVE)) {
		advertise(turn);
	} else {
		vrrp_turn_disarm(turn);
		state->faults &= (uint8_t)~VRRP_FAULT_APPLY;
		review_faults(turn);
	}
}

/* An Active router is as late as if its clock had gone on.  The others heard nothing meanwhile, and
 * say so by themselves. */
static void slept(struct vrrp_turn *turn, uint64_t time)
{
	struct vrrp_state_block *state = &turn->router->state;

	if (!is_state(turn, VRRP_STATE_ACTIVE) || state->deadline == VRRP_NEVER)
		return;
	state->deadline = state->deadline > time ? state->deadline - time : 1;
	deadline_reached(turn);
}

static void set_fault(struct vrrp_turn *turn, enum vrrp_fault fault, bool holds)
{
	struct vrrp_state_block *state = &turn->router->state;

	if (holds)
		state->faults |= (uint8_t)fault;
	else
		state->faults &= (uint8_t)~fault;
}

/* Something has changed that may be why the addresses could not be set. */
static void forget_apply_failures(struct vrrp_turn *turn)
{
	turn->router->state.apply_failures = 0;
	set_fault(turn, VRRP_FAULT_APPLY, false);
}

static void link_changed(struct vrrp_turn *turn, bool up, const struct vrrp_address *primary)
{
	struct vrrp_state_block *state = &turn->router->state;

	set_fault(turn, VRRP_FAULT_LINK, !up && !turn->router->configuration.ignore_link);
	set_fault(turn, VRRP_FAULT_ADDRESS,
		primary->family != turn->router->configuration.family ||
			vrrp_address_is_unspecified(primary));
	if (!up)
		forget_apply_failures(turn);
	state->primary = *primary;
	review_faults(turn);
	if (is_state(turn, VRRP_STATE_ACTIVE))
		state->active = state->primary;
}

/* Where the last advert was discarded for a priority lower than ours was, but is not lower than
 * ours is now, it counts from when it came: its sender is Active, and need not have to say so
 * again. */
static void reconsider_lower(struct vrrp_turn *turn)
{
	struct vrrp_state_block *state = &turn->router->state;

	if (!state->lower_heard || state->lower_priority < state->priority)
		return;
	state->lower_heard = false;
	state->stop_heard = false;
	state->willing = false;
	state->preempt_at = VRRP_NEVER;
	state->timer_base = state->last_heard;
}

/* A new priority counts at once: an Active says it, so that peers can judge it, and a Backup's
 * running timer gets the skew it would have had.  True if an advertisement was sent. */
static bool refresh_priority(struct vrrp_turn *turn)
{
	struct vrrp_state_block *state = &turn->router->state;
	const uint8_t priority =
		vrrp_priority_effective(turn->router->configuration.priority, state->tracked_sum);

	if (priority == state->priority)
		return false;
	state->priority = priority;
	if (is_state(turn, VRRP_STATE_BACKUP)) {
		reconsider_lower(turn);
		vrrp_turn_arm_backup(turn);
	}
	if (!is_state(turn, VRRP_STATE_ACTIVE))
		return false;
	state->active_priority = priority;
	vrrp_turn_send(turn, priority);
	return true;
}

static void tracked_changed(struct vrrp_turn *turn, int32_t sum, bool failed)
{
	struct vrrp_state_block *state = &turn->router->state;
	const bool was_running = is_running(turn);

	state->tracked_sum = sum;
	set_fault(turn, VRRP_FAULT_TRACKING, failed);
	if (failed && was_running) {
		review_faults(turn);
		refresh_priority(turn);
	} else {
		refresh_priority(turn);
		review_faults(turn);
	}
}

static bool same_addresses(
	const struct vrrp_configuration *left, const struct vrrp_configuration *right)
{
	if (left->address_count != right->address_count)
		return false;
	for (size_t i = 0; i < left->address_count; i++) {
		if (!vrrp_address_equal(&left->addresses[i], &right->addresses[i]))
			return false;
	}
	return true;
}

/* Peers wait by the shorter interval until they have heard of the longer: as many adverts as may be
 * lost in a row still leave at the old pace, or the change itself would cost a takeover. */
static void change_interval(struct vrrp_turn *turn, uint64_t old)
{
	struct vrrp_state_block *state = &turn->router->state;
	const uint64_t interval = turn->router->configuration.interval;
	const uint64_t pace = state->paced_left ? state->pace : old;

	if (interval > pace) {
		state->pace = pace;
		state->paced_left = PACED_ADVERTS;
		return;
	}
	state->paced_left = 0;
	vrrp_turn_arm(turn, turn->now + interval);
}

static void reconfigure_active(
	struct vrrp_turn *turn, const struct vrrp_configuration *old, bool advertised)
{
	struct vrrp_state_block *state = &turn->router->state;
	const struct vrrp_configuration *configuration = &turn->router->configuration;
	const bool addresses_changed = !same_addresses(old, configuration);
	const bool interval_changed = old->interval != configuration->interval;
	const bool message_changed =
		addresses_changed || interval_changed || old->version != configuration->version;

	if (message_changed && !advertised)
		vrrp_turn_send(turn, state->priority);
	if (interval_changed)
		change_interval(turn, old->interval);
	if (addresses_changed)
		state->announce_due = true;
	if (addresses_changed || old->accept != configuration->accept)
		vrrp_turn_own(turn, true);
}

/* It was willing without having listened. */
static void lose_ownership(struct vrrp_turn *turn)
{
	struct vrrp_state_block *state = &turn->router->state;

	if (!state->willing)
		return;
	state->willing = false;
	state->timer_base = turn->now;
	vrrp_turn_arm_backup(turn);
}

static void reconfigure_backup(struct vrrp_turn *turn, const struct vrrp_configuration *old)
{
	struct vrrp_state_block *state = &turn->router->state;
	const struct vrrp_configuration *configuration = &turn->router->configuration;

	if (configuration->priority == VRRP_PRIORITY_OWNER &&
		old->priority != VRRP_PRIORITY_OWNER) {
		if (state->grouped)
			become_willing(turn);
		else
			vrrp_turn_change(turn, VRRP_STATE_ACTIVE, VRRP_TRANSITION_OWNER, NULL);
		return;
	}
	if (old->priority == VRRP_PRIORITY_OWNER && configuration->priority != VRRP_PRIORITY_OWNER)
		lose_ownership(turn);
	if (configuration->version != old->version)
		state->interval_learned = false;
	if (configuration->version == VRRP_VERSION_2 || !state->interval_learned)
		state->active_interval = configuration->interval;
	if (configuration->version != old->version || configuration->interval != old->interval ||
		configuration->down_adverts != old->down_adverts)
		vrrp_turn_arm_backup(turn);
	if (configuration->preempt_delay != old->preempt_delay)
		state->preempt_at = VRRP_NEVER;
}

static void configured(struct vrrp_turn *turn, const struct vrrp_configuration *configuration)
{
	struct vrrp_router *router = turn->router;
	const struct vrrp_configuration old = router->configuration;
	bool advertised;

	router->configuration = *configuration;
	if (configuration->checksum != old.checksum)
		router->state.checksum_form = (uint8_t)first_form(configuration->checksum);
	forget_apply_failures(turn);
	advertised = refresh_priority(turn);
	if (is_state(turn, VRRP_STATE_ACTIVE))
		reconfigure_active(turn, &old, advertised);
	else if (is_state(turn, VRRP_STATE_BACKUP))
		reconfigure_backup(turn, &old);
	review_faults(turn);
}

static void addresses_applied(struct vrrp_turn *turn)
{
	struct vrrp_state_block *state = &turn->router->state;

	if (!is_state(turn, VRRP_STATE_ACTIVE))
		return;
	state->apply_failures = 0;
	if (!state->announce_due)
		return;
	state->announce_due = false;
	vrrp_turn_announce(turn, false);
}

static void addresses_failed(struct vrrp_turn *turn)
{
	struct vrrp_state_block *state = &turn->router->state;

	if (!is_state(turn, VRRP_STATE_ACTIVE))
		return;
	if (state->apply_failures < UINT8_MAX)
		state->apply_failures++;
	set_fault(turn, VRRP_FAULT_APPLY, true);
	review_faults(turn);
}

/* What held it back is gone. */
static void leave_group(struct vrrp_turn *turn)
{
	struct vrrp_state_block *state = &turn->router->state;

	state->grouped = false;
	if (state->willing)
		take_over(turn);
	set_fault(turn, VRRP_FAULT_GROUP, false);
	review_faults(turn);
}

static void obey_group(struct vrrp_turn *turn, enum vrrp_group_order order)
{
	switch (order) {
	case VRRP_GROUP_JOIN:
		turn->router->state.grouped = true;
		break;
	case VRRP_GROUP_LEAVE:
		leave_group(turn);
		break;
	case VRRP_GROUP_ACTIVE:
		if (turn->router->state.willing)
			take_over(turn);
		break;
	case VRRP_GROUP_BACKUP:
		if (is_state(turn, VRRP_STATE_ACTIVE))
			vrrp_turn_change(turn, VRRP_STATE_BACKUP, VRRP_TRANSITION_GROUP, NULL);
		break;
	case VRRP_GROUP_FAULT:
		set_fault(turn, VRRP_FAULT_GROUP, true);
		review_faults(turn);
		break;
	case VRRP_GROUP_FAULT_GONE:
		set_fault(turn, VRRP_FAULT_GROUP, false);
		if (!turn->router->state.faults && is_state(turn, VRRP_STATE_FAULT))
			begin(turn, VRRP_TRANSITION_GROUP);
		break;
	}
}

HOT void vrrp_step(struct vrrp_router *router, uint64_t now, const struct vrrp_event *event,
	struct vrrp_actions *actions)
{
	struct vrrp_turn turn = {.router = router, .now = now, .actions = actions};

	actions->count = 0;
	switch (event->type) {
	case VRRP_EVENT_START:
		start(&turn);
		break;
	case VRRP_EVENT_SHUTDOWN:
		shut_down(&turn, event->removed);
		break;
	case VRRP_EVENT_ADVERT:
		if (is_running(&turn))
			vrrp_receive(&turn, event->advert);
		break;
	case VRRP_EVENT_REJECTED:
		if (is_running(&turn))
			vrrp_turn_error(&turn, event->rejected.drop, true, &event->rejected.source);
		break;
	case VRRP_EVENT_DEADLINE:
		deadline_reached(&turn);
		break;
	case VRRP_EVENT_LINK:
		link_changed(&turn, event->link.up, &event->link.primary);
		break;
	case VRRP_EVENT_TRACKED:
		tracked_changed(&turn, event->tracked.sum, event->tracked.failed);
		break;
	case VRRP_EVENT_CONFIGURED:
		configured(&turn, event->configuration);
		break;
	case VRRP_EVENT_ADDRESSES_APPLIED:
		addresses_applied(&turn);
		break;
	case VRRP_EVENT_ADDRESSES_FAILED:
		addresses_failed(&turn);
		break;
	case VRRP_EVENT_GROUP:
		obey_group(&turn, event->group);
		break;
	case VRRP_EVENT_SLEPT:
		slept(&turn, event->slept);
		break;
	}
}
