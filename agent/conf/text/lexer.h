/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_TEXT_LEXER_H
#define AGENT_CONF_TEXT_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/conf/text/diagnose.h"

/*
 * Words, braces and ends of line of one text. A comment runs from # or ! to the end of its
 * line; quotes " and ' keep spaces, braces and comment characters, within one line. A line
 * may be of any length. Nothing is allocated: tokens point into the text.
 *
 * The text is a file, or one line that was put together from several places: then each of its
 * runs says where it was written. The comment of such a line is gone, and # and ! in it are
 * characters like any other.
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
	bool plain;	    /* its value is its text */
	bool glued_comment; /* a comment starts right behind, without a space */
	bool first_on_line;
	const char *problem; /* TOKEN_BAD: what is wrong, in words; NULL: it has been said */
};

/* Characters of a line that were written in one piece. */
struct conf_run {
	size_t at;		 /* where they begin in the line */
	struct conf_place place; /* where the first of them was written */
	bool fixed;		 /* they stand in for what is written at this one place */
	bool bad; /* they should have been replaced, and what is wrong has been said */
};

/* A line that was put together. */
struct conf_made_line {
	const char *text;
	size_t length;
	const struct conf_run *runs; /* the first one at 0; none when the line is empty */
	size_t run_count;
	bool glued_comment; /* a comment followed the last word without a space */
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
	bool first;			   /* nothing but space so far on this line */
	const struct conf_via *via;	   /* of the whole text, or NULL */
	const struct conf_made_line *made; /* the text is this line, or NULL: it is a file */
	size_t run;			   /* which of its runs the column was counted in */
};

void conf_lexer_init(struct conf_lexer *lexer, const char *name, const char *text, size_t length);

/* The line is borrowed until its last token has been read. */
void conf_lexer_init_line(struct conf_lexer *lexer, const struct conf_made_line *line);

/* The next token; after the last one TOKEN_END for ever. */
struct conf_token conf_lexer_next(struct conf_lexer *lexer);

/* Whether nothing of this line has been read, nor of an empty one at the end of the text. */
bool conf_lexer_at_line(const struct conf_lexer *lexer);

/*
 * Take the whole line, without its end, which is the next token. Its place is that of its first
 * character; its `text` and `text_length` are the line.
 */
struct conf_place conf_lexer_take_line(struct conf_lexer *lexer);

/* Go on to the next line, unless this one, of which nothing has been read, begins with one of the
 * words `but`, which ends with NULL. */
bool conf_lexer_skip_line(struct conf_lexer *lexer, const char *const *but);

/* The length of a line without its comment. */
size_t conf_uncommented(const char *line, size_t length);

/* Space within a line. */
bool conf_is_space(char c);

/*
 * The value of a word: quotes dropped, and within quotes the escapes \a \b \E \f \n \r \t \v,
 * \NNN (octal), \xXX, \cC replaced; \ before another character stands for that character.
 * `out` has room for length + 1. Returns the length of the value; -EINVAL when it holds a
 * zero octet.
 */
int conf_token_value(const struct conf_token *token, char *out);

#endif
