/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SCHEDULE_H
#define AGENT_SCHEDULE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/cpulatency.h"
#include "lib/cpusched.h"
#include "lib/message.h"

/* How the engine and its process are scheduled, and how soon a processor wakes for them, as the
 * configuration in force says.  What is not permitted is said in the log once and done without.
 * Supervisor. */

struct schedule {
	unsigned int priority; /* real-time, 1-99; 0: the usual one */
	bool lost;	       /* the engine took too long; until the next configuration */
	uint32_t limit;	       /* at real time without a pause, µs; 0: none */
	struct cpusched cpusched;
	uint32_t latency; /* µs that a processor may take to wake, or CPULATENCY_NONE */
	int latency_fd;	  /* what asks for it; negative: nothing does */
};

/* Nothing was configured yet. */
#define SCHEDULE_NONE                                        \
	{                                                    \
		.latency = CPULATENCY_NONE, .latency_fd = -1 \
	}

/* Follows what core says of an accepted configuration, as far as it is new. */
void schedule_follow(
	struct schedule *schedule, pthread_t engine, const struct message_source *source);

/* The kernel says that the engine reached the limit (SIGXCPU): it gets ordinary scheduling until
 * the next configuration, which is not the end of the program, and of every router. */
void schedule_limit_reached(struct schedule *schedule, pthread_t engine);

/* Nothing is asked of the machine any more. */
void schedule_end(struct schedule *schedule);

#endif
