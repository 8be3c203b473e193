/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_EVENTS_EVENTABOUT_H
#define AGENT_CORE_EVENTS_EVENTABOUT_H

#include <stdbool.h>
#include <stddef.h>

struct core_state;
struct event;

/* What an event is about, as the log shows it: the tracker and how it fared, the line of the route
 * or rule, the address and who else has it, what an interface is called now.  Empty where the event
 * says all. */
void event_about(
	const struct core_state *state, const struct event *event, char *text, size_t size);

/* Whether it is a fault because no interface has the router's name for it. */
bool event_lacks_interface(const struct event *event);

/* Whether it is a fault because of an interface that is tracked. */
bool event_tracks_interface(const struct event *event);

#endif
