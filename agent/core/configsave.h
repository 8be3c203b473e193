/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_CONFIGSAVE_H
#define AGENT_CORE_CONFIGSAVE_H

#include <jansson.h>

#include "agent/core/candidate.h"
#include "agent/core/edit/refusal.h"
#include "agent/core/proposal.h"
#include "agent/core/state.h"

/* `vrrpctl config save`.  Core may run where the file can't be written, so vrrpctl writes it:
 *
 *     config-save     core says what the file would be
 *                     vrrpctl writes that beside the file
 *     config-save-check    core reads it, and whatever it includes: does it mean what is in force?
 *                     vrrpctl puts it into the file's place
 *     config-saved    core reads the file and empties the overlay
 *
 * Whatever dies in between, the file and the overlay together mean what they meant. */

#define SAVE_SUFFIX ".vrrpctl" /* of the file beside the file */

/* "file", its text "before" and "after", where to write that first ("beside"), how many changes
 * that makes ("written"), and in "left" what can't be written there and stays in the overlay.
 * "error" if the file isn't UTF-8. */
json_t *save_propose(const struct core_state *state);

/* "result", or "error" and why not. */
json_t *save_check(const struct core_state *state);

/* The file has been written: proposes it with what is left of the overlay.  Refused unless it means
 * what is in force. */
bool save_make(struct proposal *proposal, const struct candidate *current,
	const struct core_options *options, struct refusal *refusal);

#endif
