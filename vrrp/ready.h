/* SPDX-License-Identifier: ISC */
#ifndef VRRP_READY_H
#define VRRP_READY_H

#include <stdbool.h>
#include <stdint.h>

struct engine;

/* What wakes the engine, and how far that can be relied on: a turn reads only what epoll has
 * reported.  All descriptors are watched level-triggered, so that what is left over, or came too
 * late for this turn, is reported for the next.  Engine thread. */

/* Each descriptor is a bit; the first three are the sockets, numbered as in vrrp/input.h. */
enum {
	READY_SOCKETS = 7,
	READY_RESULTS = 1 << 3,
	READY_NOTES = 1 << 4,
	READY_INTERFACES = 1 << 5,
	READY_SUPERVISOR = 1 << 6,
	READY_CORE = 1 << 7,
	READY_CHECK = 1 << 8
};

/* Has the epoll set report the descriptor under that bit.  operation: EPOLL_CTL_ADD or MOD; events:
 * EPOLLIN, or 0 for errors alone.  0 or a negative errno. */
int ready_watch(int epoll, int operation, int fd, uint32_t bit, uint32_t events);

/* Waits until something is to be read, for `pause` ns at most: what is, is in engine->ready.
 * `now`: the clock just before. */
void ready_wait(struct engine *engine, uint64_t now, uint64_t pause);

/* Whether a deadline is due that only a look into the sockets themselves can confirm: a takeover
 * always, and when it begins to be waited for awake; an advertisement if epoll's word is not fresh.
 * Something that lies there may say that the deadline no longer holds. */
bool ready_doubts(struct engine *engine, uint64_t now);

#endif
