/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_SHOW_SHOWROUTING_H
#define AGENT_CORE_SHOW_SHOWROUTING_H

#include <jansson.h>

#include "agent/conf/model.h"

/* Addresses, routes and rules of the configuration as the JSON document shows them: arrays of
 * strings, the caller's. */
json_t *show_addresses(const struct address_list *list);
json_t *show_routes(const struct route_list *list);
json_t *show_rules(const struct rule_list *list);

/* What is held for as long as the program runs, in one object. */
json_t *show_statics(const struct globals *globals);

#endif
