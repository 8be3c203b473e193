/* SPDX-License-Identifier: ISC */
/* Writes the model back, by the schema that reads it. */
#include "agent/conf/dump.h"

#include <string.h>

#include "agent/conf/schema.h"
#include "agent/conf/syncgroup.h"
#include "agent/conf/trackerrules.h"
#include "agent/conf/value.h"
#include "agent/conf/valuedump.h"

/* Which values to write: those with an origin of this kind or a later one. */
enum filter {
	WRITTEN = ORIGIN_FILE,
	CHANGED = ORIGIN_OVERLAY,
};

static void indent(unsigned level, FILE *stream)
{
	while (level-- > 0)
		fputs("    ", stream);
}

static void write_list(
	const struct conf_word *word, const void *value, unsigned level, FILE *stream)
{
	size_t count = conf_item_count(word, value);

	indent(level, stream);
	fprintf(stream, "%s {\n", word->word);
	for (size_t i = 0; i < count; i++) {
		indent(level + 1, stream);
		conf_write_item(word, value, i, stream);
		putc('\n', stream);
	}
	indent(level, stream);
	fputs("}\n", stream);
}

static void write_user(const struct globals *globals, FILE *stream)
{
	conf_write_user(globals->script_user, globals->script_group, stream);
}

/* Written, and empty. */
static bool is_no_command(const struct notify_script *script)
{
	return script->argc == 0 && !script->bare;
}

static void write_statement(
	const struct conf_word *word, const void *base, unsigned level, FILE *stream)
{
	const void *value = (const char *)base + word->offset;

	if (word->kind == KIND_FLAG && *(const bool *)value == !!(word->flags & CONF_INVERTED))
		return;
	if (word->kind == KIND_COMMAND && is_no_command(value))
		return;
	if (conf_word_is_list(word)) {
		write_list(word, value, level, stream);
		return;
	}
	indent(level, stream);
	fputs(word->word, stream);
	if (word->kind != KIND_FLAG && word->kind != KIND_VMAC && !conf_value_is_bare(word, value))
		putc(' ', stream);
	if (word->flags & CONF_BARE && conf_value_is_bare(word, value))
		;
	else if (word->kind == KIND_USER)
		write_user(base, stream);
	else
		conf_write_value(word, value, stream);
	putc('\n', stream);
}

static bool is_wanted(
	const struct conf_word *word, const struct origin *origins, enum filter filter)
{
	return word->attribute >= 0 && !(word->flags & CONF_ALIAS) &&
	       (int)origins[word->attribute].kind >= (int)filter;
}

static void write_authentication(const struct instance *instance, enum filter filter, FILE *stream)
{
	if (instance->auth_type == AUTH_NONE ||
		((int)instance->origins[INSTANCE_AUTH_TYPE].kind < (int)filter &&
			(int)instance->origins[INSTANCE_AUTH_DATA].kind < (int)filter))
		return;
	indent(1, stream);
	fputs("authentication {\n", stream);
	for (size_t i = 0; i < conf_word_count; i++)
		if (conf_words[i].context == CONTEXT_AUTHENTICATION)
			write_statement(&conf_words[i], instance, 2, stream);
	indent(1, stream);
	fputs("}\n", stream);
}

static void write_instance(const struct instance *instance, enum filter filter, FILE *stream)
{
	fputs("vrrp_instance ", stream);
	conf_write_word(instance->name, stream);
	fputs(" {\n", stream);
	for (size_t i = 0; i < conf_word_count; i++) {
		if (conf_words[i].context != CONTEXT_INSTANCE)
			continue;
		if (conf_words[i].inside == CONTEXT_AUTHENTICATION)
			write_authentication(instance, filter, stream);
		else if (is_wanted(&conf_words[i], instance->origins, filter))
			write_statement(&conf_words[i], instance, 1, stream);
	}
	fputs("}\n", stream);
}

static bool any_origin(const struct origin *origins, size_t count, enum filter filter)
{
	for (size_t i = 0; i < count; i++)
		if ((int)origins[i].kind >= (int)filter)
			return true;
	return false;
}

static void write_globals(const struct globals *globals, enum filter filter, FILE *stream)
{
	bool any = false;

	for (size_t i = 0; i < conf_word_count; i++) {
		if (conf_words[i].context != CONTEXT_GLOBAL ||
			!is_wanted(&conf_words[i], globals->origins, filter))
			continue;
		if (!any)
			fputs("global_defs {\n", stream);
		any = true;
		write_statement(&conf_words[i], globals, 1, stream);
	}
	if (any)
		fputs("}\n", stream);
}

static void write_garp_groups(const struct garp_group_list *list, enum filter filter, FILE *stream)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct garp_group *group = &list->items[i];

		if (!any_origin(group->origins, GARP_GROUP_ATTRIBUTES, filter))
			continue;
		fputs("garp_group {\n", stream);
		for (size_t k = 0; k < conf_word_count; k++)
			if (conf_words[k].context == CONTEXT_GARP_GROUP &&
				is_wanted(&conf_words[k], group->origins, filter))
				write_statement(&conf_words[k], group, 1, stream);
		fputs("}\n", stream);
	}
}

