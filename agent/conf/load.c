/* SPDX-License-Identifier: ISC */
#include "agent/conf/load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/conf/parse.h"
#include "agent/conf/validate.h"

/* Going through the lines of one text, since diagnostics are ordered by line. */
struct line_cursor {
	const struct conf_text *text;
	const char *at;
	uint32_t line;
};

static const struct conf_text *find_text(const struct conf_source *source, const char *name)
{
	for (size_t i = 0; i < source->text_count; i++)
		if (strcmp(source->texts[i].name, name) == 0)
			return &source->texts[i];
	return NULL;
}

static void attach_line(
	struct line_cursor *cursor, const struct conf_source *source, struct conf_diagnostic *item)
{
	const char *end, *next;

	if (!cursor->text || strcmp(cursor->text->name, item->file) != 0) {
		cursor->text = find_text(source, item->file);
		cursor->at = cursor->text ? cursor->text->text : NULL;
		cursor->line = 1;
	}
	if (!cursor->text)
		return;
	end = cursor->text->text + cursor->text->length;
	while (cursor->line < item->line) {
		next = memchr(cursor->at, '\n', (size_t)(end - cursor->at));
		if (!next)
			return;
		cursor->at = next + 1;
		cursor->line++;
	}
	next = memchr(cursor->at, '\n', (size_t)(end - cursor->at));
	conf_diagnostic_set_text(item, cursor->at, (size_t)((next ? next : end) - cursor->at));
}

void conf_finish_diagnostics(struct conf_diagnostics *diagnostics, const struct conf_source *source)
{
	struct line_cursor cursor = {0};

	conf_diagnostics_sort(diagnostics, source);
	for (size_t i = 0; i < diagnostics->count; i++)
		if (!diagnostics->items[i].text && diagnostics->items[i].line > 0)
			attach_line(&cursor, source, &diagnostics->items[i]);
}

/* What an error leaves behind would be warned of too: one mistake, one message. */
static int validate(
	struct config *config, const struct conf_host *host, struct conf_diagnostics *diagnostics)
{
	size_t count = diagnostics->count, warnings = diagnostics->warnings;
	int result = conf_validate(config, host, diagnostics);

	if (diagnostics->errors > 0)
		conf_diagnostics_forget_warnings(diagnostics, count, warnings);
	return result;
}

struct config *conf_load_source(const struct conf_source *source, const struct conf_host *host,
	struct conf_diagnostics *diagnostics)
{
	struct config *config = config_new();
	int result = -ENOMEM;

	if (config) {
		result = conf_parse(source, ORIGIN_FILE, config, diagnostics);
		if (result == 0)
			result = validate(config, host, diagnostics);
	}
	if (result < 0)
		diagnostics->out_of_memory = true;
	conf_finish_diagnostics(diagnostics, source);
	if (conf_diagnostics_result(diagnostics) == CONF_REFUSED)
		return config_free(config);
	return config;
}

/* What could be read, or why not; the source is consumed. */
static struct config *load_what_was_read(int result, struct conf_source *source, const char *name,
	const char *what, const struct conf_host *host, struct conf_diagnostics *diagnostics)
{
	const struct conf_place place = {.file = name};
	struct config *config;

	if (result < 0) {
		conf_diagnose(diagnostics, CONF_ERROR, &place, "cannot read the %s: %s", what,
			conf_source_problem(result));
		return NULL;
	}
	config = conf_load_source(source, host, diagnostics);
	conf_source_free(source);
	return config;
}

struct config *conf_load(const char *path, const char *config_id, const struct conf_host *host,
	struct conf_diagnostics *diagnostics)
{
	struct conf_source *source = NULL;
	int result = conf_source_read(path, config_id, &source);

	return load_what_was_read(result, source, path, "file", host, diagnostics);
}

struct config *conf_load_text(const char *name, const char *text, size_t length,
	const struct conf_host *host, struct conf_diagnostics *diagnostics)
{
	struct conf_source *source = NULL;
	int result = conf_source_from_text(name, text, length, &source);

	return load_what_was_read(result, source, name, "text", host, diagnostics);
}

/* Errors, and what is said about `name`; warnings about the file were heard when it was loaded. */
static void keep_relevant(
	struct conf_diagnostics *to, const struct conf_diagnostics *from, const char *name)
{
	for (size_t i = 0; i < from->count; i++) {
		const struct conf_diagnostic *item = &from->items[i];
		const struct conf_place place = {
			.file = item->file,
			.line = item->line,
			.column = item->column,
			.text = item->text,
			.text_length = item->text ? strlen(item->text) : 0,
		};

		if (item->severity == CONF_ERROR || strcmp(item->file, name) == 0)
			conf_diagnose(to, item->severity, &place, "%s", item->message);
	}
	to->out_of_memory |= from->out_of_memory;
}

int conf_edit(struct config *config, const char *name, const char *text, size_t length,
	struct conf_diagnostics *diagnostics)
{
	struct conf_diagnostics all = {0};
	struct conf_source *source;
	int result = conf_source_from_text(name, text, length, &source);

	if (result < 0)
		return result;
	result = conf_parse(source, ORIGIN_OVERLAY, config, &all);
	if (result == 0)
		result = conf_validate(config, NULL, &all);
	if (result == 0 && conf_diagnostics_result(&all) == CONF_REFUSED)
		result = -EINVAL;
	conf_finish_diagnostics(&all, source);
	keep_relevant(diagnostics, &all, name);
	conf_diagnostics_clear(&all);
	conf_source_free(source);
	return result;
}

static bool same_identity(const struct instance *a, const struct instance *b)
{
	return a->vrid == b->vrid && a->family == b->family && a->interface && b->interface &&
	       strcmp(a->interface, b->interface) == 0;
}

static int set_from_source(struct config *config, struct instance *instance,
	enum conf_author author, const struct conf_source *source,
	struct conf_diagnostics *diagnostics)
{
	const struct instance previous = *instance;
	size_t errors = diagnostics->errors;
	int result = conf_parse_attribute(source, author, config, instance, diagnostics);

	if (result == 0 && diagnostics->errors == errors)
		conf_validate_instance(config, instance, diagnostics);
	if (result == 0 && diagnostics->errors == errors && !same_identity(instance, &previous)) {
		conf_validate_identity(config, instance, diagnostics);
		if (diagnostics->errors == errors)
			result = config_reindex(config);
	}
	if (result == 0 && diagnostics->errors > errors)
		result = -EINVAL;
	if (result < 0)
		*instance = previous;
	return result;
}

int conf_set(struct config *config, struct instance *instance, enum conf_author author,
	const char *word, const char *value, struct conf_diagnostics *diagnostics)
{
	struct conf_source *source;
	char *text;
	int length = asprintf(&text, "%s %s", word, value ? value : ""), result;

	if (length < 0)
		return -ENOMEM;
	result = conf_source_from_text("", text, (size_t)length, &source);
	free(text);
	if (result < 0)
		return result;
	result = set_from_source(config, instance, author, source, diagnostics);
	conf_source_free(source);
	return result;
}
