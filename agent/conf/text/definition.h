/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_TEXT_DEFINITION_H
#define AGENT_CONF_TEXT_DEFINITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/conf/text/arena.h"
#include "agent/conf/text/diagnose.h"

/* $NAME=VALUE: names and what they stand for while a configuration is read. */

/* Text that was written in one piece, with the place of its first character. */
struct conf_piece {
	const char *text;
	size_t length;
	struct conf_place place;
	bool fixed; /* all of it stands in for what is written at that place */
};

/* One line of a value: often one piece, none when it is empty. */
struct conf_value_line {
	const struct conf_piece *pieces;
	size_t count;
};

struct conf_definition {
	const char *name;
	const struct conf_value_line *lines;
	size_t line_count; /* at least 1; more: a body, which keeps its lines */
	struct conf_place place;
	bool is_variable; /* of a sequence */
};

/* A definition on a line whose condition was not met. */
struct conf_unmet {
	const struct conf_unmet *earlier;
	const char *name, *id; /* of the condition */
	bool negated;
	uint32_t line;
};

struct conf_definitions {
	struct arena *arena; /* borrowed: everything lives there */
	void *tree;
	const struct conf_unmet *unmet; /* the latest */
};

/* The length of the name at the start of a text; 0: there is none. */
size_t conf_name_length(const char *text, size_t length);

#define CONF_NAME_MAX 255

/* Whether all of a text is a name that can be defined. */
bool conf_is_name(const char *text);

/* The latest definition of a name, or NULL. */
const struct conf_definition *conf_definition_find(
	const struct conf_definitions *definitions, const char *name, size_t length);

/* Define anew; what the name stood for so far stays in memory. 0 or -ENOMEM. */
int conf_define(struct conf_definitions *definitions, const struct conf_definition *definition);

/* The same with a value of one line that is not written anywhere. */
int conf_define_text(struct conf_definitions *definitions, const char *name, const char *value,
	const struct conf_place *place, bool is_variable);

/* Remember that a definition would have been there under another configuration id. 0 or -ENOMEM. */
int conf_definition_unmet(struct conf_definitions *definitions, const char *name,
	const char *condition, const struct conf_place *place);

#define CONF_UNMET_TEXT_MAX 512

/* ": line 3 defines it only where ..." for a name that no line defines but such ones; else empty.
 * Returns `out`. */
const char *conf_unmet_text(const struct conf_definitions *definitions, const char *name,
	size_t length, const char *config_id, char out[CONF_UNMET_TEXT_MAX]);

void conf_definitions_clear(struct conf_definitions *definitions);

#endif
