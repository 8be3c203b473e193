/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_TEXT_DECIMAL_H
#define AGENT_CONF_TEXT_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

/* Digits up to another character; false when there are none. Too large a number saturates. */
bool conf_read_digits(const char **text, uint64_t *value);

/* Decimal digits only. 0, -EINVAL (no such number) or -ERANGE. */
int conf_read_number(const char *text, uint64_t minimum, uint64_t maximum, uint64_t *value);

#endif
