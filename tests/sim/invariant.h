/* SPDX-License-Identifier: ISC */
#ifndef TESTS_SIM_INVARIANT_H
#define TESTS_SIM_INVARIANT_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/sim/world.h"

/* What must hold of the group.  Each checks and, if it does not hold, keeps the breach and returns
 * false.  (Held if and only if Active, announced only when held: checked by the world itself.) */

#define NOBODY SIM_ROUTERS_MAX

/* The only Active among the living hosts of a segment, addresses in place; NOBODY is a breach. */
unsigned int invariant_one_active(struct world *world, unsigned int segment, const char *when);

/* The same, and no living host of the segment has a higher priority if all of them preempt.  (Of
 * equal priorities the one that is Active stays, whatever its address: a Backup never preempts its
 * like.) */
unsigned int invariant_settled(struct world *world, unsigned int segment, const char *when);

/* Nothing changes for `duration`; the Active advertises once per interval, nobody else does. */
bool invariant_stable(struct world *world, uint64_t duration);

/* The takeover after the Active `old` was heard last at `since`, by silence or (stop) by priority
 * 0: not before the first Backup's time, not after it, and by one Backup alone if the priorities
 * and clocks are far enough apart. */
bool invariant_takeover(struct world *world, unsigned int old, uint64_t since, bool stop);

/* No more adverts in `duration` than the interval, the cap on answers, what was done to the host
 * and its changes of state account for. */
bool invariant_bounded(struct world *world, unsigned int index, uint64_t sent_before,
	uint64_t caused_before, uint64_t duration);

/* What was done to the host and what it did, as invariant_bounded() counts it. */
uint64_t invariant_causes(const struct host *host);

/* (priority, address), compared. */
bool invariant_beats(const struct host *host, const struct host *other);

#endif
