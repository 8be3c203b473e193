/* SPDX-License-Identifier: ISC */
#ifndef CHECK_SCRIPT_LINE_H
#define CHECK_SCRIPT_LINE_H

#include <stdbool.h>
#include <stddef.h>

/* Lines for the log, out of what a script writes in whatever portions. */

#define LINE_OCTETS 512

/* Zero: empty. */
struct line {
	size_t length;
	char text[LINE_OCTETS]; /* no zero at the end */
};

/* Adds octets up to the end of the line, or as many as there is room for.  Returns how many were
 * taken, at least 1 of `count` > 0; *whole: the line has ended, or is full, and its caller empties
 * it. */
size_t line_take(struct line *line, const char *octets, size_t count, bool *whole);

/* The log's reader must not be driven by what a script writes: no control character stays. */
void line_defuse(char *text, size_t length);

#endif
