/* SPDX-License-Identifier: ISC */
#include "agent/conf/text/brace.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* So many alternatives are looked at: they multiply. */
#define ALTERNATIVES_MAX 4096

/* The end of the alternative that begins at `at`: a comma or brace of the same level, or NULL. */
static const char *alternative_end(const char *at)
{
	for (unsigned depth = 0; *at; at++) {
		if (depth == 0 && (*at == ',' || *at == '}'))
			return at;
		depth += *at == '{';
		depth -= *at == '}';
	}
	return NULL;
}

/* The brace that closes the one at `open`, or NULL. */
static const char *closing(const char *open)
{
	const char *end = alternative_end(open + 1);

	while (end && *end == ',')
		end = alternative_end(end + 1);
	return end;
}

/* One with wildcards may match nothing. */
static bool is_there(const char *path)
{
	return strpbrk(path, "*?[") || access(path, F_OK) == 0;
}

static int look(const char *pattern, char **missing, unsigned *budget)
{
	const char *open = strchr(pattern, '{'), *close = open ? closing(open) : NULL;
	const char *at, *end;
	int result = 0;

	if (!close) {
		if (*budget == 0 || is_there(pattern))
			return 0;
		*missing = strdup(pattern);
		return *missing ? 0 : -ENOMEM;
	}
	for (at = open + 1; result == 0 && !*missing && *budget > 0; at = end + 1) {
		char *one;

		end = alternative_end(at);
		if (asprintf(&one, "%.*s%.*s%s", (int)(open - pattern), pattern, (int)(end - at),
			    at, close + 1) < 0)
			return -ENOMEM;
		--*budget;
		result = look(one, missing, budget);
		free(one);
		if (*end == '}')
			break;
	}
	return result;
}

int conf_brace_missing(const char *pattern, char **missing)
{
	unsigned budget = ALTERNATIVES_MAX;

	*missing = NULL;
	return strchr(pattern, '{') ? look(pattern, missing, &budget) : 0;
}
