/* SPDX-License-Identifier: ISC */
#ifndef VRRP_ENGINE_H
#define VRRP_ENGINE_H

#include "lib/consumer.h"

#include <stdbool.h>

struct applier;
struct board;
struct ring;
struct engine;

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
	struct board *board; /* rows of union status_row, IMAGE_SLOTS + 1 of them */
	struct ring *ring;
	int wake[CONSUMER_COUNT]; /* eventfds of the readers of events */
	int supervisor;		  /* channel end: PEER and STOP in, STOPPED out */
};

/* Opens the sockets and starts the thread, with the scheduling and the capabilities of the
 * caller's.  Everything in `setup` stays the caller's and must outlive the engine, except
 * `supervisor`, which becomes the engine's.  NULL: errno says why. */
struct engine *engine_start(const struct engine_setup *setup);

/* Ends the thread at once (for an orderly end send STOP on the channel first and wait for STOPPED)
 * and frees everything. */
struct engine *engine_end(struct engine *engine);

#endif
