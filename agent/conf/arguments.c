/* SPDX-License-Identifier: ISC */
/* How many words a keyword takes. */
#include <string.h>

#include "agent/conf/parse.h"

#define error(parser, argument, ...) \
	conf_diagnose((parser)->diagnostics, CONF_ERROR, &(argument)->place, __VA_ARGS__)

/* What else it may have been meant for. */
static const char *meaning(const char *word)
{
	if (strncmp(word, "//", 2) == 0 || strncmp(word, "/*", 2) == 0 ||
		(unsigned char)word[0] >= 0x80)
		return "; a comment begins with # or !";
	return conf_word_elsewhere(CONF_CONTEXTS, word) ? "; each keyword begins a line" : "";
}

bool conf_has_arguments(struct conf_parser *parser, const struct conf_statement *statement,
	size_t least, size_t most, const char *wanted)
{
	const struct conf_argument *words = statement->words;

	if (statement->count - 1 < least) {
		error(parser, &words[0], "%s needs %s", words[0].value, wanted);
		return false;
	}
	if (statement->count - 1 <= most)
		return true;
	if (most == 0)
		error(parser, &words[1], "%s takes no value, but '%s' follows%s", words[0].value,
			words[1].value, meaning(words[1].value));
	else
		error(parser, &words[most + 1], "'%s' is one word too many for %s%s",
			words[most + 1].value, words[0].value, meaning(words[most + 1].value));
	return false;
}
