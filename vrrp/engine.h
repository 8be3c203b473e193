/* SPDX-License-Identifier: ISC */
#ifndef VRRP_ENGINE_H
#define VRRP_ENGINE_H

#include "lib/consumer.h"
#include "vrrp/input.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct applier;
struct archive_section;
struct board;
struct ring;
struct engine;
struct filter;
struct snapshot;

/*
 * The engine: the one thread that must live.  It owns every virtual router's state, timers and
 * counters and the sockets that carry advertisements.
 *
 * Contract: it waits in one place only, for its sockets, channels and earliest deadline.  It never
 * takes a lock, never writes to a descriptor that could block, never logs, and allocates only while
 * it takes in a new configuration.  Everything that may wait is somebody else's: the kernel's
 * configuration the applier's, files, scripts and SNMP the other processes'.
 *
 * In each turn it takes a bounded number of packets, then the deadlines that are due, sends all
 * advertisements that came of it together, and only then hands addresses to the applier, shows the
 * rows that changed on the status board, and wakes those who read events.
 */

struct engine_setup {
	struct applier *applier;
	struct board *board; /* rows of union status_row, STATUS_ROWS of them */
	struct ring *ring;
	int wake[CONSUMER_WOKEN]; /* eventfds of the readers of events */
	int supervisor;		  /* channel end: CHANNEL, STOP and FREEZE in, STOPPED out */
	/* Of the predecessor whose place this one takes, or NULL: the routers go on where it left
	 * them, as soon as a configuration has come and their interfaces are known. */
	const struct snapshot *resume;
	int image;	       /* the configuration it had, a descriptor; -1: wait for core's */
	struct filter *filter; /* that may be put at the sockets, or NULL */
	bool filter_unwanted;  /* whatever the configuration says */
	int sockets[INPUT_SOCKETS]; /* it heard and sent by (vrrp/input.h); -1: open new ones */
};

/* Opens the sockets and starts the thread, with the scheduling and the capabilities of the
 * caller's.  Everything in `setup` stays the caller's and must outlive the engine, except
 * `supervisor`, `filter` and `sockets`, which become the engine's.  NULL: errno says why. */
struct engine *engine_start(const struct engine_setup *setup);

/* Waits for the thread's end, which FREEZE on the channel has ordered: between two turns, with
 * every router as it is.  What it wished since the applier was frozen the successor's engine wishes
 * again, since a router's state says what it is to own.  Then only these are to be called: */
void engine_frozen(struct engine *engine);

/* Its part of what a successor needs (vrrp/snapshot.h), with `more` sections besides: a descriptor
 * (lib/archive.h), or a negative errno. */
int engine_take_snapshot(
	const struct engine *engine, const struct archive_section *more, size_t count);

/* Its thread, for the scheduling. */
pthread_t engine_thread(const struct engine *engine);

/* Its sockets (vrrp/input.h), which stay the engine's. */
void engine_sockets(const struct engine *engine, int sockets[INPUT_SOCKETS]);

/* Ends the thread at once (for an orderly end send STOP on the channel first and wait for STOPPED)
 * and frees everything. */
struct engine *engine_end(struct engine *engine);

#endif
