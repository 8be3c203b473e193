/* SPDX-License-Identifier: ISC */
#ifndef CHECK_TRACK_PROCESSMATCH_H
#define CHECK_TRACK_PROCESSMATCH_H

#include "lib/image.h"
#include "lib/procstat.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Which processes a tracker means, and what /proc says of a process. */

struct process_pattern {
	const char *words;  /* the program and its parameters, each with its zero */
	size_t length;	    /* of all of it, 2 .. IMAGE_COMMAND_LINE */
	uint8_t parameters; /* enum image_parameters */
	bool full_command;  /* compare the command line, not the process's name */
};

struct process_seen {
	pid_t pid;
	pid_t parent;
	char name[PROCSTAT_NAME];
	size_t length; /* of the command line, with its zeros; 0: none was read */
	char command[IMAGE_COMMAND_LINE + 1]; /* one octet more tells a longer one */
};

/* Whether the pattern is compared with the command line. */
bool process_pattern_needs_command(const struct process_pattern *pattern);

bool process_pattern_matches(
	const struct process_pattern *pattern, const struct process_seen *process);

/* Reads what /proc says of a process; `command`: its command line as well.  False if there is none
 * of that number, or only a zombie. */
bool process_look(pid_t pid, bool command, struct process_seen *process);

#endif
