/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_MEMSTREAM_H
#define AGENT_CORE_MEMSTREAM_H

#include <stdio.h>

/* Ends of streams that open_memstream(3) made. */

/* Closes it; NULL: it could not be opened.  0 or -ENOMEM: something that was written is missing. */
int memstream_close(FILE *stream);

/* The same for the only text that is written: *text, the caller's, or NULL, and nothing is left to
 * free. */
char *memstream_text(FILE *stream, char **text);

#endif
