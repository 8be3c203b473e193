/* SPDX-License-Identifier: ISC */
#ifndef LIB_RATELIMIT_H
#define LIB_RATELIMIT_H

#include <stdbool.h>
#include <stdint.h>

/* Limits how often the same thing is told, since others can cause it as often as they like.  What
 * goes on and on, like a peer that is configured differently or a machine that is overloaded, is
 * told ever less often: after 10 s, and each time after twice as long, up to 43 minutes.  What has
 * been quiet for as long begins anew.  Any thread: no system call, no allocation. */
struct ratelimit {
	uint64_t quiet_until; /* ns */
	uint64_t suppressed;  /* since it was last told */
	uint8_t doublings;
};

/* True if it may be told at `now`; what was held back meanwhile goes into *suppressed. */
bool ratelimit_passes(struct ratelimit *limit, uint64_t now, uint64_t *suppressed);

#define RATELIMIT_INTERVAL  (10 * 1000000000ull)
#define RATELIMIT_DOUBLINGS 8

#endif
