/* SPDX-License-Identifier: ISC */
#ifndef TESTS_SIM_SCENARIO_H
#define TESTS_SIM_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/sim/mutation.h"

struct scenario_options {
	uint64_t seed;
	unsigned int routers; /* 0: as the seed says */
	enum mutation mutation;
	bool trace;
};

/* One life of a group of routers, all of it decided by the seed: they start, fail, stop, part and
 * meet, are set otherwise, and each time the invariants are checked.  True if all held; else
 * `breach` (of that size) tells the first that did not. */
bool scenario_run(const struct scenario_options *options, char *breach, size_t size);

#endif
