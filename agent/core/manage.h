/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_MANAGE_H
#define AGENT_CORE_MANAGE_H

#include <jansson.h>
#include <stdbool.h>

#include "agent/conf/schema.h"
#include "agent/core/state.h"

/* What vrrpctl may change, each as one transaction of agent/core/transaction.h:
 *
 *     {"command": "set", "name": "VI_1", "word": "priority", "value": "150"}
 *     {"command": "drain", "name": "VI_1"}       admin_state down; without a name every router
 *     {"command": "undrain", "name": "VI_1"}     admin_state up
 *     {"command": "config-revert"}               all that management changed is taken back; with a
 *                                                "name" what is in that router, with a "word" too
 *                                                that alone
 *     {"command": "config-saved"}                the file has what agent/core/configsave.h proposed
 */
struct management;

/* The answer is the callee's to release. */
typedef void management_done(void *context, json_t *answer);

bool management_knows(const char *command);

/* Begins what `author` asks for; `done` is called once, perhaps before this returns.  NULL: out of
 * memory, and it is not called. */
struct management *management_begin(const struct core_state *state, enum conf_author author,
	const json_t *request, management_done *done, void *context);

/* Ends it; what has not been answered yet is undone, and `done` will not be called any more.  Takes
 * NULL; returns NULL. */
struct management *management_end(struct management *management);

#endif
