/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_TEXT_DIAGNOSE_H
#define AGENT_CONF_TEXT_DIAGNOSE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "agent/conf/text/origin.h"

enum conf_severity {
	CONF_WARNING = 1,
	CONF_ERROR = 2,
};

/* What a configuration check says about a file; also the exit status of `-t`. */
enum conf_result {
	CONF_GOOD = 0,
	CONF_USABLE = 1,  /* warnings */
	CONF_REFUSED = 2, /* errors */
};

enum conf_via_kind {
	VIA_VALUE,    /* the value of a definition, in the middle of a line */
	VIA_BODY,     /* a line of a definition of several lines */
	VIA_SEQUENCE, /* one round of ~SEQ */
};

/* How text came to where it is read when it was not simply written there. */
struct conf_via {
	const struct conf_via *outer; /* NULL: the file itself */
	enum conf_via_kind kind;
	unsigned depth;		/* from 1 */
	const void *definition; /* which one, to tell when one contains itself */
	const char *name;
	const char *value; /* of the variable of a sequence */
	const char *file;  /* VIA_VALUE: where it is defined; VIA_BODY: where it is used */
	uint32_t line;
};

#define CONF_VIA_TEXT_MAX  256
#define CONF_VIA_STEPS_MAX 4

/*
 * " (in the expansion of $X defined at FILE:LINE, where $ID is 5)"; empty for NULL. Outer ones
 * are left out when there are many. Returns `out`.
 */
const char *conf_via_text(const struct conf_via *via, char out[CONF_VIA_TEXT_MAX]);

/* A place in a text. `text` is the line itself, not terminated; NULL when there is none. */
struct conf_place {
	const char *file;
	uint32_t line;	 /* from 1; 0 = the file as a whole */
	uint32_t column; /* in characters, from 1 */
	const char *text;
	size_t text_length;
	const struct conf_via *via;
};

struct conf_diagnostic {
	enum conf_severity severity;
	uint32_t line;
	uint32_t column;
	char *file;
	char *message;
	char *text;	    /* the source line, NULL when there is none */
	const char *format; /* of the message */
	size_t repeats;	    /* how often the same was said of this place by way of others */
	size_t file_rank;   /* for sorting, as `rank` is: which file it is about */
	size_t rank;	    /* and how many there were before it */
};

/* So many are kept; the rest is only counted. A file that is no configuration has no end of them.
 */
#define CONF_DIAGNOSTICS_MAX 1000

struct conf_source;

/* Starts as {0}. Owns all its strings. */
struct conf_diagnostics {
	struct conf_diagnostic *items;
	size_t count;
	size_t room;
	size_t errors;	 /* repeats included */
	size_t warnings; /* the same */
	size_t repeats;
	bool out_of_memory; /* something could not be recorded: the result is refused */
};

/* `format` is a literal. */
void conf_diagnose(struct conf_diagnostics *diagnostics, enum conf_severity severity,
	const struct conf_place *place, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void conf_diagnose_list(struct conf_diagnostics *diagnostics, enum conf_severity severity,
	const struct conf_place *place, const char *format, va_list arguments)
	__attribute__((format(printf, 4, 0)));

/* The same for a value in the model, whose origin has no source line at hand. */
void conf_diagnose_origin(struct conf_diagnostics *diagnostics, enum conf_severity severity,
	const struct origin *origin, const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Attach the source line to one that was made from an origin. 0 or -ENOMEM. */
int conf_diagnostic_set_text(struct conf_diagnostic *item, const char *text, size_t length);

enum conf_result conf_diagnostics_result(const struct conf_diagnostics *diagnostics);

/* Order by file, as they were read (others come behind them), line and column; what is about no
 * line comes last.  What is about one place stays in its order. */
void conf_diagnostics_sort(struct conf_diagnostics *diagnostics, const struct conf_source *source);

/*
 * Print `FILE:LINE:COLUMN: error: message`, the source line and a caret below the column
 * for one diagnostic, or for all of them.
 */
void conf_diagnostic_print(const struct conf_diagnostic *diagnostic, FILE *stream);
void conf_diagnostics_print(const struct conf_diagnostics *diagnostics, FILE *stream);

/* What comes behind all of them: how many more there are than were kept. */
void conf_diagnostics_print_rest(const struct conf_diagnostics *diagnostics, FILE *stream);

/* Takes out the warnings that came after it had `count` items and `warnings` warnings; before it is
 * sorted. */
void conf_diagnostics_forget_warnings(
	struct conf_diagnostics *diagnostics, size_t count, size_t warnings);

/* Empties it for another use. */
void conf_diagnostics_clear(struct conf_diagnostics *diagnostics);

/* Number of single-character edits (a swap of neighbours counts one) between two words. */
unsigned conf_edit_distance(const char *a, const char *b);

/* Near enough to suggest `candidate` for `word`: the distance, or 0 when it is not. */
unsigned conf_resembles(const char *word, const char *candidate);

#endif
