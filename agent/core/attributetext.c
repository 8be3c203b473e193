/* SPDX-License-Identifier: ISC */
#include "agent/core/attributetext.h"

#include <stdio.h>

#include "agent/conf/dump.h"
#include "agent/core/memstream.h"

char *attributetext_of(const struct instance *instance, enum instance_attribute attribute)
{
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	if (!stream)
		return NULL;
	if (instance->origins[attribute].kind == ORIGIN_DEFAULT)
		conf_dump_default(instance, attribute, stream);
	else
		conf_dump_attribute(instance, attribute, stream);
	return memstream_text(stream, &text);
}

bool attributetext_is_secret(enum instance_attribute attribute)
{
	return attribute == INSTANCE_AUTH_TYPE || attribute == INSTANCE_AUTH_DATA;
}
