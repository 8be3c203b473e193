/* SPDX-License-Identifier: ISC */
#ifndef LIB_LIFELINE_H
#define LIB_LIFELINE_H

#include <stdint.h>

/* The sign of life of a child process: sent from its main loop, so that it proves that the loop
 * turns. Each says by when the next will come; the supervisor replaces a child that breaks its
 * word, unless all it lacks is processor time (agent/starvation.h).  A child about to do something
 * that may take long (fsync on a slow disk, a call into net-snmp) asks for the time it needs
 * beforehand. */

/* A wake-up of an idle process costs what several advertisements do, so not more often than is
 * needed to have replaced within two seconds what stands still. */
#define LIFELINE_PERIOD_MS 750	/* how often a loop says that it is alive */
#define LIFELINE_WITHIN_MS 1300 /* what it promises each time */

union message;

/* The sign itself, for who has something to attach to it. */
void lifeline_write(union message *message, uint32_t within_ms);

/* `end`: the channel to the supervisor.  0, or the negative errno of channel_send: -EAGAIN is
 * harmless, -EPIPE means that the supervisor is gone and so must be the child. */
int lifeline_beat(int end, uint32_t within_ms);

#endif
