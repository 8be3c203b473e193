/* SPDX-License-Identifier: ISC */
#include "agent/core/events/eventgroup.h"

#include <stdio.h>

#include "agent/conf/syncgroup.h"
#include "agent/core/state.h"
#include "vrrp/protocol/reason.h"

static const struct instance *cause_of(const struct core_state *state, const struct event *event)
{
	return event->cause ? slots_instance(state->slots, state->config, event->cause - 1u) : NULL;
}

const char *event_group_name(const struct core_state *state, const struct event *event)
{
	const struct instance *cause = cause_of(state, event);
	const struct sync_group *group = cause ? config_group_of(state->config, cause) : NULL;

	if (!event->group)
		return NULL;
	if (!group || slots_group(state->slots, group) != event->group - 1)
		group = slots_find_group(state->slots, state->config, event->group - 1u);
	return group ? group->name : NULL;
}

/* What the member did, as what follows its name. */
static const char *deed(const struct event *event, const struct instance *cause)
{
	if (event->new_state == VRRP_STATE_FAULT)
		return cause && cause->admin_state == ADMIN_DOWN ? "is administratively down"
								 : "is in fault";
	if (event->new_state == VRRP_STATE_ACTIVE)
		return "was the last that had to wait";
	if (event->new_state == VRRP_STATE_INITIALIZE)
		return "was the last to stop";
	if (event->old_state == VRRP_STATE_ACTIVE)
		return "gave way to another router";
	if (event->old_state == VRRP_STATE_FAULT)
		return "has recovered, as the last one";
	return "was the last to start";
}

void event_group_reason(
	const struct core_state *state, const struct event *event, char *text, size_t size)
{
	const struct instance *cause = cause_of(state, event);
	const char *name = event_group_name(state, event);
	const char *who = cause ? cause->name : "a member";

	if (event->kind == EVENT_GROUP)
		snprintf(text, size, "%s %s", who, deed(event, cause));
	else
		snprintf(text, size, "sync group%s%s: %s %s", name ? " " : "", name ? name : "",
			who, deed(event, cause));
}
