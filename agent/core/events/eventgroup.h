/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_EVENTS_EVENTGROUP_H
#define AGENT_CORE_EVENTS_EVENTGROUP_H

#include <stddef.h>

#include "lib/event.h"

struct core_state;

/* The name of the sync group that an event is about, or NULL: it is gone, or there is none. */
const char *event_group_name(const struct core_state *state, const struct event *event);

/* Which member moved the group, and why, for a tired person: of an EVENT_GROUP what follows "FROM
 * -> TO: ", of a member's own transition with the group's name before it. */
void event_group_reason(
	const struct core_state *state, const struct event *event, char *text, size_t size);

#endif
