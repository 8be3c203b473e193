/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_SHOW_SHOW_H
#define AGENT_CORE_SHOW_SHOW_H

#include <jansson.h>

/* The version of the document; it grows when a member changes its meaning or goes. */
#define SHOW_SCHEMA 1

struct core_state;
struct instance;

/* The agent's state as one JSON document: what `vrrpctl show --json` prints and SIGUSR1 writes.
 * Members and units are described in vrrpctl(1).  A new reference, or NULL when memory is short.
 * Core. */
json_t *show_document(const struct core_state *state);

/* Of that document the member of "routers" about this one; null if it is not in force just now. */
json_t *show_router(const struct core_state *state, const struct instance *instance);

/* The configuration in force, in the language of the file. */
json_t *show_configuration(const struct core_state *state);

/* What management changed, in the same language, and what of it is set aside. */
json_t *show_difference(const struct core_state *state);

/* Writes asterisks over the passwords of a text that is kept as it was written. */
void show_mask_passwords(char *text);

#endif
