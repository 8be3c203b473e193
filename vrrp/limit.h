/* SPDX-License-Identifier: ISC */
#ifndef VRRP_LIMIT_H
#define VRRP_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

/* Limits how often the same thing is told, since anybody on the link can cause it.  What goes on
 * and on, like a peer that is configured differently, is told ever less often: after 10 s, and each
 * time after twice as long, up to 43 minutes.  What has been quiet for as long begins anew. */
struct engine_limit {
	uint64_t quiet_until; /* ns */
	uint64_t suppressed;  /* since it was last told */
	uint8_t doublings;
};

/* True if it may be told at `now`; what was held back meanwhile goes into *suppressed. */
bool limit_passes(struct engine_limit *limit, uint64_t now, uint64_t *suppressed);

#define LIMIT_INTERVAL	(10 * 1000000000ull)
#define LIMIT_DOUBLINGS 8

#endif
