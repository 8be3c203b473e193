/* SPDX-License-Identifier: ISC */
#include "agent/core/memstream.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

int memstream_close(FILE *stream)
{
	bool failed = !stream || ferror(stream);

	if (stream && fclose(stream) != 0)
		failed = true;
	return failed ? -ENOMEM : 0;
}

char *memstream_text(FILE *stream, char **text)
{
	if (memstream_close(stream) < 0) {
		free(*text);
		*text = NULL;
	}
	return *text;
}
