/* SPDX-License-Identifier: ISC */
#include "agent/conf/text/decimal.h"

#include <errno.h>

bool conf_read_digits(const char **text, uint64_t *value)
{
	const char *at = *text;

	*value = 0;
	for (; *at >= '0' && *at <= '9'; at++) {
		unsigned digit = (unsigned)(*at - '0');

		*value = *value > (UINT64_MAX - digit) / 10 ? UINT64_MAX : *value * 10 + digit;
	}
	if (at == *text)
		return false;
	*text = at;
	return true;
}

int conf_read_number(const char *text, uint64_t minimum, uint64_t maximum, uint64_t *value)
{
	bool negative = *text == '-';
	uint64_t number;

	text += negative;
	if (!conf_read_digits(&text, &number) || *text)
		return -EINVAL;
	if ((negative && number > 0) || number < minimum || number > maximum)
		return -ERANGE;
	*value = number;
	return 0;
}
