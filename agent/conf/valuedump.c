/* SPDX-License-Identifier: ISC */
#include "agent/conf/valuedump.h"

#include <stdlib.h>
#include <string.h>

#include "agent/conf/model.h"
#include "agent/conf/scheduling.h"
#include "agent/conf/value.h"
#include "agent/conf/vmac.h"

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

void conf_write_user(const char *user, const char *group, FILE *stream)
{
	conf_write_word(user, stream);
	if (group) {
		putc(' ', stream);
		conf_write_word(group, stream);
	}
}

static void write_run_as(const struct notify_script *script, FILE *stream)
{
	conf_write_user(script->user, script->group, stream);
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

size_t conf_item_count(const struct conf_word *word, const void *value)
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

void conf_write_item(const struct conf_word *word, const void *value, size_t i, FILE *stream)
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

/* A number, or one of a few words; false: the value is neither. */
static bool write_plain(const struct conf_word *word, const void *value, FILE *stream)
{
	switch (word->kind) {
	case KIND_NUMBER:
		fprintf(stream, "%u", load_number(value, word->size));
		return true;
	case KIND_SIGNED:
		fprintf(stream, "%d", *(const int32_t *)value);
		return true;
	case KIND_UMASK:
		fprintf(stream, "%#o", *(const uint32_t *)value);
		return true;
	case KIND_CHOICE:
		fputs(word->choices[load_number(value, word->size) - word->minimum], stream);
		return true;
	case KIND_SECONDS:
		conf_write_seconds(*(const uint64_t *)value, stream);
		return true;
	case KIND_BOOL:
		fputs(*(const bool *)value ? "on" : "off", stream);
		return true;
	default:
		return false;
	}
}

void conf_write_value(const struct conf_word *word, const void *value, FILE *stream)
{
	if (write_plain(word, value, stream))
		return;
	switch (word->kind) {
	case KIND_PROCESSORS:
		conf_write_processors(value, stream);
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

bool conf_value_is_bare(const struct conf_word *word, const void *value)
{
	if (word->flags & CONF_BARE)
		return ((const struct notify_script *)value)->bare;
	return word->kind == KIND_CHOICE &&
	       !word->choices[load_number(value, word->size) - word->minimum][0];
}
