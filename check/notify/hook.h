/* SPDX-License-Identifier: ISC */
#ifndef CHECK_NOTIFY_HOOK_H
#define CHECK_NOTIFY_HOOK_H

#include "check/script/runlist.h"
#include "lib/image.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

/* startup_script and shutdown_script: a program that is run once when the agent starts, and one
 * when it has stopped.  Each is ended when its time is over.
 *
 * The virtual routers wait for the end of the first: the engine is told of it by MESSAGE_BEGIN, and
 * goes on without it when the script's time is long over.  If this process is killed meanwhile, its
 * successor runs the script again. */

struct hook;

/* `engine`: the channel to it, or -1; stays the caller's.  `begun`: a word that outlives this
 * process, 0 at first.  NULL: no memory. */
struct hook *hook_create(
	sd_event *loop, int engine, _Atomic uint64_t *begun, struct runlist_entry *notes);

/* Kills what runs. */
struct hook *hook_free(struct hook *hook);

/* Takes the commands of a new image; with the first one, the start. */
void hook_configure(struct hook *hook, const struct image *image);

/* The agent has stopped: ends a startup script that still runs, runs the shutdown script. */
void hook_stop(struct hook *hook);

/* After hook_stop(): whether nothing runs any more. */
bool hook_is_done(const struct hook *hook);

#endif
