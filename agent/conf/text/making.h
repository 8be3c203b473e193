/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_TEXT_MAKING_H
#define AGENT_CONF_TEXT_MAKING_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/conf/text/feed.h"
#include "agent/conf/text/lexer.h"

/*
 * A line that is being put together: characters move from the feed to the line, and each run of
 * them remembers where it was written. Its memory is used again for the next line.
 */
struct conf_making {
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
void conf_making_emit(struct conf_making *making, size_t count);

/* The same for what should have been replaced. */
void conf_making_emit_bad(struct conf_making *making, size_t count);

/* What comes next is a run of its own. */
void conf_making_cut(struct conf_making *making);

/* Drop, or call bad, what has been made from here on; a run begins here. */
void conf_making_take_back(struct conf_making *making, size_t at);
void conf_making_mark_bad(struct conf_making *making, size_t at);

/* Put a piece in front of the feed. */
void conf_making_push(struct conf_making *making, const struct conf_piece *piece);

/* Begin another line. */
void conf_making_clear(struct conf_making *making);
void conf_making_free(struct conf_making *making);

#endif
