/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_JSONTEXT_H
#define AGENT_CORE_JSONTEXT_H

#include <jansson.h>

/* A string for a JSON document, of a text in any encoding: if it isn't UTF-8, each octet that is
 * not ASCII becomes a question mark.  NULL: out of memory. */
json_t *json_text(const char *text);

#endif
