/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_SHOW_SHOWORIGIN_H
#define AGENT_CORE_SHOW_SHOWORIGIN_H

#include <jansson.h>

struct core_state;

/* What the vrrp_instance `name` says, statement by statement in the language of the file, and who
 * said it: an object with "router" (agent/core/show/show.h) and "statements", each with "text",
 * "origin" (file, overlay, default) and, of the file's, "file" and "line".  Passwords are hidden.
 * A new reference; an object with "error" if there is no such instance; NULL when memory is short.
 */
json_t *show_origins(const struct core_state *state, const char *name);

#endif
