/* SPDX-License-Identifier: ISC */
#ifndef CHECK_SCRIPT_SPAWN_H
#define CHECK_SCRIPT_SPAWN_H

#include <sys/types.h>

#include "check/script/become.h"

/* Starting a program as another user. */

/* Descriptors are the caller's. */
struct spawned {
	pid_t pid; /* leader of a session and process group of its own */
	int pidfd;
	int output; /* what it writes to standard output and error; does not block; -1: quiet */
	int report; /* at its end: a line that says why the program could not be run, or nothing */
};

/* Forks, and has the child execute the program as check/script/become.h says.  Looking up the user
 * and judging the program is done in the child, because a name service or a file system can hang.
 * (So it is a fork, without memory shared: a child that already is another user, but still shares
 * the memory of this process, could be stopped by that user, and this process with it.)  0 or a
 * negative errno: nothing was started. */
int spawn(const struct spawn_request *request, struct spawned *spawned);

#endif
