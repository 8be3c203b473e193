/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_EVENTS_EVENTS_H
#define AGENT_CORE_EVENTS_EVENTS_H

#include <systemd/sd-event.h>

struct core_state;
struct event;

/* The event log: every event of the ring as a line that a tired person understands.  A service of
 * core (struct core_service): reads the ring as CONSUMER_CORE, woken by INHERIT_WAKE. */

void *events_start(sd_event *loop, const struct core_state *state);

/* Logs what is still in the ring, and ends. */
void events_stop(void *service);

/* One event as a line without its end.  `name` is the instance's; `about` is event_about's. */
void events_format(
	const struct event *event, const char *name, const char *about, char *line, int size);

#endif
