/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_TEXT_HEAD_H
#define AGENT_CONF_TEXT_HEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/conf/text/frame.h"

/*
 * What begins a line: @ID conditions, $NAME=VALUE, ~SEQ(...). What is left of the line is made
 * into stream->line, with its names replaced.
 */

/* Whether the lexer stands before a line that must be read here: a quick look, not an exact one. */
bool conf_head_is_here(const struct conf_lexer *lexer);

/* Read that line, and those that continue it. */
void conf_head_read_line(struct conf_stream *stream, struct conf_lexer *lexer);

/* The same for a line that is made of pieces, which came this way. */
void conf_head_read_pieces(struct conf_stream *stream, const struct conf_piece *pieces,
	size_t count, const struct conf_via *via);

#endif
