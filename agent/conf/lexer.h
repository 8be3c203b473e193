/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_LEXER_H
#define AGENT_CONF_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/conf/diagnose.h"

/*
 * Words, braces and ends of line of one text. A comment runs from # or ! to the end of its
 * line; quotes " and ' keep spaces, braces and comment characters, within one line. A line
 * may be of any length. Nothing is allocated: tokens point into the text.
 */

enum conf_token_kind {
	TOKEN_WORD,
	TOKEN_OPEN,  /* { */
	TOKEN_CLOSE, /* } */
	TOKEN_NEWLINE,
	TOKEN_INCLUDE, /* an include keyword and the rest of its line */
	TOKEN_BAD,     /* see problem */
	TOKEN_END,
};

struct conf_token {
	enum conf_token_kind kind;
	struct conf_place place;
	const char *start; /* the raw text, quotes and escapes as written */
	size_t length;
	const char *argument; /* TOKEN_INCLUDE: what follows, without quotes and comment */
	size_t argument_length;
	bool quoted;	    /* some of the word stands in quotes */
	bool glued_comment; /* a comment starts right behind, without a space */
	bool first_on_line;
	const char *problem; /* TOKEN_BAD: what is wrong, in words */
};

struct conf_lexer {
	const char *name;
	const char *text;
	size_t length;
	size_t position;
	uint32_t line;
	size_t line_start;
	size_t line_end;
	size_t column_at; /* where `column` was counted up to */
	uint32_t column;
	bool first; /* nothing but space so far on this line */
};

void conf_lexer_init(struct conf_lexer *lexer, const char *name, const char *text, size_t length);

/* The next token; after the last one TOKEN_END for ever. */
struct conf_token conf_lexer_next(struct conf_lexer *lexer);

/* Go to the end of this line and, while lines end in a backslash, of the lines after it. */
void conf_lexer_skip_line(struct conf_lexer *lexer);

/*
 * The value of a word: quotes dropped, and within quotes the escapes \a \b \E \f \n \r \t \v,
 * \NNN (octal), \xXX, \cC replaced; \ before another character stands for that character.
 * `out` has room for length + 1. Returns the length of the value; -EINVAL when it holds a
 * zero octet.
 */
int conf_token_value(const struct conf_token *token, char *out);

#endif
