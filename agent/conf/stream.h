/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_STREAM_H
#define AGENT_CONF_STREAM_H

#include <stdbool.h>

#include "agent/conf/diagnose.h"
#include "agent/conf/lexer.h"
#include "agent/conf/source.h"

/* The tokens of a source with the included texts in their places. */

struct conf_stream_frame {
	struct conf_lexer lexer;
	uint32_t text;
	const struct conf_include *include; /* whose texts are being read, or NULL */
	uint32_t next;			    /* of these */
};

struct conf_stream {
	const struct conf_source *source;
	struct conf_diagnostics *diagnostics;
	struct conf_stream_frame frames[CONF_INCLUDE_DEPTH_MAX + 1];
	unsigned depth;
	struct conf_token back;
	bool has_back;
};

/* Both are borrowed for the life of the stream. */
void conf_stream_init(struct conf_stream *stream, const struct conf_source *source,
	struct conf_diagnostics *diagnostics);

/* The next token, never TOKEN_INCLUDE. A TOKEN_BAD has been reported when it comes. */
struct conf_token conf_stream_next(struct conf_stream *stream);

/* Put the last token back; one at a time. */
void conf_stream_back(struct conf_stream *stream, const struct conf_token *token);

/* Drop the rest of this line and its continuations; no token may have been put back. */
void conf_stream_skip_line(struct conf_stream *stream);

#endif
