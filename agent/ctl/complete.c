/* SPDX-License-Identifier: ISC */
#include "agent/ctl/complete.h"

#include <ctype.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "agent/ctl/request.h"

static void print_list(const char *socket, const char *command)
{
	json_t *answer = request_answer(socket, json_pack("{s:s}", "command", command));
	const json_t *word;
	size_t index;

	json_array_foreach(json_object_get(answer, command), index, word)
	{
		puts(json_string_value(word));
	}
	json_decref(answer);
}

static bool is(const char *token, size_t length, const char *word)
{
	return strlen(word) == length && strncmp(token, word, length) == 0;
}

static bool is_lower(const char *token, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (!islower((unsigned char)token[i]))
			return false;
	}
	return length > 0;
}

/* "NAME|all" */
static void print_choice(const char *socket, const char *token, size_t length)
{
	while (length) {
		const char *bar = memchr(token, '|', length);
		size_t part = bar ? (size_t)(bar - token) : length;

		if (is(token, part, "NAME"))
			print_list(socket, "names");
		else if (is(token, part, "WORD"))
			print_list(socket, "words");
		else if (is_lower(token, part))
			printf("%.*s\n", (int)part, token);
		token += bar ? part + 1 : part;
		length -= bar ? part + 1 : part;
	}
}

void complete_place(const char *socket, const char *synopsis, int place)
{
	static const char separators[] = " []";
	const char *token = synopsis + strspn(synopsis, separators);

	while (place-- && *token) {
		token += strcspn(token, separators);
		token += strspn(token, separators);
	}
	print_choice(socket, token, strcspn(token, separators));
}
