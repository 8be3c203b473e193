/* SPDX-License-Identifier: ISC */
#include "agent/ctl/duration.h"

#include <stdio.h>
#include <string.h>

void duration_write(char out[DURATION_ROOM], const json_t *seconds)
{
	static const struct {
		long seconds;
		char unit;
	} units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
	long left = (long)json_number_value(seconds);
	size_t first = 0;

	if (!json_is_number(seconds)) {
		strcpy(out, "-");
		return;
	}
	while (first < 3 && left < units[first].seconds)
		first++;
	if (first == 3)
		snprintf(out, DURATION_ROOM, "%lds", left);
	else
		snprintf(out, DURATION_ROOM, "%ld%c %ld%c", left / units[first].seconds,
			units[first].unit, left % units[first].seconds / units[first + 1].seconds,
			units[first + 1].unit);
}
