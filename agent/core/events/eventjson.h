/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_EVENTS_EVENTJSON_H
#define AGENT_CORE_EVENTS_EVENTJSON_H

#include <jansson.h>

struct event;

/* An event as a JSON object, as it is kept in the history and told to vrrpctl; vrrpctl(1) describes
 * its members.  `name` is whom it is about, `about` event_about()'s, `line` what the log says.  A
 * new reference, or NULL when memory is short. */
json_t *event_document(
	const struct event *event, const char *name, const char *about, const char *line);

#endif
