/* SPDX-License-Identifier: ISC */
/* How many words a keyword takes. */
#include <string.h>

#include "agent/conf/meant.h"
#include "agent/conf/parse.h"

#define error(parser, argument, ...) \
	conf_diagnose((parser)->diagnostics, CONF_ERROR, &(argument)->place, __VA_ARGS__)

static bool is_off(const char *word)
{
	static const char *const words[] = {"off", "no", "false", "0"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

/* What else the word may have been meant for that is one too many, and what to do. */
static struct conf_remedy meaning(const struct conf_statement *statement, size_t at)
{
	const char *word = statement->words[at].value;
	const struct conf_word *joined = conf_meant_joined(CONF_CONTEXTS, statement);
	struct conf_remedy remedy = {"; remove it, or begin a comment with #"};

	if (conf_meant_comment(word))
		remedy = (struct conf_remedy){"; a comment begins with # or !"};
	else if (joined)
		snprintf(remedy.text, sizeof(remedy.text), "; did you mean %s?", joined->word);
	else if (conf_word_elsewhere(CONF_CONTEXTS, word))
		remedy = (struct conf_remedy){"; each keyword begins a line"};
	else if (at == 1 && is_off(word))
		remedy = (struct conf_remedy){"; remove the line, which switches it on"};
	else if (at == 2 && strcmp(statement->words[1].value, "=") == 0)
		remedy = (struct conf_remedy){"; remove the ="};
	return remedy;
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
			words[1].value, meaning(statement, 1).text);
	else
		error(parser, &words[most + 1], "'%s' is one word too many for %s%s",
			words[most + 1].value, words[0].value, meaning(statement, most + 1).text);
	return false;
}
