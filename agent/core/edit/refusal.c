/* SPDX-License-Identifier: ISC */
#include "agent/core/edit/refusal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "agent/conf/schema.h"
#include "agent/conf/text/diagnose.h"

/* What was cut off may have been cut within a character. */
static void drop_half_character(char *text)
{
	size_t length = strlen(text), start = length;

	while (start > 0 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
		start--;
	if (start > 0 && (unsigned char)text[start - 1] >= 0xc0)
		text[start - 1] = '\0';
}

bool refuse(
	struct refusal *refusal, enum message_error error, uint32_t index, const char *format, ...)
{
	va_list arguments;

	refusal->error = error;
	refusal->index = index;
	va_start(arguments, format);
	if (vsnprintf(refusal->text, sizeof(refusal->text), format, arguments) >=
		(int)sizeof(refusal->text))
		drop_half_character(refusal->text);
	va_end(arguments);
	return false;
}

bool refuse_name(struct refusal *refusal, const struct config *config, const char *name)
{
	const char *near = NULL;
	unsigned best = 0;

	for (size_t i = 0; i < config->instance_count; i++) {
		const char *candidate = config->instances[i]->name;
		unsigned distance = conf_resembles(name, candidate);

		if (distance && (!near || distance < best)) {
			near = candidate;
			best = distance;
		}
	}
	return refuse(refusal, MESSAGE_NO_ROUTER, 0, "there is no vrrp_instance %s%s%s%s", name,
		near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

bool refuse_word(struct refusal *refusal, const char *word)
{
	const struct conf_word *near = conf_word_suggest(CONTEXT_INSTANCE, word);

	return refuse(refusal, MESSAGE_INCONSISTENT, 0, "'%s' is no word of a vrrp_instance%s%s%s",
		word, near ? "; did you mean " : "", near ? near->word : "", near ? "?" : "");
}
