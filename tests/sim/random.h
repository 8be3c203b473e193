/* SPDX-License-Identifier: ISC */
#ifndef TESTS_SIM_RANDOM_H
#define TESTS_SIM_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

/* A small generator whose numbers depend on the seed alone (splitmix64), so that a run replays. */
struct random {
	uint64_t state;
};

static inline uint64_t random_next(struct random *random)
{
	uint64_t z = random->state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

/* From `low` to `high`, both included. */
static inline uint64_t random_between(struct random *random, uint64_t low, uint64_t high)
{
	return low + random_next(random) % (high - low + 1);
}

static inline bool random_chance(struct random *random, unsigned int percent)
{
	return random_between(random, 1, 100) <= percent;
}

#endif
