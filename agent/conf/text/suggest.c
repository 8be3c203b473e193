/* SPDX-License-Identifier: ISC */
/* How near two words are, for "did you mean". */
#include <string.h>
#include <strings.h>

#include "agent/conf/text/diagnose.h"

#define WORD_MAX 48

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Optimal string alignment, three rows at a time. */
unsigned conf_edit_distance(const char *a, const char *b)
{
	size_t a_length = strlen(a), b_length = strlen(b);
	unsigned rows[3][WORD_MAX + 1];

	if (a_length > WORD_MAX || b_length > WORD_MAX)
		return WORD_MAX + 1;
	for (size_t j = 0; j <= b_length; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= a_length; i++) {
		unsigned *row = rows[i % 3], *above = rows[(i - 1) % 3], *twice = rows[(i + 1) % 3];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_length; j++) {
			row[j] = least(above[j], row[j - 1]) + 1;
			row[j] = least(row[j], above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], twice[j - 2] + 1);
		}
	}
	return rows[a_length % 3][b_length];
}

unsigned conf_resembles(const char *word, const char *candidate)
{
	size_t length = strlen(word), other = strlen(candidate);
	unsigned allowed = length < 4 ? 1 : length < 8 ? 2 : 3;
	unsigned distance;

	if (length > other + allowed || other > length + allowed)
		return 0;
	distance = conf_edit_distance(word, candidate);
	if (distance > 0 && strcasecmp(word, candidate) == 0)
		return 1;
	return distance > 0 && distance <= allowed ? distance : 0;
}
