/* SPDX-License-Identifier: ISC */
/* Writes the model back, by the schema that reads it. */
#include "agent/conf/dump.h"

#include <stdlib.h>
#include <string.h>

#include "agent/conf/scheduling.h"
#include "agent/conf/schema.h"
#include "agent/conf/syncgroup.h"
#include "agent/conf/trackerrules.h"
#include "agent/conf/value.h"
#include "agent/conf/vmac.h"

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

static uint32_t load_number(const void *value, size_t size)
{
	return size == sizeof(uint8_t) ? *(const uint8_t *)value : *(const uint32_t *)value;
}

/* One argument of a command, as the inside of a quoted string. */
static void write_piece(const char *piece, FILE *stream)
{
	if (*piece && !strpbrk(piece, " \t\n'\"")) {
		fputs(piece, stream);
		return;
	}
	putc('\'', stream);
	for (; *piece; piece++) {
		if (*piece == '\'')
			fputs("'\"'\"'", stream);
		else
			putc(*piece, stream);
	}
	putc('\'', stream);
}

static void write_command(const struct notify_script *script, FILE *stream)
{
	for (size_t i = 0; i < script->argc; i++) {
		if (i > 0)
			putc(' ', stream);
		write_piece(script->argv[i], stream);
	}
}

static void write_run_as(const struct notify_script *script, FILE *stream)
{
	conf_write_word(script->user, stream);
	if (script->group) {
		putc(' ', stream);
		conf_write_word(script->group, stream);
	}
}

static void write_script(
	const struct conf_word *word, const struct notify_script *script, FILE *stream)
{
	char *text = NULL;
	size_t length;
	FILE *inside = open_memstream(&text, &length);

	if (!inside)
		return;
	write_command(script, inside);
	if (fclose(inside) == 0 && word->kind == KIND_COMMAND)
		conf_write_quoted(text, stream);
	else if (word->kind == KIND_FIFO)
		conf_write_word(script->argv[0], stream);
	free(text);
	if (!(word->flags & CONF_NO_USER) && script->user) {
		putc(' ', stream);
		write_run_as(script, stream);
	}
}

static const struct {
	uint32_t flag;
	const char *word;
} address_flags[] = {
	{IMAGE_ADDRESS_DAD, "-nodad"},
	{IMAGE_ADDRESS_HOME, "home"},
	{IMAGE_ADDRESS_NO_ROUTE, "noprefixroute"},
	{IMAGE_ADDRESS_NO_TRACK, "no_track"},
};

void conf_dump_address(const struct virtual_address *address, FILE *stream)
{
	conf_write_address(&address->address, stream);
	fprintf(stream, "/%u", address->prefix_length);
	if (address->broadcast_kind == BROADCAST_ADDRESS) {
		const struct ip_address broadcast = {.family = AF_INET, .v4 = address->broadcast};

		fputs(" brd ", stream);
		conf_write_address(&broadcast, stream);
	}
	if (address->device) {
		fputs(" dev ", stream);
		conf_write_word(address->device, stream);
	}
	if (address->scope != 0) {
		fputs(" scope ", stream);
		conf_write_scope(address->scope, stream);
	}
	if (address->label) {
		fputs(" label ", stream);
		conf_write_word(address->label, stream);
	}
	if (address->admin_state == ADMIN_DOWN)
		fputs(" admin_state down", stream);
	for (size_t i = 0; i < sizeof(address_flags) / sizeof(address_flags[0]); i++)
		if (address->flags & address_flags[i].flag)
			fprintf(stream, " %s", address_flags[i].word);
	if (address->flags & IMAGE_ADDRESS_PREFERRED && address->preferred == IMAGE_FOREVER)
		fputs(" preferred_lft forever", stream);
	else if (address->flags & IMAGE_ADDRESS_PREFERRED)
		fprintf(stream, " preferred_lft %u", address->preferred);
}

