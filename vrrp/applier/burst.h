/* SPDX-License-Identifier: ISC */
#ifndef VRRP_APPLIER_BURST_H
#define VRRP_APPLIER_BURST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "lib/image.h"
#include "vrrp/applier/monitor.h"
#include "vrrp/applier/wanted_addresses.h"

/*
 * When announcements are sent.  A burst is `repeat` rounds BURST_PACE apart, and the same again
 * after `delay`; `refresh_repeat` rounds come every `refresh` until it is stopped.  A round is a
 * frame for each address of the router that is there.  First rounds of all routers go before
 * anything else.
 *
 * Where an interface, or a group of them, has a pause between frames, each frame reserves its
 * moment when the one before it has gone: the first of every router before the second of any.
 *
 * Applier thread only; nothing is allocated after burst_new.
 */
struct burst;

#define BURST_PACE (10 * 1000 * 1000ull) /* ns */

/* A router's announcements. */
struct burst_router {
	/* The caller's */
	const struct owned_group *group;
	uint32_t number;      /* of its interface: whose link-local address announces IPv6 */
	uint64_t delay;	      /* ns, 0: no second burst */
	uint64_t refresh;     /* ns, 0: never */
	uint64_t lower_delay; /* as delay, after burst_lower */
	uint8_t repeat;
	uint8_t refresh_repeat;
	uint8_t lower_repeat; /* 0: burst_lower does nothing */
	/* burst.c's; zero at first */
	TAILQ_ENTRY(burst_router) in_first;
	uint64_t round_at; /* the next round, if rounds > 0 */
	uint64_t second_at;
	uint64_t refresh_at;
	uint64_t due;	       /* the first of them, by which the heap is ordered */
	uint32_t place;	       /* in the heap, from 1; 0: not in it */
	uint64_t frame_at;     /* reserved for the frame of address `position`; 0: nothing is */
	uint32_t position;     /* in the round under way */
	uint8_t rounds;	       /* with the one under way */
	uint8_t second_rounds; /* at second_at */
	bool first;	       /* waits for its first round */
};

/* For that many routers; borrows the monitor.  NULL: errno says why. */
struct burst *burst_new(struct monitor *monitor, uint32_t routers);

struct burst *burst_free(struct burst *burst);

/* Begins a burst, instead of one under way. */
void burst_start(struct burst *burst, struct burst_router *router);

/* Begins a burst because a lower priority was heard, unless one is under way. */
void burst_lower(struct burst *burst, struct burst_router *router, uint64_t now);

/* Takes the pauses between frames from an image. */
void burst_set_paces(struct burst *burst, const struct image *image);

/* Goes on with the refreshes, which come as often as it says now: its addresses have been
 * announced before. */
void burst_resume(struct burst *burst, struct burst_router *router, uint64_t now);

/* Sends no more for it. */
void burst_stop(struct burst *burst, struct burst_router *router);

/* Sends what is due, first rounds before all else, or nothing else while more of them are to come,
 * and at most about a thousand frames.  Returns when to call again: 0 at once, UINT64_MAX never. */
uint64_t burst_work(struct burst *burst, uint64_t now, bool first_only);

#endif
