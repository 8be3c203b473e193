/* SPDX-License-Identifier: ISC */
#include "agent/conf/text/setting.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/conf/text/decimal.h"
#include "agent/conf/text/including.h"

static bool is_word(const struct conf_token *token, const char *word)
{
	return token->length == strlen(word) && memcmp(token->start, word, token->length) == 0;
}

static void begin(struct conf_stream *stream, const struct conf_token *token)
{
	stream->setting_words = 0;
	stream->setting = SETTING_NONE;
	if (is_word(token, "random_seed")) {
		stream->setting = SETTING_RANDOM_SEED;
	} else if (is_word(token, "include_check")) {
		stream->setting = SETTING_INCLUDE_CHECK;
		stream->checks_before = stream->checks;
		stream->checks = INCLUDE_ALL;
	}
}

static void obey(struct conf_stream *stream, const struct conf_token *token, const char *value)
{
	bool first = stream->setting_words++ == 0;
	uint64_t seed;

	if (stream->setting == SETTING_INCLUDE_CHECK) {
		if (!conf_include_option(value, first, stream->checks_before, &stream->checks))
			conf_expand_error(&stream->expander, &token->place,
				"include_check has no '%s', but readable, match, wildcard_match "
				"and brace_match, with + or - to add or drop one",
				value);
	} else if (!first) {
		conf_expand_error(&stream->expander, &token->place, "random_seed takes one number");
	} else if (conf_read_number(value, 0, UINT32_MAX, &seed) < 0) {
		conf_expand_error(&stream->expander, &token->place,
			"random_seed must be a whole number, 0..%u, not '%s'", UINT32_MAX, value);
	} else {
		conf_predefined_seed(&stream->expander.predefined, seed);
	}
}

void conf_setting_obey(struct conf_stream *stream, const struct conf_token *token)
{
	char *value;

	if (token->kind != TOKEN_WORD) {
		stream->setting = SETTING_NONE;
		return;
	}
	if (token->first_on_line) {
		begin(stream, token);
		return;
	}
	if (stream->setting == SETTING_NONE)
		return;
	value = malloc(token->length + 1);
	if (!value)
		stream->out_of_memory = true;
	else if (conf_token_value(token, value) >= 0)
		obey(stream, token, value);
	free(value);
}
