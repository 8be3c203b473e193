/* SPDX-License-Identifier: ISC */
#ifndef CHECK_SCRIPT_SCRIPTOUTPUT_H
#define CHECK_SCRIPT_SCRIPTOUTPUT_H

#include <systemd/sd-event.h>

/* What a script writes: logged line by line with its instance's name, up to OUTPUT_LINES lines,
 * read and forgotten beyond, at a limited pace, so that neither the log nor this process suffers
 * from a flood, and the script is not blocked by ours being slow for longer than that pace
 * demands.  Something that a script leaves running in the background may go on writing. */

#define OUTPUT_LINES 64

struct scriptoutput;

/* Reads `fd`, which becomes the output's, until all writers are gone; then it frees itself.  `name`
 * and `program` are copied.  NULL: no memory, fd is closed. */
struct scriptoutput *scriptoutput_open(
	sd_event *loop, int fd, const char *name, const char *program);

/* The script has ended: logs what it wrote last.  The output goes on by itself if something still
 * holds its other end; the caller forgets it. */
void scriptoutput_release(struct scriptoutput *output);

#endif
