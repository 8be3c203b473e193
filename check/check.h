/* SPDX-License-Identifier: ISC */
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

#include "check/script/script.h"

#include <stdint.h>

/* The check process: finds out how the configured trackers are (check/track/registry.h), and runs
 * the notify scripts of every transition that the event ring tells of.
 *
 * Its promises, in the order in which they matter:
 *  - the scripts of one virtual router run one at a time and in the order of its transitions;
 *    those of different virtual routers run side by side, DISPATCH_RUNNING_MAX in all;
 *  - no transition is left out or merged with another, unless more than DISPATCH_QUEUE_MAX wait in
 *    one virtual router: then the oldest that waits is given up, which is logged and counted;
 *  - at least once: the bookmark in the event ring follows the oldest event whose scripts have not
 *    all ended.  When this process is killed, its successor kills the scripts that still
 *    run and runs everything from that event on; scripts of later events that had already ended
 *    run a second time;
 *  - a script can hang, flood its output or fork without costing another virtual router more than
 *    its place among DISPATCH_RUNNING_MAX, and that for SCRIPT_TIMEOUT_MS. */

/* How long an ordered stop lets the scripts end that were asked for: all of them together as long
 * as each of them has otherwise. */
#define CHECK_STOP_MS (SCRIPT_TIMEOUT_MS + SCRIPT_KILL_MS)
/* So long it waits for mail and FIFOs; and for scripts too where another program goes on, which
 * runs them again. */
#define CHECK_TELL_MS 5000

/* Runs until the supervisor says MESSAGE_STOP (and what the ring holds by then has been run, for at
 * most CHECK_STOP_MS, and shutdown_script, for as long as that has) or its channel ends (at once).
 * To be told to stop *after* the engine has stopped, so that the scripts of the last transitions
 * are run.  Sleeps for `sleep_ms` at most (lib/lifeline.h).  Descriptors as lib/inherit.h says:
 * SUPERVISOR, RING, BOOKMARKS, WAKE, CORE, ENGINE and LIFELINE are taken, the others are not
 * touched.  log_open() was called, the process has one thread, and of capabilities needs SETUID,
 * SETGID and KILL.  Returns the status to exit with. */
int check_run(uint32_t sleep_ms);

#endif
