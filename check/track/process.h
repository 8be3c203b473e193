/* SPDX-License-Identifier: ISC */
#ifndef CHECK_TRACK_PROCESS_H
#define CHECK_TRACK_PROCESS_H

#include "check/track/processmatch.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

/* Counts processes for trackers: told by the kernel's process connector where there is one, by
 * looking through /proc every PROCESS_LOOK_MS where there is none.  In between, and when the
 * kernel's news were too many, all of /proc is looked through as well, so that nothing stays wrong.
 *
 * A process that has ended does not count, whether its parent has noticed or not; its threads
 * don't either. */

#define PROCESS_LOOK_MS	   1000
#define PROCESS_REVISIT_MS 30000 /* where the connector tells */

struct process_watch;
struct process_tracker;

struct process_want {
	struct process_pattern pattern;
	uint32_t quorum;	  /* so many have to run, */
	uint32_t quorum_max;	  /* and no more than so many */
	uint64_t fork_delay;	  /* ns until a change counts that a fork has caused, */
	uint64_t terminate_delay; /* and one by the end of a process */
	/* What another process_track() goes on from: what was told, and what waits to be.  Zero at
	 * first; NULL: nothing is kept. */
	_Atomic uint64_t *memory;
};

/* The state is known for the first time, or `ok` or the number of processes is another one. */
typedef void (*process_told)(void *context, bool ok, uint32_t count);

/* The connector is wanted (process_watch_connect() is to be called, now or later), or no longer. */
typedef void (*process_ask)(void *context, bool wanted);

/* NULL: errno says why. */
struct process_watch *process_watch_create(sd_event *loop, process_ask ask, void *context);

/* Its trackers are gone with it. */
struct process_watch *process_watch_free(struct process_watch *watch);

/* The connector's socket, taken over; a negative number: there is none, until the next call. */
void process_watch_connect(struct process_watch *watch, int fd);

/* Copies what is wanted.  `told` is called from the loop, soon.  NULL: no memory. */
struct process_tracker *process_track(struct process_watch *watch, const struct process_want *want,
	process_told told, void *context);

struct process_tracker *process_untrack(struct process_tracker *tracker);

#endif
