/* SPDX-License-Identifier: ISC */
#include "agent/ctl/table.h"

#include <string.h>

#include "agent/ctl/duration.h"
#include "agent/ctl/fault.h"

#define CELL DURATION_ROOM

/* One column: its title, and how the cell of a router is written. */
struct column {
	const char *title;
	void (*write)(char *cell, const json_t *router);
};

static const char *text_of(const json_t *router, const char *member)
{
	const char *text = json_string_value(json_object_get(router, member));

	return text ? text : "-";
}

static void write_name(char *cell, const json_t *router)
{
	snprintf(cell, CELL, "%s", text_of(router, "name"));
}

static void write_interface(char *cell, const json_t *router)
{
	snprintf(cell, CELL, "%s", text_of(router, "interface"));
}

static void write_vrid(char *cell, const json_t *router)
{
	snprintf(cell, CELL, "%" JSON_INTEGER_FORMAT,
		json_integer_value(json_object_get(router, "vrid")));
}

static void write_protocol(char *cell, const json_t *router)
{
	snprintf(cell, CELL, "v%" JSON_INTEGER_FORMAT " %s",
		json_integer_value(json_object_get(router, "version")), text_of(router, "family"));
}

static void write_fault(char *cell, const json_t *router)
{
	char fault[FAULT_ROOM];

	fault_write(fault, router);
	snprintf(cell, CELL, "fault (%s)", fault);
}

static void write_state(char *cell, const json_t *router)
{
	snprintf(cell, CELL, "%s", text_of(router, "state"));
	if (json_array_size(json_object_get(router, "faults")) && strcmp(cell, "fault") == 0)
		write_fault(cell, router);
	else if (json_is_false(json_object_get(router, "in_service")))
		snprintf(cell, CELL, "%s (drained)", text_of(router, "state"));
	else if (json_is_true(json_object_get(router, "address_refused")))
		snprintf(cell, CELL, "active (duplicate address)");
}

static void write_since(char *cell, const json_t *router)
{
	duration_write(cell, json_object_get(router, "since"));
}

static void write_priority(char *cell, const json_t *router)
{
	json_int_t configured = json_integer_value(json_object_get(router, "priority"));
	json_int_t effective = json_integer_value(json_object_get(router, "effective_priority"));
	bool overlay = strcmp(text_of(router, "priority_origin"), "overlay") == 0;

	if (configured == effective)
		snprintf(cell, CELL, "%" JSON_INTEGER_FORMAT "%s", configured, overlay ? "*" : "");
	else
		snprintf(cell, CELL, "%" JSON_INTEGER_FORMAT " (%" JSON_INTEGER_FORMAT "%s)",
			effective, configured, overlay ? "*" : "");
}

static void write_active(char *cell, const json_t *router)
{
	snprintf(cell, CELL, "%s", text_of(router, "active_address"));
}

static void write_addresses(char *cell, const json_t *router)
{
	const json_t *addresses = json_object_get(router, "addresses");
	size_t count = json_array_size(addresses);
	const char *first = json_string_value(json_array_get(addresses, 0));

	if (count > 1)
		snprintf(cell, CELL, "%s +%zu", first, count - 1);
	else
		snprintf(cell, CELL, "%s", first ? first : "-");
}

static const struct column columns[] = {
	{"NAME", write_name},
	{"STATE", write_state},
	{"FOR", write_since},
	{"PRIORITY", write_priority},
	{"INTERFACE", write_interface},
	{"VRID", write_vrid},
	{"PROTOCOL", write_protocol},
	{"ACTIVE ROUTER", write_active},
	{"ADDRESSES", write_addresses},
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static void measure(const json_t *routers, int widths[COLUMNS])
{
	const json_t *router;
	size_t index;
	char cell[CELL];

	for (size_t i = 0; i < COLUMNS; i++)
		widths[i] = (int)strlen(columns[i].title);
	json_array_foreach(routers, index, router)
	{
		for (size_t i = 0; i < COLUMNS; i++) {
			columns[i].write(cell, router);
			if ((int)strlen(cell) > widths[i])
				widths[i] = (int)strlen(cell);
		}
	}
}

static const char *colour_of(const json_t *router)
{
	static const struct {
		const char *state;
		const char *colour;
	} colours[] = {{"active", "\033[32m"}, {"backup", "\033[36m"}, {"fault", "\033[31m"}};

	for (size_t i = 0; i < sizeof(colours) / sizeof(colours[0]); i++) {
		if (strcmp(text_of(router, "state"), colours[i].state) == 0)
			return colours[i].colour;
	}
	return "";
}

static void print_row(const json_t *router, FILE *stream, const int widths[COLUMNS], bool colour)
{
	char cell[CELL];

	for (size_t i = 0; i < COLUMNS; i++) {
		bool painted = colour && columns[i].write == write_state;
		int width = i + 1 < COLUMNS ? widths[i] : 0;

		columns[i].write(cell, router);
		fprintf(stream, "%s%-*s%s%s", painted ? colour_of(router) : "", width, cell,
			painted ? "\033[0m" : "", i + 1 < COLUMNS ? "  " : "\n");
	}
}

/* A line for each sync group: its state, what moved it, and its members. */
static void print_groups(const json_t *groups, FILE *stream)
{
	const json_t *group, *member;
	size_t index, place;
	char since[DURATION_ROOM];

	json_array_foreach(groups, index, group)
	{
		const json_t *moved_by = json_object_get(group, "moved_by");

		duration_write(since, json_object_get(group, "since"));
		fprintf(stream, "%ssync group %s: %s for %s", index ? "" : "\n",
			text_of(group, "name"), text_of(group, "state"), since);
		if (json_is_string(moved_by))
			fprintf(stream, " (moved by %s)", json_string_value(moved_by));
		fputs(":", stream);
		json_array_foreach(json_object_get(group, "members"), place, member)
			fprintf(stream, " %s", json_string_value(member));
		fputs("\n", stream);
	}
}

static void print_lateness(const json_t *engine, FILE *stream)
{
	double worst = json_number_value(json_object_get(engine, "worst_lateness"));
	char ago[CELL];

	if (worst <= 0)
		return;
	duration_write(ago, json_object_get(engine, "worst_lateness_age"));
	fprintf(stream, "\ngreatest delay of the engine since its start: %.3f ms, %s ago\n",
		worst * 1000, ago);
}

void table_print(const json_t *document, FILE *stream, bool colour)
{
	const json_t *routers = json_object_get(document, "routers");
	const json_t *router;
	int widths[COLUMNS];
	size_t index;

	if (!json_array_size(routers)) {
		fputs("no virtual router is configured\n", stream);
		return;
	}
	measure(routers, widths);
	for (size_t i = 0; i < COLUMNS; i++)
		fprintf(stream, "%-*s%s", i + 1 < COLUMNS ? widths[i] : 0, columns[i].title,
			i + 1 < COLUMNS ? "  " : "\n");
	json_array_foreach(routers, index, router) print_row(router, stream, widths, colour);
	print_groups(json_object_get(document, "groups"), stream);
	print_lateness(json_object_get(document, "engine"), stream);
}
