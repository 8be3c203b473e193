/* SPDX-License-Identifier: ISC */
#include "agent/ctl/detail.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "agent/ctl/duration.h"
#include "agent/ctl/fault.h"
#include "agent/ctl/logview.h"
#include "agent/ctl/request.h"

#define EVENTS	      5
#define STATEMENT_MAX 60 /* columns; longer ones push aside who said it */

static const char *text_of(const json_t *object, const char *member)
{
	const char *text = json_string_value(json_object_get(object, member));

	return text ? text : "-";
}

static json_int_t number_of(const json_t *object, const char *member)
{
	return json_integer_value(json_object_get(object, member));
}

static double seconds_of(const json_t *object, const char *member)
{
	return json_number_value(json_object_get(object, member));
}

static void print_head(const json_t *router)
{
	json_int_t configured = number_of(router, "priority");
	json_int_t effective = number_of(router, "effective_priority");
	char since[DURATION_ROOM];

	duration_write(since, json_object_get(router, "since"));
	printf("%s: %s%s%s%s, priority %" JSON_INTEGER_FORMAT, text_of(router, "name"),
		text_of(router, "state"),
		json_is_false(json_object_get(router, "in_service")) ? " (drained)" : "",
		since[0] == '-' ? "" : " for ", since[0] == '-' ? "" : since, effective);
	if (configured != effective)
		printf(" (configured: %" JSON_INTEGER_FORMAT ")", configured);
	printf("\n  VRID %" JSON_INTEGER_FORMAT " on %s, VRRP version %" JSON_INTEGER_FORMAT
	       " over %s, virtual MAC %s\n",
		number_of(router, "vrid"), text_of(router, "interface"),
		number_of(router, "version"),
		strcmp(text_of(router, "family"), "ipv6") == 0 ? "IPv6" : "IPv4",
		text_of(router, "virtual_mac"));
	if (json_is_string(json_object_get(router, "sync_group")))
		printf("  in sync group %s\n", text_of(router, "sync_group"));
}

static void print_list(const json_t *router, const char *member, const char *title)
{
	const json_t *list = json_object_get(router, member), *item;
	size_t index;

	json_array_foreach(list, index, item)
	{
		printf("%-2s%-12s%s\n", "", index ? "" : title, json_string_value(item));
	}
}

/* The first one in more words. */
static void print_faults(const json_t *router)
{
	const json_t *list = json_object_get(router, "faults"), *item;
	char first[FAULT_ROOM];
	size_t index;

	fault_write(first, router);
	json_array_foreach(list, index, item)
	{
		printf("  %-12s%s\n", index ? "" : "fault",
			index ? json_string_value(item) : first);
	}
}

static void print_timers(const json_t *router)
{
	double interval = seconds_of(router, "advert_interval");

	printf("  %-12severy %g s while active", "advertises", interval);
	if (seconds_of(router, "active_interval") != interval)
		printf("; the active router does every %g s",
			seconds_of(router, "active_interval"));
	printf("; a backup takes over after %.3f s of silence\n",
		seconds_of(router, "active_down"));
}

static void print_heard(const json_t *router)
{
	char ago[DURATION_ROOM];

	if (!json_is_number(json_object_get(router, "last_heard"))) {
		printf("  %-12snobody\n", "heard");
		return;
	}
	duration_write(ago, json_object_get(router, "last_heard"));
	printf("  %-12s%s ago", "heard", ago);
	if (strcmp(text_of(router, "active_address"), text_of(router, "primary_address")) != 0)
		printf("; active is %s, priority %" JSON_INTEGER_FORMAT,
			text_of(router, "active_address"), number_of(router, "active_priority"));
	putchar('\n');
}

static void print_tracked(const json_t *router)
{
	const json_t *item;
	size_t index;

	json_array_foreach(json_object_get(router, "trackers"), index, item)
	{
		char since[DURATION_ROOM];

		duration_write(since, json_object_get(item, "since"));
		printf("  %-12s%s (%s): %s%s%s, weight %" JSON_INTEGER_FORMAT "%s, %s\n",
			index ? "" : "tracks", text_of(item, "name"), text_of(item, "kind"),
			text_of(item, "state"), since[0] == '-' ? "" : " for ",
			since[0] == '-' ? "" : since, number_of(item, "weight"),
			json_is_true(json_object_get(item, "reverse")) ? " reversed" : "",
			text_of(item, "result"));
	}
}

/* Who said it stands behind the first line of a block; the others are less indented than in a file.
 */
static void print_statement(const json_t *statement, int width)
{
	const char *origin = text_of(statement, "origin");
	const char *text = text_of(statement, "text");
	int first = (int)strcspn(text, "\n");

	printf("  %-*.*s  ", width, first, text);
	if (strcmp(origin, "file") == 0)
		printf("%s:%" JSON_INTEGER_FORMAT "\n", text_of(statement, "file"),
			number_of(statement, "line"));
	else
		puts(strcmp(origin, "overlay") == 0 ? "SNMP or vrrpctl" : "default");
	for (text += first; *text; text += strcspn(text, "\n")) {
		text++;
		if (strncmp(text, "  ", 2) == 0)
			text += 2;
		printf("%.*s\n", (int)strcspn(text, "\n"), text);
	}
}

static int statement_width(const json_t *statements)
{
	const json_t *statement;
	size_t index, width = 0;

	json_array_foreach(statements, index, statement)
	{
		size_t length = strcspn(text_of(statement, "text"), "\n");

		if (length > width)
			width = length;
	}
	return width < STATEMENT_MAX ? (int)width : STATEMENT_MAX;
}

/* What somebody wrote before what nobody did. */
static void print_statements(const json_t *statements)
{
	int width = statement_width(statements);
	const json_t *statement;
	size_t index;

	puts("\nconfiguration");
	for (int defaults = 0; defaults < 2; defaults++) {
		json_array_foreach(statements, index, statement)
		{
			bool is_default = strcmp(text_of(statement, "origin"), "default") == 0;

			if (is_default == (defaults == 1))
				print_statement(statement, width);
		}
	}
}

static void print_events(const json_t *events)
{
	const json_t *event;
	size_t index;

	if (json_array_size(events))
		puts("\nwhat happened last");
	json_array_foreach(events, index, event)
	{
		fputs("  ", stdout);
		logview_print_event(event, stdout);
	}
}

static void print_all(const json_t *router, const json_t *said)
{
	print_head(router);
	print_faults(router);
	print_timers(router);
	print_heard(router);
	print_list(router, "addresses", "addresses");
	print_list(router, "excluded_addresses", "excluded");
	print_list(router, "routes", "routes");
	print_list(router, "rules", "rules");
	print_tracked(router);
	print_statements(json_object_get(said, "statements"));
	print_events(json_object_get(said, "events"));
}

int detail_command(const char *socket, bool json, const char *name)
{
	json_t *said = request_answer(
		socket, json_pack("{s:s, s:s}", "command", "show-router", "name", name));
	json_t *log = said ? request_answer(socket, json_pack("{s:s, s:s, s:i}", "command", "log",
							    "name", name, "count", EVENTS))
			   : NULL;
	const json_t *router = json_object_get(said, "router");
	int status = 1;

	if (log && !json_is_object(router)) {
		request_fail("%s is being made or removed just now", name);
	} else if (log) {
		status = 0;
		json_object_set(said, "events", json_object_get(log, "events"));
		if (json)
			request_print(said);
		else
			print_all(router, said);
	}
	json_decref(said);
	json_decref(log);
	return status;
}
