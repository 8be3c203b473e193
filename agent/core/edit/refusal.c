/* SPDX-License-Identifier: ISC */
#include "agent/core/edit/refusal.h"

#include <stdarg.h>
#include <stdio.h>

bool refuse(
	struct refusal *refusal, enum message_error error, uint32_t index, const char *format, ...)
{
	va_list arguments;

	refusal->error = error;
	refusal->index = index;
	va_start(arguments, format);
	vsnprintf(refusal->text, sizeof(refusal->text), format, arguments);
	va_end(arguments);
	return false;
}