static void write_tracked(const struct tracked_interface *tracked, FILE *stream)
{
	conf_write_word(tracked->name, stream);
	if (tracked->weight != 0 || tracked->reverse)
		fprintf(stream, " weight %d", tracked->weight);
	if (tracked->reverse)
		fputs(" reverse", stream);
}

static void write_weight(const struct weight *weight, FILE *stream)
{
	fprintf(stream, "%d%s", weight->value, weight->reverse ? " reverse" : "");
}

static void write_program(const struct notify_script *program, FILE *stream)
{
	for (size_t i = 0; i < program->argc; i++) {
		if (i > 0)
			putc(' ', stream);
		conf_write_word(program->argv[i], stream);
	}
}

static void write_init_file(const struct init_file *init, FILE *stream)
{
	fprintf(stream, "%d%s", init->value, init->overwrite ? " overwrite" : "");
}

static void write_use(const struct tracked *tracked, FILE *stream)
{
	conf_write_word(tracked->name, stream);
	if (tracked->weight_written)
		fprintf(stream, " weight %d", tracked->weight);
	if (tracked->reverse_written)
		fputs(tracked->reverse ? " reverse" : " noreverse", stream);
}

static size_t list_count(const struct conf_word *word, const void *value)
{
	switch (word->kind) {
	case KIND_ADDRESSES:
		return ((const struct address_list *)value)->count;
	case KIND_INTERFACES:
		return ((const struct tracked_interface_list *)value)->count;
	case KIND_TRACKED:
		return ((const struct tracked_list *)value)->count;
	case KIND_ROUTES:
		return ((const struct route_list *)value)->count;
	case KIND_RULES:
		return ((const struct rule_list *)value)->count;
	case KIND_MEMBERS:
		return ((const struct group_member_list *)value)->count;
	case KIND_PEERS:
		return ((const struct unicast_peer_list *)value)->count;
	case KIND_STRINGS:
		return ((const struct string_list *)value)->count;
	default:
		return 0;
	}
}

static void write_peer(const struct unicast_peer *peer, FILE *stream)
{
	conf_write_address(&peer->address, stream);
	if (peer->ttl_min > 0)
		fprintf(stream, " min_ttl %u", peer->ttl_min);
	if (peer->ttl_max < UINT8_MAX)
		fprintf(stream, " max_ttl %u", peer->ttl_max);
}

static void write_item(const struct conf_word *word, const void *value, size_t i, FILE *stream)
{
	switch (word->kind) {
	case KIND_ADDRESSES:
		conf_dump_address(&((const struct address_list *)value)->items[i], stream);
		break;
	case KIND_INTERFACES:
		write_tracked(&((const struct tracked_interface_list *)value)->items[i], stream);
		break;
	case KIND_MEMBERS:
		conf_write_word(((const struct group_member_list *)value)->items[i].name, stream);
		break;
	case KIND_TRACKED:
		write_use(&((const struct tracked_list *)value)->items[i], stream);
		break;
	case KIND_PEERS:
		write_peer(&((const struct unicast_peer_list *)value)->items[i], stream);
		break;
	case KIND_ROUTES:
		conf_write_route(&((const struct route_list *)value)->items[i], stream);
		break;
	case KIND_RULES:
		conf_write_rule(&((const struct rule_list *)value)->items[i], stream);
		break;
	default:
		conf_write_word(((const struct string_list *)value)->items[i], stream);
	}
}

static void write_list(
	const struct conf_word *word, const void *value, unsigned level, FILE *stream)
{
	size_t count = list_count(word, value);

	indent(level, stream);
	fprintf(stream, "%s {\n", word->word);
	for (size_t i = 0; i < count; i++) {
		indent(level + 1, stream);
		write_item(word, value, i, stream);
		putc('\n', stream);
	}
	indent(level, stream);
	fputs("}\n", stream);
}

