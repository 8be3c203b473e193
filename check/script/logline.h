/* SPDX-License-Identifier: ISC */
#ifndef CHECK_SCRIPT_LOGLINE_H
#define CHECK_SCRIPT_LOGLINE_H

#include <stdbool.h>
#include <stddef.h>

/* Lines for the log, out of what a script writes in whatever portions. */

#define LOGLINE_OCTETS 512

/* Zero: empty. */
struct logline {
	size_t length;
	char text[LOGLINE_OCTETS]; /* no zero at the end */
};

/* Adds octets up to the end of the line, or as many as there is room for.  Returns how many were
 * taken, at least 1 of `count` > 0; *whole: the line has ended, or is full, and its caller empties
 * it. */
size_t logline_take(struct logline *line, const char *octets, size_t count, bool *whole);

/* The log's reader must not be driven by what a script writes: no control character stays. */
void logline_defuse(char *text, size_t length);

#endif
