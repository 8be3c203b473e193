/* SPDX-License-Identifier: ISC */
#include "agent/core/savetext.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/conf/dump.h"
#include "agent/conf/schema.h"
#include "agent/conf/syncgroup.h"
#include "agent/conf/value.h"
#include "agent/core/blocks.h"
#include "agent/core/memstream.h"
#include "vrrp/protocol/limits.h"

/* Something else in the place of a part of the text. */
struct change {
	size_t start, end;
	char *text;
};

struct saving {
	const struct config *config;
	const char *text;
	size_t length;
	struct block_list blocks;
	struct change *changes;
	size_t count, room;
	size_t written; /* of what management changed */
	FILE *added;	/* behind the end of the text */
	FILE *left;
	bool failed;
};

static void replace(struct saving *saving, size_t start, size_t end, char *text)
{
	if (saving->count == saving->room) {
		size_t room = saving->room ? 2 * saving->room : 16;
		struct change *grown =
			reallocarray(saving->changes, room, sizeof(*saving->changes));

		if (!grown) {
			saving->failed = true;
			free(text);
			return;
		}
		saving->changes = grown;
		saving->room = room;
	}
	saving->failed = saving->failed || !text;
	saving->changes[saving->count++] = (struct change){start, end, text};
}

/* The statement as the file would have it, without indentation and end of line; the caller's. */
static char *statement(const struct instance *instance, enum instance_attribute attribute)
{
	char *text = NULL, *bare;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	if (!stream)
		return NULL;
	conf_dump_attribute(instance, attribute, stream);
	if (!memstream_text(stream, &text))
		return NULL;
	while (length > 0 && text[length - 1] == '\n')
		text[--length] = '\0';
	bare = strdup(text + strspn(text, " "));
	free(text);
	return bare;
}

/* Whether the changes from the given one on make a difference. */
static bool differs(const struct saving *saving, size_t first)
{
	for (size_t i = first; i < saving->count; i++) {
		const struct change *change = &saving->changes[i];
		size_t length = change->end - change->start;

		if (change->text &&
			(strlen(change->text) != length ||
				memcmp(saving->text + change->start, change->text, length) != 0))
			return true;
	}
	return false;
}

/* Whether the statement is about the attribute. */
static bool writes(const struct block_statement *found, enum instance_attribute attribute)
{
	for (size_t i = 0; i < conf_word_count; i++) {
		const struct conf_word *word = &conf_words[i];

		if (word->context == CONTEXT_INSTANCE && word->attribute == (int)attribute &&
			strlen(word->word) == found->word_length &&
			memcmp(word->word, found->word, found->word_length) == 0)
			return true;
	}
	return false;
}

/* A statement that goes takes its line with it if nothing else is there. */
static void drop_statement(struct saving *saving, const struct block_statement *found)
{
	size_t start = found->start, end = found->end;

	while (start > 0 && (saving->text[start - 1] == ' ' || saving->text[start - 1] == '\t'))
		start--;
	if ((start == 0 || saving->text[start - 1] == '\n') && end < saving->length &&
		saving->text[end] == '\n')
		end++;
	else
		start = found->start;
	replace(saving, start, end, strdup(""));
}

/* Before the brace that closes the block, on a line of its own. */
static void add_statement(struct saving *saving, const struct block *block, char *text)
{
	size_t at = block->close;
	char *line = NULL;

	while (at > block->open && (saving->text[at - 1] == ' ' || saving->text[at - 1] == '\t'))
		at--;
	if (text &&
		asprintf(&line, "%s    %s\n", saving->text[at - 1] == '\n' ? "" : "\n", text) < 0)
		line = NULL;
	free(text);
	replace(saving, at, at, line);
}

/* What the file's own rules would take back, beside its other statements, holds only where
 * management says it. */
static bool file_would_drop(const struct instance *instance, enum instance_attribute attribute)
{
	if (attribute == INSTANCE_PREEMPT)
		return !instance->preempt && (instance->initial_state == INITIAL_MASTER ||
						     instance->priority == VRRP_PRIORITY_OWNER);
	return attribute == INSTANCE_PREEMPT_DELAY && instance->preempt_delay_ns > 0 &&
	       (instance->initial_state == INITIAL_MASTER || !instance->preempt);
}

/* false: it can't be written there. */
static bool save_attribute(struct saving *saving, const struct block *block,
	const struct instance *instance, enum instance_attribute attribute)
{
	struct block_statement found;
	struct block_cursor cursor;
	bool done = false;

	if (attribute == INSTANCE_AUTH_TYPE || attribute == INSTANCE_AUTH_DATA ||
		file_would_drop(instance, attribute))
		return false;
	block_cursor_init(&cursor, saving->text, block);
	while (block_cursor_next(&cursor, &found)) {
		if (writes(&found, attribute) && found.made)
			return false;
	}
	block_cursor_init(&cursor, saving->text, block);
	while (block_cursor_next(&cursor, &found)) {
		if (!writes(&found, attribute))
			continue;
		if (done)
			drop_statement(saving, &found);
		else
			replace(saving, found.start, found.end, statement(instance, attribute));
		done = true;
	}
	if (!done)
		add_statement(saving, block, statement(instance, attribute));
	return true;
}

