/* SPDX-License-Identifier: ISC */
#ifndef CHECK_SCRIPT_SCRIPT_H
#define CHECK_SCRIPT_SCRIPT_H

#include "check/script/spawn.h"

#include <systemd/sd-event.h>

/* One run of a script, from its start to its end.  Its output, and how it ended, are logged here.
 */

#define SCRIPT_TIMEOUT_MS 60000 /* then its process group gets SIGTERM, */
#define SCRIPT_KILL_MS	  2000	/* and after that long SIGKILL */

#define SCRIPT_NO_TIMEOUT 0

struct script;

/* Called once when the script has ended or could not be run at all; the script is gone then. */
typedef void (*script_ended)(void *context);

/* Starts a script; `name` is the instance's, for the log.  On success stores the script, which
 * frees itself at its end, and returns 0; a negative errno: it was not started and `ended` is not
 * called (the lack of processes, descriptors or memory may pass). */
int script_start(struct script **script, sd_event *loop, const char *name,
	const struct spawn_request *request, uint32_t timeout_ms, script_ended ended,
	void *context);

/* The script is not wanted any more: SIGTERM, and after SCRIPT_KILL_MS SIGKILL; `ended` is called
 * as always. */
void script_terminate(struct script *script);

/* Kills the script's process group at once and forgets it; `ended` is not called.  NULL is fine. */
struct script *script_abandon(struct script *script);

#endif
