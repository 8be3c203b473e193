/* SPDX-License-Identifier: ISC */
#ifndef CHECK_BECOME_H
#define CHECK_BECOME_H

#include "check/spawn.h"

/* In the child: executes the program with nothing of this process: as the user with all their
 * groups; with the environment PATH, HOME, USER, LANG and what the request adds; in /, with umask
 * 022, default signals, a session and process group of its own, standard input empty, standard
 * output and error at `output`, no other descriptor, no inheritable or ambient capability.  Enters
 * itself in the request's note first and gives up if the check process, `parent`, has died by the
 * end.  As root it runs only what check/trust.h lets pass.  If it can't be run, writes why to
 * `report` and exits with 126. */
_Noreturn void become(const struct spawn_request *request, pid_t parent, int output, int report);

#endif
