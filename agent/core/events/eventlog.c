/* SPDX-License-Identifier: ISC */
#include "agent/core/events/eventlog.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

/* The place in this file is no help to whoever reads the journal. */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "agent/core/jsontext.h"
#include "lib/log.h"

#define FIELDS_MAX 32

/* Of transitions by the state that is entered, of others by their kind. */
static const struct {
	const char *kind, *to, *id;
} message_ids[] = {
	{"transition", "active", "eee262235ee5474d845882d45a7c03b6"},
	{"transition", "backup", "1fdc4a9473c641818d919c033a96daf9"},
	{"transition", "fault", "b38dfceecaf54d6d94d59fa4158a3264"},
	{"transition", "initialize", "bd5897b853cd4acebe4150b1b5b37862"},
	{"group-transition", NULL, "f2639aff0e004546945d99a2214758b6"},
	{"protocol-error", NULL, "ec389c9c07c646229fc2c2cba1554467"},
	{"priority", NULL, "2fac2e84a44e4a79a75eee263ebb4979"},
	{"tracker", NULL, "81f46d84ad574f35982db43c06b22568"},
	{"note", NULL, "fe1a2c4a21534d119d26a7ea7865ad78"},
	{"reloaded", NULL, "48aeac97925d4e9593234dfeca2abd2a"},
	{"refused", NULL, "c49e218a400e43deb3e1d0e65e9a206c"},
};

struct entry {
	struct iovec fields[FIELDS_MAX];
	size_t count;
};

/* Takes over what asprintf has made. */
static void add(struct entry *entry, char *field)
{
	if (field)
		entry->fields[entry->count++] =
			(struct iovec){.iov_base = field, .iov_len = strlen(field)};
}

static void add_text(struct entry *entry, const char *name, const char *value)
{
	char *field;

	if (entry->count < FIELDS_MAX && asprintf(&field, "%s=%s", name, value) >= 0)
		add(entry, field);
}

static const char *text_of(const json_t *document, const char *key)
{
	const char *text = json_string_value(json_object_get(document, key));

	return text ? text : "";
}

static const char *id_of(const json_t *document)
{
	for (size_t i = 0; i < sizeof(message_ids) / sizeof(message_ids[0]); i++) {
		if (strcmp(message_ids[i].kind, text_of(document, "kind")) == 0 &&
			(!message_ids[i].to ||
				strcmp(message_ids[i].to, text_of(document, "to")) == 0))
			return message_ids[i].id;
	}
	return "";
}

static void add_member(struct entry *entry, const char *key, const json_t *value)
{
	char name[64], number[32];
	int length = snprintf(name, sizeof(name), "VRRP_%s", key);

	for (int i = 0; i < length; i++)
		name[i] = (char)toupper((unsigned char)name[i]);
	snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	if (json_is_string(value))
		add_text(entry, name, json_string_value(value));
	else if (json_is_integer(value))
		add_text(entry, name, number);
}

static void write_entry(int level, const json_t *document)
{
	struct entry entry = {.count = 0};
	char priority[4];
	const char *key;
	json_t *value;

	snprintf(priority, sizeof(priority), "%d", level);
	add_text(&entry, "MESSAGE", text_of(document, "text"));
	add_text(&entry, "PRIORITY", priority);
	add_text(&entry, "SYSLOG_IDENTIFIER", "vrrp-agent");
	add_text(&entry, "MESSAGE_ID", id_of(document));
	json_object_foreach((json_t *)document, key, value)
	{
		if (strcmp(key, "text") != 0 && strcmp(key, "schema") != 0)
			add_member(&entry, key, value);
	}
	if (sd_journal_sendv(entry.fields, (int)entry.count) < 0)
		log_message(level, "%s", text_of(document, "text"));
	for (size_t i = 0; i < entry.count; i++)
		free(entry.fields[i].iov_base);
}

void eventlog_write(int level, const json_t *document)
{
	if (!log_enabled(level))
		return;
	if (log_is_journal())
		write_entry(level, document);
	else
		log_message(level, "%s", text_of(document, "text"));
}

void eventlog_reload(int level, const char *kind, const char *text)
{
	json_t *document = json_pack("{s:s, s:o}", "kind", kind, "text", json_text(text));

	if (document)
		eventlog_write(level, document);
	json_decref(document);
}
