/* SPDX-License-Identifier: ISC */
#include "agent/core/blocks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What management makes says all of these; what it changes of the file's hardly ever does. */
static const char *const complete_words[] = {"interface", "virtual_router_id", "version"};

#define COMPLETE_WORDS (sizeof(complete_words) / sizeof(complete_words[0]))

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

/* Which of complete_words it is, as a bit; 0: none. */
static unsigned completing(const struct conf_token *token)
{
	for (unsigned i = 0; i < COMPLETE_WORDS; i++) {
		if (is_word(token, complete_words[i]))
			return 1u << i;
	}
	return 0;
}

/* Reads on to the brace that closes the block, or the end of the text. */
static void take_body(struct conf_lexer *lexer, struct block *block)
{
	unsigned depth = 0, said = 0;

	for (;;) {
		struct conf_token token = conf_lexer_next(lexer);

		if (token.kind == TOKEN_OPEN && depth++ == 0)
			block->open = lexer->position;
		else if (token.kind == TOKEN_CLOSE && depth > 0)
			block->closed = --depth == 0;
		if (depth == 1 && token.first_on_line) {
			said |= completing(&token);
			block->destroyed |= is_word(&token, BLOCK_DESTROYED);
		}
		block->complete = said == (1u << COMPLETE_WORDS) - 1;
		block->end = lexer->position;
		block->close = token.kind == TOKEN_CLOSE ? block->end - 1 : block->end;
		if (token.kind == TOKEN_END || (token.kind == TOKEN_CLOSE && depth == 0))
			return;
	}
}

bool block_next(struct conf_lexer *lexer, struct block *block)
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

static int by_name(const void *left, const void *right)
{
	const struct block *a = left, *b = right;

	return strcmp(a->name, b->name);
}

int block_list_read(struct block_list *list, const char *text, size_t length)
{
	struct conf_lexer lexer;
	struct block block;

	conf_lexer_init(&lexer, "", text, length);
	while (block_next(&lexer, &block)) {
		struct block *grown = list->items;

		if ((list->count & (list->count - 1)) == 0)
			grown = reallocarray(list->items, list->count ? 2 * list->count : 1,
				sizeof(*list->items));
		if (!grown) {
			free(block.name);
			return -ENOMEM;
		}
		list->items = grown;
		list->items[list->count++] = block;
	}
	if (list->count > 0)
		qsort(list->items, list->count, sizeof(*list->items), by_name);
	return 0;
}

void block_list_clear(struct block_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i].name);
	free(list->items);
	*list = (struct block_list){0};
}

const struct block *block_list_find(const struct block_list *list, const char *name)
{
	const struct block key = {.name = (char *)name};
	const struct block *found = NULL, *end = list->items + list->count;

	if (list->count > 0)
		found = bsearch(&key, list->items, list->count, sizeof(*list->items), by_name);
	if (!found || (found > list->items && strcmp(found[-1].name, name) == 0) ||
		(found + 1 < end && strcmp(found[1].name, name) == 0))
		return NULL;
	return found;
}

void block_cursor_init(struct block_cursor *cursor, const char *text, const struct block *block)
{
	conf_lexer_init(&cursor->lexer, "", text + block->open, block->close - block->open);
	cursor->open = block->open;
	cursor->token = conf_lexer_next(&cursor->lexer);
}

static bool is_condition(const char *word)
{
	return word[0] == '@';
}

/* Conditions begin a line, definitions and sequences have these signs anywhere. */
static bool is_made(const struct conf_token *token)
{
	return token->kind == TOKEN_INCLUDE || memchr(token->start, '$', token->length) ||
	       memchr(token->start, '~', token->length) ||
	       (token->length > 0 && is_condition(token->start));
}

/* The next token that is no end of line. */
static struct conf_token skip_lines(struct conf_lexer *lexer, struct conf_token token)
{
	while (token.kind == TOKEN_NEWLINE)
		token = conf_lexer_next(lexer);
	return token;
}

bool block_cursor_next(struct block_cursor *cursor, struct block_statement *statement)
{
	struct conf_token token = cursor->token;
	unsigned depth = 0;

	while (token.kind != TOKEN_WORD && token.kind != TOKEN_INCLUDE && token.kind != TOKEN_END)
		token = conf_lexer_next(&cursor->lexer);
	if (token.kind == TOKEN_END)
		return false;
	*statement = (struct block_statement){
		.start = cursor->open + (size_t)(token.start - cursor->lexer.text),
		.word = token.start,
		.word_length = token.length,
	};
	do {
		if (token.kind == TOKEN_WORD && is_condition(statement->word)) {
			statement->word = token.start;
			statement->word_length = token.length;
		}
		statement->end = cursor->open + cursor->lexer.position;
		statement->made = statement->made || is_made(&token);
		depth += token.kind == TOKEN_OPEN;
		depth -= token.kind == TOKEN_CLOSE;
		token = conf_lexer_next(&cursor->lexer);
		if (token.kind == TOKEN_NEWLINE) {
			/* a block may open on a line of its own */
			token = skip_lines(&cursor->lexer, token);
			if (depth == 0 && token.kind != TOKEN_OPEN)
				break;
		}
	} while (token.kind != TOKEN_END &&
		 (depth > 0 || token.kind == TOKEN_WORD || token.kind == TOKEN_OPEN));
	cursor->token = token;
	return true;
}
