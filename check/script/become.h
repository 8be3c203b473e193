/* SPDX-License-Identifier: ISC */
#ifndef CHECK_SCRIPT_BECOME_H
#define CHECK_SCRIPT_BECOME_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct runlist_entry;

/* A program, as whom and how it is to run. */
struct spawn_request {
	char *const *arguments;	      /* the first is the program */
	const char *appended;	      /* one more argument, or NULL */
	const char *const *variables; /* "NAME=value", NULL at the end: added to the environment */
	uint32_t uid;
	uint32_t gid;
	struct runlist_entry *note; /* where the child enters itself, or NULL */
	bool is_quiet;		    /* what it writes is thrown away */
};

/* In the child: executes the program with nothing of this process: as the user with all their
 * groups; with the environment PATH, HOME, USER, LANG and what the request adds; in /, with the
 * configured umask, default signals, a session and process group of its own, standard input empty,
 * standard output and error at `output` (-1: thrown away), no other descriptor, no inheritable or
 * ambient capability.  Enters itself in the request's note first and gives up if the check process,
 * `parent`, has died by the end.  As root it runs only what lib/trust.h lets pass.  If it
 * can't be run, writes why to `report` and exits with 126. */
_Noreturn void become(const struct spawn_request *request, pid_t parent, int output, int report);

#endif
