/* SPDX-License-Identifier: ISC */
#ifndef TESTS_SIM_HEALTH_H
#define TESTS_SIM_HEALTH_H

#include "tests/sim/world.h"

/* What the hosts track: as the real thing by vrrp/protocol/tracking.h, and what must come of it. */

/* Gives a host its trackers, of which nothing is known. */
void health_choose(struct world *world, struct host *host);

/* A tracker's state turns out anew.  A breach: the effective priority is not the configured one and
 * the weights that count, within 1..254; or Fault is not where a tracker without weight says so. */
void health_change(
	struct world *world, unsigned int index, unsigned int tracker, bool known, bool failed);

/* Nothing is known any more. */
void health_forget(struct world *world, unsigned int index);

/* The first tracker that, failed or in reverse good, is a fault or (weighted) lowers the priority;
 * SIM_TRACKERS: none.  `failed`: which of the two. */
unsigned int health_find(const struct host *host, bool fault, bool *failed);

#endif
