/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CTL_TABLE_H
#define AGENT_CTL_TABLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* Prints the document of `show` (agent/core/show/show.h) as a table for people; with colours if
 * asked for. */
void table_print(const json_t *document, FILE *stream, bool colour);

#endif
