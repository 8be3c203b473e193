/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_TEXT_INCLUDING_H
#define AGENT_CONF_TEXT_INCLUDING_H

#include <stdbool.h>

#include "agent/conf/text/diagnose.h"
#include "agent/conf/text/lexer.h"
#include "agent/conf/text/source.h"

/* What must be true of the files of an include line: by its word, and by include_check. */
enum conf_include_check {
	INCLUDE_READABLE = 1 << 0, /* what matches is a file that can be read */
	INCLUDE_MATCH = 1 << 1,	   /* a name without wildcards matches */
	INCLUDE_WILDCARD = 1 << 2, /* every pattern matches something */
	INCLUDE_BRACE = 1 << 3,	   /* what stands in braces matches something */
	INCLUDE_ALL = (1 << 4) - 1,
};

/* What the include word of a token asks for. */
unsigned conf_include_word(const struct conf_token *token);

/* Change `checks` by one option of include_check; false: there is no such option. */
bool conf_include_option(const char *option, bool first, unsigned before, unsigned *checks);

/* Say what went wrong with an include line, if `checks` or reason demand it. */
void conf_include_report(const struct conf_include *include, const struct conf_token *token,
	unsigned checks, struct conf_diagnostics *diagnostics);

#endif
