/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_BLOCKS_H
#define AGENT_CORE_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/conf/text/lexer.h"

/* Where the vrrp_instance blocks of a text lie, and the statements in them.  The text is looked at
 * as it is written: what definitions, conditions, sequences and includes make of it is not seen. */

/* Says in the overlay that the file's instance of that name is not to be. */
#define BLOCK_DESTROYED "destroyed"

/* Positions in the text. */
struct block {
	char *name;
	size_t start;	/* of vrrp_instance */
	size_t open;	/* behind the brace */
	size_t close;	/* of the brace that closes it */
	size_t end;	/* behind that */
	bool closed;	/* both braces are there */
	bool complete;	/* it says all that makes a virtual router */
	bool destroyed; /* it says so */
};

/* The next block, whose name is the caller's; false at the end.  A block that is not closed ends
 * with the text. */
bool block_next(struct conf_lexer *lexer, struct block *block);

/* All blocks of a text, by name; begins as {0}. */
struct block_list {
	struct block *items;
	size_t count;
};

/* 0 or -ENOMEM. */
int block_list_read(struct block_list *list, const char *text, size_t length);
void block_list_clear(struct block_list *list);

/* The only block of that name, in O(log n), or NULL: none, or several. */
const struct block *block_list_find(const struct block_list *list, const char *name);

/* A statement directly in a block, with the block that belongs to it. */
struct block_statement {
	size_t start, end; /* without the comment behind it */
	const char *word;  /* behind a condition */
	size_t word_length;
	bool made; /* some of it is made by a definition, a sequence or a condition */
};

struct block_cursor {
	struct conf_lexer lexer;
	size_t open;		 /* where the body begins in the text */
	struct conf_token token; /* that was read ahead */
};

void block_cursor_init(struct block_cursor *cursor, const char *text, const struct block *block);
bool block_cursor_next(struct block_cursor *cursor, struct block_statement *statement);

#endif
