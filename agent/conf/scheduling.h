/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_SCHEDULING_H
#define AGENT_CONF_SCHEDULING_H

#include <stdbool.h>
#include <stdio.h>

#include "agent/conf/parse.h"

/* Values that say how processes run.  The writers return false when the value was bad, and that has
 * been said. */

/* CPU [CPU ...] */
bool conf_assign_processors(
	struct conf_parser *parser, uint64_t *value, const struct conf_statement *statement);
void conf_write_processors(const uint64_t *processors, FILE *stream);

/* A number in C's notation, or names such as IWGRP with | between them. */
bool conf_assign_umask(
	struct conf_parser *parser, uint32_t *value, const struct conf_statement *statement);

#endif
