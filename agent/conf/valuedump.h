/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_VALUEDUMP_H
#define AGENT_CONF_VALUEDUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "agent/conf/items.h"
#include "agent/conf/schema.h"

/* Writes values of the model as what follows their words in the file; `value` is of the word's
 * kind. */

void conf_write_value(const struct conf_word *word, const void *value, FILE *stream);

/* USER [GROUP]; group NULL: none. */
void conf_write_user(const char *user, const char *group, FILE *stream);

/* Whether nothing follows the word: a choice that is made by saying nothing. */
bool conf_value_is_bare(const struct conf_word *word, const void *value);

/* Of a list: how many items it has, and one of them as a line, without its end. */
size_t conf_item_count(const struct conf_word *word, const void *value);
void conf_write_item(const struct conf_word *word, const void *value, size_t i, FILE *stream);

/* One line of virtual_ipaddress, without its end. */
void conf_dump_address(const struct virtual_address *address, FILE *stream);

/* One line of virtual_routes or virtual_rules, without its end. */
void conf_write_route(const struct route *route, FILE *stream);
void conf_write_rule(const struct rule *rule, FILE *stream);

#endif
