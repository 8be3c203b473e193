/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_TEXT_STREAM_H
#define AGENT_CONF_TEXT_STREAM_H

#include "agent/conf/text/frame.h"

/*
 * The tokens of a source as keepalived's language means them: included texts in their places,
 * lines left out whose @condition is false, names replaced, sequences written out.
 */

/* Both are borrowed for the life of the stream. 0 or -ENOMEM; free it in either case. */
int conf_stream_init(struct conf_stream *stream, const struct conf_source *source,
	struct conf_diagnostics *diagnostics, struct conf_loader *loader);
void conf_stream_free(struct conf_stream *stream);

/*
 * The next token, never TOKEN_INCLUDE. A TOKEN_BAD has been reported when it comes. What a token
 * points to lives until the next line is begun; places live as long as the stream.
 */
struct conf_token conf_stream_next(struct conf_stream *stream);

/* Put the last token back; one at a time. */
void conf_stream_back(struct conf_stream *stream, const struct conf_token *token);

#endif
