/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_ANSWERS_H
#define AGENT_CORE_ANSWERS_H

#include <jansson.h>

#include "agent/core/rights.h"

struct core_state;

/* What the control socket answers at once, one JSON object of the word "command" for another:
 *
 *     show                 the state (agent/core/show/show.h)
 *     show-router          what the vrrp_instance "name" says, and who said so (showorigin.h)
 *     facts                what `vrrpctl doctor` looks at besides (agent/core/facts.h)
 *     names, words         of the virtual routers, and those a vrrp_instance may have
 *     log                  the last events, "count" of them; of the router "name" alone, if given
 *     config-show          the configuration in force
 *     config-diff          what management changed
 *     config-check         what a reload would say about the file
 *     config-save          what would be written into the file (agent/core/configsave.h), and
 *     config-save-check    whether what is beside it means the same
 *
 * What may have secrets in it takes the right to change. */

/* A new reference: the answer, or an object with "error". */
json_t *answer_at_once(
	const struct core_state *state, enum right right, const char *word, const json_t *request);

/* For whoever may not. */
json_t *answer_not_allowed(void);

#endif
