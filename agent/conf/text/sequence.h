/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_TEXT_SEQUENCE_H
#define AGENT_CONF_TEXT_SEQUENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/conf/text/expand.h"
#include "agent/conf/text/listing.h"

/* ~SEQ(VARIABLE, START, STEP, END), or ~LST: the rest of the line once for each value. */

struct conf_sequence {
	const char *name;	 /* of the variable, or of the first one */
	struct conf_place place; /* where it is written */
	int64_t next;
	int64_t step; /* not 0 */
	int64_t end;
	bool hexadecimal;
	struct conf_listing listing; /* with rounds: these instead of numbers */
	bool done;
};

/* Whether the feed begins with "~SEQ", "~LST" or the like: a tilde and capital letters. */
bool conf_is_sequence(const struct conf_feed *feed);

/* Take it from the feed. False when it makes no sense, and that has been said. */
bool conf_sequence_read(
	struct conf_expander *expander, struct conf_feed *feed, struct conf_sequence *sequence);

/*
 * Give the variable its next value. Sets `via` to the way of text of this round, below
 * `outer`. False: there is no further round, or no memory.
 */
bool conf_sequence_step(struct conf_expander *expander, struct conf_sequence *sequence,
	const struct conf_via *outer, const struct conf_via **via);

#endif
