/* SPDX-License-Identifier: ISC */
#include "agent/core/showrouting.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "agent/conf/dump.h"

#define LINE_ROOM 2048 /* of a route with all its hops */

json_t *show_addresses(const struct address_list *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->count; i++) {
		const struct virtual_address *item = &list->items[i];
		char text[INET6_ADDRSTRLEN];

		inet_ntop(item->address.family, &item->address.v6, text, sizeof(text));
		json_array_append_new(array, json_sprintf("%s/%u", text, item->prefix_length));
	}
	return array;
}

json_t *show_routes(const struct route_list *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->count; i++) {
		char line[LINE_ROOM] = "";
		FILE *stream = fmemopen(line, sizeof(line) - 1, "w");

		if (!stream)
			continue;
		conf_write_route(&list->items[i], stream);
		fclose(stream);
		json_array_append_new(array, json_string(line));
	}
	return array;
}

json_t *show_rules(const struct rule_list *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->count; i++) {
		char line[LINE_ROOM] = "";
		FILE *stream = fmemopen(line, sizeof(line) - 1, "w");

		if (!stream)
			continue;
		conf_write_rule(&list->items[i], stream);
		fclose(stream);
		json_array_append_new(array, json_string(line));
	}
	return array;
}

json_t *show_statics(const struct globals *globals)
{
	return json_pack("{s:o, s:o, s:o}", "addresses", show_addresses(&globals->static_addresses),
		"routes", show_routes(&globals->static_routes), "rules",
		show_rules(&globals->static_rules));
}
