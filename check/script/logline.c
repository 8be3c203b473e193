/* SPDX-License-Identifier: ISC */
#include "check/script/logline.h"

#include <string.h>

size_t logline_take(struct logline *line, const char *octets, size_t count, bool *whole)
{
	const char *newline = memchr(octets, '\n', count);
	size_t length = newline ? (size_t)(newline - octets) : count;
	size_t room = sizeof(line->text) - line->length;

	if (length > room)
		length = room;
	memcpy(line->text + line->length, octets, length);
	line->length += length;
	*whole = true;
	if (length < count && octets[length] == '\n')
		return length + 1;
	*whole = line->length == sizeof(line->text);
	return length;
}

void logline_defuse(char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			text[i] = text[i] == '\t' ? ' ' : '?';
	}
}
