/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_TEXT_LINEBUILDER_H
#define AGENT_CONF_TEXT_LINEBUILDER_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/conf/text/feed.h"
#include "agent/conf/text/lexer.h"

/*
 * A line that is being put together: characters move from the feed to the line, and each run of
 * them remembers where it was written. Its memory is used again for the next line.
 */
struct conf_linebuilder {
	struct conf_feed feed;
	struct conf_made_line line; /* with `text` and `runs` below */
	char *text;
	size_t room;
	struct conf_run *runs;
	size_t run_room;
	const char *next; /* the source of the character that would go on in the last run */
	char quote;	  /* within quotes: which */
	bool escape;
	bool out_of_memory;
};

/* Move characters as they are. */
void conf_linebuilder_emit(struct conf_linebuilder *builder, size_t count);

/* The same for what should have been replaced. */
void conf_linebuilder_emit_bad(struct conf_linebuilder *builder, size_t count);

/* What comes next is a run of its own. */
void conf_linebuilder_cut(struct conf_linebuilder *builder);

/* Drop, or call bad, what has been made from here on; a run begins here. */
void conf_linebuilder_take_back(struct conf_linebuilder *builder, size_t at);
void conf_linebuilder_mark_bad(struct conf_linebuilder *builder, size_t at);

/* Put a piece in front of the feed. */
void conf_linebuilder_push(struct conf_linebuilder *builder, const struct conf_piece *piece);

/* Begin another line. */
void conf_linebuilder_clear(struct conf_linebuilder *builder);
void conf_linebuilder_free(struct conf_linebuilder *builder);

#endif
