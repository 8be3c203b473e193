/* SPDX-License-Identifier: ISC */
#ifndef LIB_PLACEMENT_H
#define LIB_PLACEMENT_H

#include <stdint.h>

/* Nice values and processors of the agent's processes.  A process is placed by itself: the kernel
 * lets nobody do it who has not all the capabilities it has. */

#define PLACEMENT_PROCESSORS 1024

struct placement {
	int32_t nice; /* -20 to 19 */
	uint32_t reserved;
	uint64_t processors[PLACEMENT_PROCESSORS / 64]; /* a bit each; none: all */
};

/* Once, while the process still may: it can have any nice value later, and the processors that it
 * has are the ones to return to. */
void placement_begin(void);

/* No such permission for this process and what it executes. */
void placement_forgo(void);

/* The calling thread as it was at the beginning, for as long as it starts another program, and
 * then as before. */
void placement_leave(void);
void placement_return(void);

/* Places every thread of this process.  0; -EPERM; -EINVAL: none of the processors is there; or
 * another negative errno: as much as is permitted has been done. */
int placement_apply(const struct placement *wanted);

/* What an error of that means. */
const char *placement_problem(int error);

#endif
