/* SPDX-License-Identifier: ISC */
#include "agent/core/edit/edittext.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/conf/load.h"
#include "agent/conf/text/diagnose.h"
#include "agent/conf/value.h"
#include "agent/conf/valuedump.h"
#include "agent/core/slots.h"

#define TEXT_NAME "the change"

/* The text, and which change each of its lines is about. */
struct draft_text {
	FILE *stream;
	int *changes;
	size_t lines, room;
	bool failed;
};

static void end_line(struct draft_text *text, int change)
{
	if (text->lines == text->room) {
		size_t room = text->room ? 2 * text->room : 64;
		int *grown = reallocarray(text->changes, room, sizeof(*grown));

		if (!grown) {
			text->failed = true;
			return;
		}
		text->changes = grown;
		text->room = room;
	}
	putc('\n', text->stream);
	text->changes[text->lines++] = change;
}

__attribute__((format(printf, 3, 4))) static void line(
	struct draft_text *text, int change, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfprintf(text->stream, format, arguments);
	va_end(arguments);
	end_line(text, change);
}

/* RFC 6527's defaults where they are not the file's. */
static void write_new(struct draft_text *text, const struct edit_row *row)
{
	const struct message_change *identity = row->identity;

	fputs("interface ", text->stream);
	conf_write_word(identity->interface, text->stream);
	end_line(text, row->status_change);
	line(text, row->status_change, "virtual_router_id %u", identity->vrid);
	line(text, row->status_change, "version 3");
	line(text, row->status_change, "no_accept");
	if (slots_family_to_af(identity->family) == AF_INET6)
		line(text, row->status_change, "native_ipv6");
}

static void write_admin_state(struct draft_text *text, const struct edit_row *row)
{
	bool serves = edit_row_serves(row);

	if (row->status_change >= 0 && serves != (row->state == ROW_ACTIVE) &&
		!(serves && edit_row_is_new(row)))
		line(text, row->status_change, "admin_state %s", serves ? "up" : "down");
	else if (edit_row_is_new(row) && !serves)
		line(text, row->status_change, "admin_state down");
}

/* The source of advertisements, by the word for where they go. */
static void write_primary(struct draft_text *text, const struct edit_row *row,
	const struct message_change *change, int index)
{
	bool unicast = row->instance && row->instance->unicast.peers.count > 0;
	char address[INET6_ADDRSTRLEN] = "";

	inet_ntop(slots_family_to_af(change->family), change->address, address, sizeof(address));
	line(text, index, "%s %s", unicast ? "unicast_src_ip" : "mcast_src_ip", address);
}

static void write_value(struct draft_text *text, const struct edit_row *row,
	const struct message_change *change, int index)
{
	switch ((enum message_attribute)change->attribute) {
	case ATTRIBUTE_PRIORITY:
		line(text, index, "priority %" PRId64, change->value);
		break;
	case ATTRIBUTE_INTERVAL:
		line(text, index, "advert_int %" PRId64 ".%02" PRId64, change->value / 100,
			change->value % 100);
		break;
	case ATTRIBUTE_PREEMPT:
		line(text, index, change->value ? "preempt" : "nopreempt");
		break;
	case ATTRIBUTE_ACCEPT:
		line(text, index, change->value ? "accept" : "no_accept");
		break;
	case ATTRIBUTE_PRIMARY_ADDRESS:
		write_primary(text, row, change, index);
		break;
	case ATTRIBUTE_ROW_STATUS:
	case ATTRIBUTE_ADDRESS_STATUS:
	case ATTRIBUTE_COUNT:
		break;
	}
}

static void write_addresses(struct draft_text *text, const struct edit_row *row)
{
	line(text, row->address_change, "virtual_ipaddress {");
	for (size_t i = 0; i < row->address_count; i++) {
		conf_dump_address(&row->addresses[i].value, text->stream);
		end_line(text, row->addresses[i].change);
	}
	line(text, row->address_change, "}");
}

static void write_row(
	struct draft_text *text, const struct edit_row *row, const struct message_set *set)
{
	fputs("vrrp_instance ", text->stream);
	conf_write_word(row->name, text->stream);
	line(text, row->status_change, " {");
	if (edit_row_is_new(row))
		write_new(text, row);
	write_admin_state(text, row);
	for (uint32_t i = 0; i < set->count; i++) {
		const struct message_change *change = &set->changes[i];

		if (change->vrid == row->identity->vrid &&
			change->family == row->identity->family &&
			strcmp(change->interface, row->identity->interface) == 0)
			write_value(text, row, change, (int)i);
	}
	if (row->address_change >= 0)
		write_addresses(text, row);
	line(text, row->status_change, "}");
}

static bool blame(const struct draft_text *text, const struct conf_diagnostics *diagnostics,
	int error, struct refusal *refusal)
{
	for (size_t i = 0; i < diagnostics->count; i++) {
		const struct conf_diagnostic *item = &diagnostics->items[i];
		int change = -1;

		if (item->severity != CONF_ERROR)
			continue;
		if (strcmp(item->file, TEXT_NAME) == 0 && item->line > 0 &&
			item->line <= text->lines)
			change = text->changes[item->line - 1];
		return refuse(refusal, MESSAGE_INCONSISTENT, change < 0 ? 0 : (uint32_t)change,
			"%s", item->message);
	}
	return refuse(refusal, MESSAGE_BUSY, 0, "%s", strerror(-error));
}

static bool read_back(struct config *config, const struct draft_text *text, const char *bytes,
	size_t length, struct refusal *refusal)
{
	struct conf_diagnostics diagnostics = {0};
	int error = conf_edit(config, TEXT_NAME, bytes, length, &diagnostics);
	bool good = error == 0 || blame(text, &diagnostics, error, refusal);

	conf_diagnostics_clear(&diagnostics);
	return good;
}

bool edit_text_apply(
	const struct edit_rows *rows, const struct message_set *set, struct refusal *refusal)
{
	char *bytes = NULL;
	size_t length;
	struct draft_text text = {.stream = open_memstream(&bytes, &length)};
	bool good;

	if (!text.stream)
		return refuse(refusal, MESSAGE_BUSY, 0, "out of memory");
	for (size_t i = 0; i < rows->count; i++) {
		if (!edit_row_is_gone(&rows->list[i]))
			write_row(&text, &rows->list[i], set);
	}
	if (fclose(text.stream) != 0 || text.failed)
		good = refuse(refusal, MESSAGE_BUSY, 0, "out of memory");
	else
		good = read_back(rows->config, &text, bytes, length, refusal);
	free(text.changes);
	free(bytes);
	return good;
}
