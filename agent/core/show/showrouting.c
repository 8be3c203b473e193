/* SPDX-License-Identifier: ISC */
#include "agent/core/show/showrouting.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "agent/conf/valuedump.h"

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

/* One line of the file as an element of the array; left out if memory is short. */
static void append_line(
	json_t *array, void (*write)(const void *item, FILE *stream), const void *item)
{
	char line[LINE_ROOM] = "";
	FILE *stream = fmemopen(line, sizeof(line) - 1, "w");

	if (!stream)
		return;
	write(item, stream);
	fclose(stream);
	json_array_append_new(array, json_string(line));
}

static void write_route(const void *item, FILE *stream)
{
	conf_write_route(item, stream);
}

static void write_rule(const void *item, FILE *stream)
{
	conf_write_rule(item, stream);
}

json_t *show_routes(const struct route_list *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->count; i++)
		append_line(array, write_route, &list->items[i]);
	return array;
}

json_t *show_rules(const struct rule_list *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->count; i++)
		append_line(array, write_rule, &list->items[i]);
	return array;
}

json_t *show_statics(const struct globals *globals)
{
	return json_pack("{s:o, s:o, s:o}", "addresses", show_addresses(&globals->static_addresses),
		"routes", show_routes(&globals->static_routes), "rules",
		show_rules(&globals->static_rules));
}
