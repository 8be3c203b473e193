/* SPDX-License-Identifier: ISC */
#ifndef TESTS_ENGINE_WATCHER_H
#define TESTS_ENGINE_WATCHER_H

#include "tests/engine/lab.h"

#include <stdint.h>

/* A thread that reads the status board and the event ring all the time, as another process would,
 * and counts what must not be. */

struct watcher;

struct watched {
	uint64_t rounds;      /* over all rows of the board */
	uint64_t events;      /* read from the ring */
	uint64_t lost;	      /* which were not read because they were overwritten */
	uint64_t transitions; /* among those that were read */
	uint64_t torn;	      /* rows that can't have been written so */
	uint64_t gaps;	      /* numbers of events left out and not counted as lost */
	uint64_t breaks;      /* transitions from another state than the one before led to */
	uint64_t backwards;   /* generation or heartbeat went back */
};

/* A row that nobody can have written: the watcher asks for each one that is in use. */
struct status_router;
typedef bool watcher_expects(uint32_t slot, const struct status_router *row);

struct watcher *watcher_start(const struct lab *lab, watcher_expects *expects);

/* What it has seen so far; the thread goes on. */
void watcher_look(struct watcher *watcher, struct watched *watched);

/* Reads what there still is, ends the thread, and says what it saw in all. */
void watcher_end(struct watcher *watcher, struct watched *watched);

#endif
