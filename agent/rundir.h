/* SPDX-License-Identifier: ISC */
#ifndef AGENT_RUNDIR_H
#define AGENT_RUNDIR_H

#include "lib/netspace.h"

#include <stdbool.h>
#include <stdint.h>

/* The run directory: who may use it, and the note in it that a program has ended on purpose without
 * giving up what it has, because its successor is about to start, and the network namespace.
 * Supervisor thread, or a program that only cleans up. */

/* Makes the directory if it is missing and takes its lock: two agents with one run directory would
 * take each other's addresses away.  A descriptor that holds the lock, or a negative errno: said in
 * the log, but for -EWOULDBLOCK: another agent has it. */
int rundir_take(const char *run_dir);

/* Makes the note ready, where nobody looks for it: all of it that can fail for lack of room, while
 * there still is another way.  0 or a negative errno. */
int rundir_prepare_note(const char *run_dir, uint64_t token);

/* Leaves the note that is ready.  0 or a negative errno. */
int rundir_leave_note(const char *run_dir);

/* Takes away one that is ready and was not left. */
void rundir_drop_note(const char *run_dir);

/* Takes it away.  False: there is none of that token. */
bool rundir_take_note(const char *run_dir, uint64_t token);

/* Whether the note is there for the first time: says so once, and takes it away the second time. */
bool rundir_note_is_new(const char *run_dir);

/* The name of the network namespace that the last run entered; "": none. */
void rundir_read_namespace(const char *run_dir, char name[NETSPACE_NAME_MAX + 1]);

/* Says which one this run has entered.  0 or a negative errno: said in the log. */
int rundir_write_namespace(const char *run_dir, const char *name);

#endif
