/* SPDX-License-Identifier: ISC */
#ifndef AGENT_REALTIME_H
#define AGENT_REALTIME_H

#include <pthread.h>
#include <stdint.h>

/* Scheduling and memory for the engine, got while the supervisor still may, so that no thread needs
 * a capability for it.  What is not permitted is said in the log and done without: failover works,
 * but may be late on a busy machine.  Supervisor, before and while it starts its threads. */

/* Locks the process's memory, present and future, as far as it is touched.  Only where the limit on
 * locked memory can be lifted: otherwise a later allocation would fail for it. */
void realtime_lock_memory(void);

/* The configuration is read when the capabilities are gone: the limit on real-time priorities,
 * which realtime_enter lifts while it may, then permits them to this process's threads.  Gives
 * `thread` the priority, 1-99, or the usual one for 0. */
void realtime_set(pthread_t thread, unsigned int priority);

/* A thread of this process that runs for so long at real time without waiting gets the process
 * SIGXCPU, again every second; 0: no limit. */
void realtime_limit(uint32_t microseconds);

/* Ordinary scheduling for that thread. */
void realtime_end(pthread_t thread);

/* No real-time priority for this process and what it executes: of core, agentx, check and scripts
 * nothing shall ever be in the engine's way. */
void realtime_forgo(void);

/* The calling thread, and what it starts from now on, gets real-time scheduling... */
void realtime_enter(void);

/* ...and the calling thread alone gives it up again. */
void realtime_leave(void);

#endif
