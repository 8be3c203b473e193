/* SPDX-License-Identifier: ISC */
#include "agent/core/overlay.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/conf/dump.h"
#include "agent/conf/lexer.h"
#include "agent/conf/load.h"

/* A vrrp_instance block: where it lies in the text, and what it says of itself. */
struct block {
	size_t start, end;
	char *name;
	bool complete; /* it names its interface: a router of its own, not a change to one */
};

void overlay_aside_clear(struct overlay_aside *aside)
{
	free(aside->text);
	free(aside->names);
	*aside = (struct overlay_aside){0};
}

static bool is_word(const struct conf_token *token, const char *word)
{
	return token->kind == TOKEN_WORD && token->length == strlen(word) &&
	       memcmp(token->start, word, token->length) == 0;
}

/* The name behind vrrp_instance, the caller's; NULL if there is none, for the parser to tell. */
static char *take_name(struct conf_lexer *lexer)
{
	struct conf_token token = conf_lexer_next(lexer);
	char *name = token.kind == TOKEN_WORD ? malloc(token.length + 1) : NULL;

	if (name && conf_token_value(&token, name) < 0) {
		free(name);
		return NULL;
	}
	return name;
}

/* Reads on to the brace that closes the block, or the end of the text. */
static void take_body(struct conf_lexer *lexer, struct block *block)
{
	unsigned depth = 0;

	for (;;) {
		struct conf_token token = conf_lexer_next(lexer);

		if (token.kind == TOKEN_OPEN)
			depth++;
		else if (token.kind == TOKEN_CLOSE && depth > 0)
			depth--;
		else if (depth == 1 && token.first_on_line && is_word(&token, "interface"))
			block->complete = true;
		block->end = lexer->position;
		if (token.kind == TOKEN_END || (token.kind == TOKEN_CLOSE && depth == 0))
			return;
	}
}

/* The next block, whose name is the caller's; false at the end. */
static bool next_block(struct conf_lexer *lexer, struct block *block)
{
	for (;;) {
		struct conf_token token = conf_lexer_next(lexer);

		if (token.kind == TOKEN_END)
			return false;
		if (!is_word(&token, "vrrp_instance"))
			continue;
		*block = (struct block){.start = (size_t)(token.start - lexer->text)};
		block->name = take_name(lexer);
		if (!block->name)
			continue;
		take_body(lexer, block);
		return true;
	}
}

/* Blanks the block in `text`, where line numbers are to stay, and writes it to `kept`. */
static void set_aside(char *text, const struct block *block, FILE *kept, FILE *names)
{
	fwrite(text + block->start, 1, block->end - block->start, kept);
	fputc('\n', kept);
	fprintf(names, "%s%s", ftell(names) > 0 ? ", " : "", block->name);
	for (size_t at = block->start; at < block->end; at++)
		if (text[at] != '\n')
			text[at] = ' ';
}

static void sort_out(
	const struct config *config, char *text, size_t length, FILE *kept, FILE *names)
{
	struct conf_lexer lexer;
	struct block block;

	conf_lexer_init(&lexer, "", text, length);
	while (next_block(&lexer, &block)) {
		if (!block.complete && !config_find_name(config, block.name))
			set_aside(text, &block, kept, names);
		free(block.name);
	}
}

static int close_stream(FILE *stream)
{
	bool failed = !stream || ferror(stream);

	if (stream && fclose(stream) != 0)
		failed = true;
	return failed ? -ENOMEM : 0;
}

/* A stream over memory that was never written to still has a buffer: none means none. */
static int finish_aside(struct overlay_aside *aside, FILE *kept, FILE *names)
{
	int kept_error = close_stream(kept);
	int names_error = close_stream(names);

	if (kept_error || names_error || aside->length == 0)
		overlay_aside_clear(aside);
	return kept_error ? kept_error : names_error;
}

int overlay_apply(struct config *config, const char *path, const char *text, size_t length,
	struct overlay_aside *aside, struct conf_diagnostics *diagnostics)
{
	size_t names_length;
	FILE *kept, *names;
	char *copy;
	int error;

	*aside = (struct overlay_aside){0};
	if (length == 0)
		return 0;
	/* An empty line stands for the store's first one, so that line numbers fit the file. */
	if (asprintf(&copy, "\n%.*s", (int)length, text) < 0)
		return -ENOMEM;
	kept = open_memstream(&aside->text, &aside->length);
	names = open_memstream(&aside->names, &names_length);
	if (kept && names)
		sort_out(config, copy, length + 1, kept, names);
	error = finish_aside(aside, kept, names);
	if (!error)
		error = conf_apply_overlay(config, path, copy, length + 1, diagnostics);
	if (error)
		overlay_aside_clear(aside);
	free(copy);
	return error;
}

int overlay_render(
	const struct config *config, const struct overlay_aside *aside, char **text, size_t *length)
{
	FILE *stream;
	int error;

	*text = NULL;
	stream = open_memstream(text, length);
	if (!stream)
		return -ENOMEM;
	conf_dump_overlay(config, stream);
	if (aside->length > 0)
		fwrite(aside->text, 1, aside->length, stream);
	error = close_stream(stream);
	if (error) {
		free(*text);
		*text = NULL;
	}
	return error;
}
