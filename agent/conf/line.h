/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_LINE_H
#define AGENT_CONF_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/conf/parse.h"

/* Inside the loader: lines made of options, as addresses, routes and rules are. */

struct conf_line {
	struct conf_parser *parser;
	const struct conf_statement *statement;
	size_t at; /* the next word */
	enum conf_context context;
	void *item; /* what is being read */
};

/* How an option is read, once its word has been taken: false when it was bad, and that has been
 * said.  The schema says which ones there are and what they are for. */
struct conf_option {
	const char *word;
	bool (*read)(struct conf_line *line, const struct conf_option *option);
	uint32_t number; /* the reader's */
};

/* The next word, or NULL at the end; the second one takes it. */
const struct conf_argument *conf_line_peek(const struct conf_line *line);
const struct conf_argument *conf_line_next(struct conf_line *line);

/* Takes the next word if it is this one. */
bool conf_line_skip(struct conf_line *line, const char *word);

/* The value of an option, or NULL when it is missing, and that has been said. */
const struct conf_argument *conf_line_value(
	struct conf_line *line, const struct conf_option *option);

/* A number, decimal or with 0x. */
bool conf_line_number(struct conf_line *line, const struct conf_option *option, uint32_t minimum,
	uint32_t maximum, uint32_t *number);

/* The name of an interface, 16 octets. */
bool conf_line_interface(struct conf_line *line, const struct conf_option *option, char name[16]);

/* A number, or a name that one of iproute2's files gives one: "rt_tables", "rt_protos". */
bool conf_line_named(struct conf_line *line, const struct conf_option *option, const char *file,
	uint32_t maximum, uint32_t *number);

/* Reads the option that begins here; `options` ends with a NULL word. */
bool conf_line_option(struct conf_line *line, const struct conf_option *options);

/* Says what is wrong at a word; always false. */
#define conf_line_bad(line, argument, ...)                                                         \
	({                                                                                         \
		conf_diagnose(                                                                     \
			(line)->parser->diagnostics, CONF_ERROR, &(argument)->place, __VA_ARGS__); \
		false;                                                                             \
	})

/* A number, decimal or with 0x, at most maximum.  0 or -EINVAL. */
int conf_read_u32(const char *text, uint32_t maximum, uint32_t *number);

/* An address and perhaps its length, "default", "default6", "all", "any".  The family is AF_UNSPEC
 * where the word does not tell.  0 or -EINVAL. */
int conf_read_prefix(const char *text, struct ip_address *address, uint8_t *length);

#endif
