/* SPDX-License-Identifier: ISC */
#include "agent/core/overlay.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/conf/dump.h"
#include "agent/conf/load.h"
#include "agent/conf/value.h"
#include "agent/core/blocks.h"
#include "agent/core/edit/editrow.h"
#include "agent/core/memstream.h"

void overlay_aside_clear(struct overlay_aside *aside)
{
	free(aside->text);
	free(aside->names);
	*aside = (struct overlay_aside){0};
}

/* What is done with the blocks of the text. */
struct sorting {
	struct config *config;
	char *text;
	FILE *kept, *names;	/* of struct overlay_aside */
	struct instance **gone; /* whose tombstones were read */
	size_t gone_count;
	int error;
};

/* Line numbers are to stay. */
static void blank(struct sorting *sorting, const struct block *block)
{
	for (size_t at = block->start; at < block->end; at++)
		if (sorting->text[at] != '\n')
			sorting->text[at] = ' ';
}

static void set_aside(struct sorting *sorting, const struct block *block)
{
	fwrite(sorting->text + block->start, 1, block->end - block->start, sorting->kept);
	fputc('\n', sorting->kept);
	fprintf(sorting->names, "%s%s", ftell(sorting->names) > 0 ? ", " : "", block->name);
	blank(sorting, block);
}

/* Whether the file has the router that a complete block would make, or another of the name that
 * only management gives: then the file's holds. */
static bool is_in_file(
	const struct sorting *sorting, const struct block *block, const struct instance *same_name)
{
	struct conf_diagnostics ignored = {0};
	struct config *alone;
	const struct instance *made;
	bool found = false;

	if (same_name && strncmp(block->name, EDIT_NAME_PREFIX, strlen(EDIT_NAME_PREFIX)) == 0)
		return true;
	alone = config_new();

	if (alone && conf_edit(alone, "", sorting->text + block->start, block->end - block->start,
			     &ignored) == 0) {
		made = config_find_name(alone, block->name);
		found = made && config_find_identity(
					sorting->config, made->interface, made->family, made->vrid);
	}
	conf_diagnostics_clear(&ignored);
	config_free(alone);
	return found;
}

static void destroy(struct sorting *sorting, struct instance *instance)
{
	size_t count = sorting->gone_count;
	struct instance **grown = sorting->gone;

	if ((count & (count - 1)) == 0)
		grown = reallocarray(grown, count ? 2 * count : 1, sizeof(*grown));
	if (!grown) {
		sorting->error = -ENOMEM;
		return;
	}
	grown[count] = instance;
	sorting->gone = grown;
	sorting->gone_count++;
}

/* One that is not closed stays, for the parser to refuse. */
static void sort_block(struct sorting *sorting, const struct block *block)
{
	struct instance *instance = config_find_name(sorting->config, block->name);

	if (!block->closed)
		return;
	if (block->destroyed && instance) {
		destroy(sorting, instance);
		blank(sorting, block);
	} else if (block->complete ? is_in_file(sorting, block, instance) : !instance) {
		set_aside(sorting, block);
	}
}

/* Goes through the blocks that are tombstones, or through all the others. */
static void sort_out(struct sorting *sorting, size_t length, bool tombstones)
{
	struct conf_lexer lexer;
	struct block block;

	conf_lexer_init(&lexer, "", sorting->text, length);
	while (!sorting->error && block_next(&lexer, &block)) {
		if (block.destroyed == tombstones)
			sort_block(sorting, &block);
		free(block.name);
	}
}

/* What was destroyed makes room for what was made in its place. */
static void sort_all(struct sorting *sorting, size_t length)
{
	sort_out(sorting, length, true);
	if (!sorting->error && sorting->gone_count > 0)
		sorting->error = config_destroy_instances(
			sorting->config, sorting->gone, sorting->gone_count);
	free(sorting->gone);
	sort_out(sorting, length, false);
}

/* A stream over memory that was never written to still has a buffer: none means none. */
static int finish_aside(struct overlay_aside *aside, FILE *kept, FILE *names)
{
	int kept_error = memstream_close(kept);
	int names_error = memstream_close(names);

	if (kept_error || names_error || aside->length == 0)
		overlay_aside_clear(aside);
	return kept_error ? kept_error : names_error;
}

/* The blocks of `text` but those of that name. */
static void copy_others(const char *text, size_t length, const char *name, FILE *kept, FILE *names)
{
	struct conf_lexer lexer;
	struct block block;

	conf_lexer_init(&lexer, "", text, length);
	while (block_next(&lexer, &block)) {
		if (strcmp(block.name, name) != 0) {
			fwrite(text + block.start, 1, block.end - block.start, kept);
			fputc('\n', kept);
			fprintf(names, "%s%s", ftell(names) > 0 ? ", " : "", block.name);
		}
		free(block.name);
	}
}

int overlay_aside_without(
	const struct overlay_aside *aside, const char *name, struct overlay_aside *rest)
{
	size_t names_length;
	FILE *kept, *names;

	*rest = (struct overlay_aside){0};
	if (!name || aside->length == 0)
		return 0;
	kept = open_memstream(&rest->text, &rest->length);
	names = open_memstream(&rest->names, &names_length);
	if (kept && names)
		copy_others(aside->text, aside->length, name, kept, names);
	return finish_aside(rest, kept, names);
}

int overlay_apply(struct config *config, const char *path, const char *text, size_t length,
	struct overlay_aside *aside, struct conf_diagnostics *diagnostics)
{
	struct sorting sorting = {.config = config};
	size_t names_length;
	int error;

	*aside = (struct overlay_aside){0};
	if (length == 0)
		return 0;
	/* An empty line stands for the store's first one, so that line numbers fit the file. */
	if (asprintf(&sorting.text, "\n%.*s", (int)length, text) < 0)
		return -ENOMEM;
	sorting.kept = open_memstream(&aside->text, &aside->length);
	sorting.names = open_memstream(&aside->names, &names_length);
	if (sorting.kept && sorting.names)
		sort_all(&sorting, length + 1);
	error = finish_aside(aside, sorting.kept, sorting.names);
	if (!error)
		error = sorting.error;
	if (!error)
		error = conf_edit(config, path, sorting.text, length + 1, diagnostics);
	if (error)
		overlay_aside_clear(aside);
	free(sorting.text);
	return error;
}

void overlay_write(const struct config *config, FILE *stream)
{
	conf_dump_overlay(config, stream);
	for (size_t i = 0; i < config->destroyed.count; i++) {
		fputs("vrrp_instance ", stream);
		conf_write_word(config->destroyed.items[i], stream);
		fputs(" {\n    " BLOCK_DESTROYED "\n}\n", stream);
	}
}

int overlay_render(
	const struct config *config, const struct overlay_aside *aside, char **text, size_t *length)
{
	FILE *stream;

	*text = NULL;
	stream = open_memstream(text, length);
	if (!stream)
		return -ENOMEM;
	overlay_write(config, stream);
	if (aside->length > 0)
		fwrite(aside->text, 1, aside->length, stream);
	return memstream_text(stream, text) ? 0 : -ENOMEM;
}
