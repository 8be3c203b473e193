/* SPDX-License-Identifier: ISC */
#ifndef CHECK_TRACK_TRACKFILE_H
#define CHECK_TRACK_TRACKFILE_H

#include "check/track/valuefile.h"

#include <stdint.h>
#include <systemd/sd-event.h>

/* Files whose number counts: read when somebody has closed them after writing, moved something to
 * or from their name, or removed them (inotify on their folders).  What no such news come of (the
 * folder is made, moved or mounted over, the file is a symbolic link's target, or on another host's
 * disk) is found within two looks, TRACKFILE_LOOK_MS apart; a file that is changing at a look is
 * read when it no longer does. */

#define TRACKFILE_LOOK_MS 1000

struct trackfile_watch;
struct trackfile;

/* It was read for the first time, or `value` or `result` (enum valuefile_result) is another one. */
typedef void (*trackfile_told)(void *context, int32_t value, enum valuefile_result result);

/* NULL: errno says why. */
struct trackfile_watch *trackfile_watch_create(sd_event *loop);

/* Its files are gone with it. */
struct trackfile_watch *trackfile_watch_free(struct trackfile_watch *watch);

/* `told` is called from the loop, soon.  NULL: no memory. */
struct trackfile *trackfile_track(
	struct trackfile_watch *watch, const char *path, trackfile_told told, void *context);

struct trackfile *trackfile_untrack(struct trackfile *file);

#endif
