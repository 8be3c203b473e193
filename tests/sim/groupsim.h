/* SPDX-License-Identifier: ISC */
#ifndef TESTS_SIM_GROUPSIM_H
#define TESTS_SIM_GROUPSIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Sync groups under virtual time: some nodes, each with a group of two or three virtual routers,
 * every one of which has a link of its own to those of the other nodes.  The routers and what holds
 * them together are the real library.
 */

/* Defects of the code that carries the orders of a group out. */
enum group_mutation {
	GROUP_MUTATION_NONE,
	GROUP_MUTATION_ALONE,	    /* members go Active without the others */
	GROUP_MUTATION_NO_FAULT,    /* a fault of one stays its own */
	GROUP_MUTATION_FAULT_STAYS, /* the others do not come back */
	GROUP_MUTATION_NO_YIELD,    /* only the member that hears an Active yields */
	GROUP_MUTATIONS
};

const char *group_mutation_name(enum group_mutation mutation);

/* One life, decided by the seed.  True if all invariants held; else `breach` tells the first that
 * did not. */
bool groupsim_run(
	uint64_t seed, enum group_mutation mutation, bool trace, char *breach, size_t size);

#endif