static void write_groups(const struct config *config, enum filter filter, FILE *stream)
{
	for (size_t i = 0; i < config->group_count; i++) {
		const struct sync_group *group = config->groups[i];

		fputs("vrrp_sync_group ", stream);
		conf_write_word(group->name, stream);
		fputs(" {\n", stream);
		for (size_t k = 0; k < conf_word_count; k++)
			if (conf_words[k].context == CONTEXT_SYNC_GROUP &&
				is_wanted(&conf_words[k], group->origins, filter))
				write_statement(&conf_words[k], group, 1, stream);
		fputs("}\n", stream);
	}
}

static void write_trackers(const struct tracker_list *list, enum filter filter, FILE *stream)
{
	static const enum conf_context contexts[] = {
		[IMAGE_TRACKER_SCRIPT] = CONTEXT_SCRIPT,
		[IMAGE_TRACKER_PROCESS] = CONTEXT_TRACK_PROCESS,
		[IMAGE_TRACKER_FILE] = CONTEXT_TRACK_FILE,
	};

	for (size_t i = 0; i < list->count; i++) {
		const struct tracker *tracker = &list->items[i];

		fprintf(stream, "%s ", conf_tracker_kinds[tracker->kind].block);
		conf_write_word(tracker->name, stream);
		fputs(" {\n", stream);
		for (size_t k = 0; k < conf_word_count; k++)
			if (conf_words[k].context == contexts[tracker->kind] &&
				is_wanted(&conf_words[k], tracker->origins, filter))
				write_statement(&conf_words[k], tracker, 1, stream);
		fputs("}\n", stream);
	}
}

/* What stands at the top level by itself. */
static void write_statics(const struct globals *globals, enum filter filter, FILE *stream)
{
	for (size_t i = 0; i < conf_word_count; i++)
		if (conf_words[i].context == CONTEXT_TOP &&
			is_wanted(&conf_words[i], globals->origins, filter))
			write_statement(&conf_words[i], globals, 0, stream);
}

void conf_dump(const struct config *config, FILE *stream)
{
	write_globals(&config->globals, WRITTEN, stream);
	write_statics(&config->globals, WRITTEN, stream);
	write_garp_groups(&config->globals.garp_groups, WRITTEN, stream);
	write_trackers(&config->trackers, WRITTEN, stream);
	write_groups(config, WRITTEN, stream);
	for (size_t i = 0; i < config->instance_count; i++)
		write_instance(config->instances[i], WRITTEN, stream);
}

void conf_dump_overlay(const struct config *config, FILE *stream)
{
	write_globals(&config->globals, CHANGED, stream);
	write_statics(&config->globals, CHANGED, stream);
	for (size_t i = 0; i < config->instance_count; i++)
		if (any_origin(config->instances[i]->origins, INSTANCE_ATTRIBUTES, CHANGED))
			write_instance(config->instances[i], CHANGED, stream);
}

void conf_dump_instance(const struct instance *instance, FILE *stream)
{
	write_instance(instance, WRITTEN, stream);
}

void conf_dump_attribute(
	const struct instance *instance, enum instance_attribute attribute, FILE *stream)
{
	if (attribute == INSTANCE_AUTH_TYPE || attribute == INSTANCE_AUTH_DATA) {
		write_authentication(instance, WRITTEN, stream);
		return;
	}
	for (size_t i = 0; i < conf_word_count; i++)
		if (conf_words[i].context == CONTEXT_INSTANCE &&
			conf_words[i].attribute == (int)attribute &&
			is_wanted(&conf_words[i], instance->origins, WRITTEN))
			write_statement(&conf_words[i], instance, 1, stream);
}

/* The word of global_defs that the default begins with: "vrrp_strict", or "vrrp_version; ...". */
static const struct conf_word *global_default(const struct conf_word *word)
{
	char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word->fallback, "; "), word->fallback);
	return conf_word_find(CONTEXT_GLOBAL, name);
}

static const struct conf_word *attribute_word(enum instance_attribute attribute)
{
	for (size_t i = 0; i < conf_word_count; i++) {
		const struct conf_word *word = &conf_words[i];

		if (word->context == CONTEXT_INSTANCE && word->attribute == (int)attribute &&
			word->fallback)
			return word;
	}
	return NULL;
}

const struct origin *conf_value_origin(const struct globals *globals,
	const struct instance *instance, enum instance_attribute attribute)
{
	const struct origin *own = &instance->origins[attribute];
	const struct conf_word *word, *global;

	if (own->kind != ORIGIN_DEFAULT)
		return own;
	if (attribute == INSTANCE_SMTP_ALERT &&
		globals->origins[GLOBAL_SMTP_ALERT_VRRP].kind != ORIGIN_DEFAULT)
		return &globals->origins[GLOBAL_SMTP_ALERT_VRRP];
	word = attribute_word(attribute);
	global = word ? global_default(word) : NULL;
	return global && global->attribute >= 0 ? &globals->origins[global->attribute] : own;
}

void conf_dump_default(
	const struct instance *instance, enum instance_attribute attribute, FILE *stream)
{
	const struct conf_word *word = attribute_word(attribute);

	if (!word)
		return;
	if (global_default(word)) {
		write_statement(word, instance, 1, stream);
		return;
	}
	fprintf(stream, "    %s", word->word);
	/* The word alone would say that it is on; of a device its default is a name. */
	if (word->kind == KIND_VMAC)
		fputs(" off", stream);
	else if (word->kind != KIND_FLAG || strcmp(word->fallback, "on") != 0)
		fprintf(stream, " %s", word->fallback);
	putc('\n', stream);
}