static void begin_left(struct saving *saving, const char *name)
{
	fputs("vrrp_instance ", saving->left);
	conf_write_word(name, saving->left);
	fputs(" {\n", saving->left);
}

static void save_instance(struct saving *saving, const struct instance *instance)
{
	const struct block *block = block_list_find(&saving->blocks, instance->name);
	bool left = false;

	if (instance->origins[INSTANCE_NAME].kind == ORIGIN_OVERLAY) {
		saving->written++;
		putc('\n', saving->added);
		conf_dump_instance(instance, saving->added);
		return;
	}
	for (enum instance_attribute i = 0; i < INSTANCE_ATTRIBUTES; i++) {
		size_t first = saving->count;

		if (instance->origins[i].kind != ORIGIN_OVERLAY)
			continue;
		if (block && save_attribute(saving, block, instance, i)) {
			saving->written += differs(saving, first);
			continue;
		}
		if (!left)
			begin_left(saving, instance->name);
		left = true;
		conf_dump_attribute(instance, i, saving->left);
	}
	if (left)
		fputs("}\n", saving->left);
}

/* The file would then name an instance that is not there. */
static bool is_in_group(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->group_count; i++) {
		const struct group_member_list *members = &config->groups[i]->members;

		for (size_t k = 0; k < members->count; k++)
			if (strcmp(members->items[k].name, name) == 0)
				return true;
	}
	return false;
}

static void save_destroyed(struct saving *saving, const char *name)
{
	const struct block *block = block_list_find(&saving->blocks, name);
	struct block_statement whole;

	if (block && !is_in_group(saving->config, name)) {
		whole = (struct block_statement){.start = block->start, .end = block->end};
		drop_statement(saving, &whole);
		saving->written++;
		return;
	}
	begin_left(saving, name);
	fputs("    " BLOCK_DESTROYED "\n}\n", saving->left);
}

static int by_start(const void *left, const void *right)
{
	const struct change *a = left, *b = right;

	return (a->start > b->start) - (a->start < b->start);
}

/* The text with its changes. */
static void write_text(struct saving *saving, FILE *stream, const char *added)
{
	size_t at = 0;

	if (saving->count > 0)
		qsort(saving->changes, saving->count, sizeof(*saving->changes), by_start);
	for (size_t i = 0; i < saving->count; i++) {
		const struct change *change = &saving->changes[i];

		fwrite(saving->text + at, 1, change->start - at, stream);
		fputs(change->text, stream);
		at = change->end;
	}
	fwrite(saving->text + at, 1, saving->length - at, stream);
	fputs(added, stream);
}

static void save_all(struct saving *saving)
{
	for (size_t i = 0; i < saving->config->instance_count; i++)
		save_instance(saving, saving->config->instances[i]);
	for (size_t i = 0; i < saving->config->destroyed.count; i++)
		save_destroyed(saving, saving->config->destroyed.items[i]);
}

static int finish(struct saving *saving, const char *added, struct saved_text *saved)
{
	FILE *stream = saving->failed ? NULL : open_memstream(&saved->text, &saved->length);

	if (!stream)
		return -ENOMEM;
	saved->written = saving->written;
	write_text(saving, stream, added);
	return memstream_close(stream);
}

int savetext_make(
	const struct config *config, const char *text, size_t length, struct saved_text *saved)
{
	struct saving saving = {.config = config, .text = text, .length = length};
	char *added = NULL;
	size_t added_length;
	int error = block_list_read(&saving.blocks, text, length);

	*saved = (struct saved_text){0};
	saving.added = open_memstream(&added, &added_length);
	saving.left = open_memstream(&saved->left, &saved->left_length);
	if (!error && saving.added && saving.left)
		save_all(&saving);
	if (memstream_close(saving.added) < 0 || memstream_close(saving.left) < 0)
		error = -ENOMEM;
	if (!error)
		error = finish(&saving, added, saved);
	for (size_t i = 0; i < saving.count; i++)
		free(saving.changes[i].text);
	free(saving.changes);
	free(added);
	block_list_clear(&saving.blocks);
	if (error)
		savetext_clear(saved);
	return error;
}

void savetext_clear(struct saved_text *saved)
{
	free(saved->text);
	free(saved->left);
	*saved = (struct saved_text){0};
}