static void write_password(const uint8_t *value, FILE *stream)
{
	char text[INSTANCE_AUTH_DATA_LENGTH + 1] = "";

	memcpy(text, value, INSTANCE_AUTH_DATA_LENGTH);
	conf_write_word(text, stream);
}

/* Words that were joined by single spaces come apart again. */
static void write_words(const char *text, FILE *stream)
{
	if (text[0] == ' ' || strstr(text, "  ") || (*text && text[strlen(text) - 1] == ' ') ||
		conf_needs_quotes(text, " "))
		conf_write_quoted(text, stream);
	else
		fputs(text, stream);
}

static void write_value(const struct conf_word *word, const void *value, FILE *stream)
{
	switch (word->kind) {
	case KIND_NUMBER:
		fprintf(stream, "%u", load_number(value, word->size));
		break;
	case KIND_SIGNED:
		fprintf(stream, "%d", *(const int32_t *)value);
		break;
	case KIND_PROCESSORS:
		conf_write_processors(value, stream);
		break;
	case KIND_UMASK:
		fprintf(stream, "%#o", *(const uint32_t *)value);
		break;
	case KIND_CHOICE:
		fputs(word->choices[load_number(value, word->size) - word->minimum], stream);
		break;
	case KIND_SECONDS:
		conf_write_seconds(*(const uint64_t *)value, stream);
		break;
	case KIND_BOOL:
		fputs(*(const bool *)value ? "on" : "off", stream);
		break;
	case KIND_STRING:
	case KIND_INTERFACE:
		conf_write_word(*(const char *const *)value, stream);
		break;
	case KIND_WORDS:
		write_words(*(const char *const *)value, stream);
		break;
	case KIND_COMMAND:
	case KIND_FIFO:
		write_script(word, value, stream);
		break;
	case KIND_WEIGHT:
		write_weight(value, stream);
		break;
	case KIND_PROGRAM:
		write_program(value, stream);
		break;
	case KIND_INIT_FILE:
		write_init_file(value, stream);
		break;
	case KIND_RUN_AS:
		write_run_as(value, stream);
		break;
	case KIND_PASSWORD:
		write_password(value, stream);
		break;
	case KIND_VMAC:
		conf_write_vmac(value, stream);
		break;
	case KIND_HOST:
	case KIND_GROUP4:
	case KIND_GROUP6:
		conf_write_address(value, stream);
		break;
	default:
		break;
	}
}

static void write_user(const struct globals *globals, FILE *stream)
{
	conf_write_word(globals->script_user, stream);
	if (globals->script_group) {
		putc(' ', stream);
		conf_write_word(globals->script_group, stream);
	}
}

/* A choice that is made by saying nothing. */
static bool is_bare(const struct conf_word *word, const void *value)
{
	if (word->flags & CONF_BARE)
		return ((const struct notify_script *)value)->bare;
	return word->kind == KIND_CHOICE &&
	       !word->choices[load_number(value, word->size) - word->minimum][0];
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
	if (word->kind != KIND_FLAG && word->kind != KIND_VMAC && !is_bare(word, value))
		putc(' ', stream);
	if (word->flags & CONF_BARE && is_bare(word, value))
		;
	else if (word->kind == KIND_USER)
		write_user(base, stream);
	else
		write_value(word, value, stream);
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

void conf_dump_default(enum instance_attribute attribute, FILE *stream)
{
	for (size_t i = 0; i < conf_word_count; i++) {
		const struct conf_word *word = &conf_words[i];

		if (word->context != CONTEXT_INSTANCE || word->attribute != (int)attribute ||
			!word->fallback)
			continue;
		fprintf(stream, "    %s", word->word);
		/* The word alone would say that it is on; of a device its default is a name. */
		if (word->kind == KIND_VMAC)
			fputs(" off", stream);
		else if (word->kind != KIND_FLAG || strcmp(word->fallback, "on") != 0)
			fprintf(stream, " %s", word->fallback);
		putc('\n', stream);
		return;
	}
}
