/* SPDX-License-Identifier: ISC */
#include "tests/sim/mutation.h"

#include <string.h>

#include "vrrp/protocol/timer.h"

static const char *const names[MUTATIONS] = {
	[MUTATION_NONE] = "none",
	[MUTATION_NO_SKEW] = "no-skew",
	[MUTATION_NO_PREEMPT] = "no-preempt",
	[MUTATION_TIE_REVERSED] = "tie-reversed",
	[MUTATION_INTERVAL_NOT_LEARNED] = "interval-not-learned",
	[MUTATION_STOP_IGNORED] = "priority-0-ignored",
	[MUTATION_WEIGHT_IGNORED] = "weight-ignored",
};

const char *mutation_name(enum mutation mutation)
{
	return names[mutation];
}

enum mutation mutation_find(const char *name)
{
	unsigned int i = 0;

	while (i < MUTATIONS && strcmp(names[i], name) != 0)
		i++;
	return (enum mutation)i;
}

void mutate_configuration(enum mutation mutation, struct vrrp_configuration *configuration)
{
	if (mutation == MUTATION_NO_PREEMPT)
		configuration->preempt = false;
}

void mutate_tracked(enum mutation mutation, struct vrrp_event *event)
{
	if (mutation == MUTATION_WEIGHT_IGNORED)
		event->tracked.sum = 0;
}

/* A greater source is made to look less than ours, and a lesser one greater. */
static void reverse_tie(const struct vrrp_router *router, struct vrrp_view *view)
{
	const bool greater = vrrp_address_compare(&view->source, &router->state.primary) > 0;
	const size_t last = vrrp_address_length(view->family) - 1;

	view->source = router->state.primary;
	view->source.bytes[last] = greater ? 0 : 255;
}

bool mutate_view(enum mutation mutation, const struct vrrp_router *router, struct vrrp_view *view)
{
	if (mutation == MUTATION_STOP_IGNORED && view->priority == VRRP_PRIORITY_STOP)
		return false;
	if (mutation == MUTATION_INTERVAL_NOT_LEARNED)
		view->interval = router->configuration.interval;
	if (mutation == MUTATION_TIE_REVERSED && router->state.state == VRRP_STATE_ACTIVE &&
		view->priority == router->state.priority)
		reverse_tie(router, view);
	return true;
}

void mutate_actions(
	enum mutation mutation, struct vrrp_router *router, struct vrrp_actions *actions)
{
	uint64_t skew;

	if (mutation != MUTATION_NO_SKEW || router->state.state != VRRP_STATE_BACKUP)
		return;
	skew = vrrp_skew(router->configuration.version, router->state.priority,
		router->state.active_interval);
	for (unsigned int i = 0; i < actions->count; i++) {
		if (actions->list[i].type != VRRP_ACTION_ARM)
			continue;
		actions->list[i].deadline -= skew;
		router->state.deadline = actions->list[i].deadline;
	}
}
