/* SPDX-License-Identifier: ISC */
#include "agent/ctl/stats.h"

#include <stdio.h>
#include <string.h>

#include "agent/ctl/request.h"

/* Of the document's counters, those that say at a glance how a router is. */
static const struct {
	const char *title, *counter;
} columns[] = {
	{"ACTIVE", "transitions"},
	{"SENT", "sent"},
	{"HEARD", "received"},
	{"STOPS SENT", "stop_sent"},
	{"STOPS HEARD", "stop_received"},
};

#define COLUMNS	     (sizeof(columns) / sizeof(columns[0]))
#define NAME_COLUMNS 20

static json_int_t total(const json_t *object)
{
	json_int_t sum = 0;
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value) sum += json_integer_value(value);
	return sum;
}

static void print_row(const json_t *router)
{
	const json_t *counters = json_object_get(router, "counters");

	printf("%-*s", NAME_COLUMNS, json_string_value(json_object_get(router, "name")));
	for (size_t i = 0; i < COLUMNS; i++)
		printf("  %*" JSON_INTEGER_FORMAT, (int)strlen(columns[i].title) + 6,
			json_integer_value(json_object_get(counters, columns[i].counter)));
	printf("  %*" JSON_INTEGER_FORMAT "\n", 12, total(json_object_get(router, "drops")));
}

static void print_all(const json_t *routers)
{
	const json_t *router;
	size_t index;

	printf("%-*s", NAME_COLUMNS, "NAME");
	for (size_t i = 0; i < COLUMNS; i++)
		printf("  %*s", (int)strlen(columns[i].title) + 6, columns[i].title);
	printf("  %12s\n", "WRONG");
	json_array_foreach(routers, index, router) print_row(router);
}

static void print_members(const json_t *object, bool all)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value)
	{
		if (json_is_integer(value) && (all || json_integer_value(value)))
			printf("  %-24s %" JSON_INTEGER_FORMAT "\n", key,
				json_integer_value(value));
	}
}

static void print_fifos(const json_t *fifos)
{
	const json_t *fifo;
	size_t index;

	json_array_foreach(fifos, index, fifo)
	{
		printf("\n%s\n", json_string_value(json_object_get(fifo, "path")));
		print_members(fifo, true);
	}
}

static void print_engine(const json_t *document)
{
	puts("\nengine");
	print_members(json_object_get(document, "engine"), true);
	puts("\nSNMP notifications");
	print_members(json_object_get(document, "notifications"), true);
	puts("\nmail");
	print_members(json_object_get(document, "mail"), true);
	print_fifos(json_object_get(document, "fifos"));
}

/* All counters of one router; of what was wrong with adverts only what there was. */
static int print_one(const char *socket, bool json, const char *name)
{
	json_t *answer = request_answer(
		socket, json_pack("{s:s, s:s}", "command", "show-router", "name", name));
	const json_t *router = json_object_get(answer, "router");

	if (answer && json) {
		json_object_del(answer, "statements");
		request_print(answer);
	} else if (router) {
		printf("%s\n", name);
		print_members(json_object_get(router, "counters"), true);
		if (total(json_object_get(router, "drops")))
			puts("\nadvertisements that were wrong");
		print_members(json_object_get(router, "drops"), false);
	}
	json_decref(answer);
	return answer ? 0 : 1;
}

int stats_command(const char *socket, bool json, const char *name)
{
	json_t *answer;

	if (name)
		return print_one(socket, json, name);
	answer = request_answer(socket, json_pack("{s:s}", "command", "show"));
	if (answer && json) {
		request_print(answer);
	} else if (answer) {
		print_all(json_object_get(answer, "routers"));
		print_engine(answer);
	}
	json_decref(answer);
	return answer ? 0 : 1;
}
