/* SPDX-License-Identifier: ISC */
#ifndef LIB_LIFELINE_H
#define LIB_LIFELINE_H

#include <stdbool.h>
#include <stdint.h>

/* The sign of life of a child process: a timer that it shares with the supervisor, and has promised
 * to set anew before it expires.  Its loop does so before it sleeps and when it wakes
 * (lib/lifeloop.h): the supervisor hears of a loop that stands still within a second, and neither
 * wakes the other while all is well.  A child about to do something that may take long (fsync on a
 * slow disk, a call into net-snmp) asks for the time it needs beforehand.
 *
 * Who breaks its promise is replaced, unless all it lacks is processor time (agent/starvation.h).
 */

#define LIFELINE_TURN_MS 1000 /* what a loop takes at most before it sleeps again */

/* So long a loop sleeps at most: it costs the machine one wake-up a minute. */
#define LIFELINE_SLEEP_MS 60000

/* The same of a process that is not the supervisor's own child, of whom the kernel does not tell
 * that it was stopped: that its promise breaks is all that does. */
#define LIFELINE_STRANGER_SLEEP_MS 8000

/* Supervisor: a new one, close-on-exec, that nothing is promised by; or a negative errno. */
int lifeline_create(void);

/* From now on the next promise comes within so many ms (not 0), or this one is broken.  -1 instead
 * of a lifeline: nobody is told. */
void lifeline_promise(int lifeline, uint32_t within_ms);

/* The promise of one that is about to sleep for `sleep_ms` at most. */
void lifeline_promise_sleep(int lifeline, uint32_t sleep_ms);

/* Supervisor: no promise is broken at the moment. */
bool lifeline_is_kept(int lifeline);

#endif
