/* SPDX-License-Identifier: ISC */
#ifndef LIB_CPUSCHED_H
#define LIB_CPUSCHED_H

#include <stdint.h>

/* Nice values and processors of the agent's processes.  A process sets its own: the kernel
 * lets nobody else do it who has not all the capabilities it has. */

#define CPUSCHED_PROCESSORS 1024

struct cpusched {
	int32_t nice; /* -20 to 19 */
	uint32_t reserved;
	uint64_t processors[CPUSCHED_PROCESSORS / 64]; /* a bit each; none: all */
};

/* Once, while the process still may: it can have any nice value later, and the processors that it
 * has are the ones to return to. */
void cpusched_begin(void);

/* No such permission for this process and what it executes. */
void cpusched_forgo(void);

/* The calling thread as it was at the beginning, for as long as it starts another program, and
 * then as before. */
void cpusched_reset(void);
void cpusched_restore(void);

/* Sets those of every thread of this process.  0; -EPERM; -EINVAL: none of the processors is there;
 * or another negative errno: as much as is permitted has been done. */
int cpusched_apply(const struct cpusched *wanted);

/* What an error of that means. */
const char *cpusched_problem(int error);

#endif
