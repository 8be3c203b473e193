/* SPDX-License-Identifier: ISC */
/* Blocks and statements; what they mean is written by assign.c. */
#include "agent/conf/parse.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/conf/meant.h"

#define error(parser, where, ...) \
	conf_diagnose((parser)->diagnostics, CONF_ERROR, (where), __VA_ARGS__)

/* A block that is being read. */
struct block {
	const struct conf_word *word; /* NULL: the text as a whole */
	const char *name;	      /* of a named block, or NULL */
	struct conf_place place;      /* where it was opened */
	enum conf_context context;
	struct conf_target *target; /* NULL: words are only looked up */
};

static bool is_keyword_block(const struct conf_word *word)
{
	return word->kind == KIND_BLOCK || word->kind == KIND_NAMED_BLOCK;
}

static struct conf_argument *add_argument(struct conf_parser *parser)
{
	struct conf_statement *statement = &parser->statement;
	size_t room = statement->room ? 2 * statement->room : 8;
	struct conf_argument *grown;

	if (statement->count == statement->room) {
		grown = reallocarray(statement->words, room, sizeof(*grown));
		if (!grown) {
			parser->out_of_memory = true;
			return NULL;
		}
		statement->words = grown;
		statement->room = room;
	}
	return &statement->words[statement->count++];
}

static void add_word(struct conf_parser *parser, const struct conf_token *token)
{
	char *value = arena_alloc(parser->scratch, token->length + 1);
	struct conf_argument *argument = value ? add_argument(parser) : NULL;

	if (!argument) {
		parser->out_of_memory = true;
		return;
	}
	*argument =
		(struct conf_argument){value, token->place, token->quoted, token->glued_comment};
	if (conf_token_value(token, value) < 0) {
		error(parser, &token->place,
			"a zero octet in quotes: write \\\\0 for the two characters");
		parser->statement.bad = true;
	}
}

static bool is_backslash(const struct conf_token *token)
{
	return token->length == 1 && *token->start == '\\';
}

/* Collect the words from this token to the end of the line or a brace. */
static void read_statement(struct conf_parser *parser, struct conf_token token)
{
	parser->statement.count = 0;
	parser->statement.bad = false;
	parser->statement.headless = token.kind == TOKEN_BAD;
	for (;; token = conf_stream_next(&parser->stream)) {
		if (token.kind == TOKEN_WORD && is_backslash(&token)) {
			error(parser, &token.place,
				"only a definition goes on behind a backslash: write one line");
			parser->statement.bad = true;
			token = conf_stream_next(&parser->stream);
			if (token.kind != TOKEN_NEWLINE)
				conf_stream_back(&parser->stream, &token);
		} else if (token.kind == TOKEN_BAD) {
			parser->statement.bad = true;
		} else if (token.kind == TOKEN_WORD) {
			add_word(parser, &token);
		} else {
			conf_stream_back(&parser->stream, &token);
			return;
		}
	}
}

/* What is missing in the target is not its writer's fault. */
static void set_unreadable(const struct conf_target *target)
{
	if (target && target->unreadable)
		*target->unreadable = true;
}

/* Whether a block opens here or on one of the next lines; if so its brace is taken. */
static bool take_open(struct conf_parser *parser)
{
	struct conf_token token;

	do
		token = conf_stream_next(&parser->stream);
	while (token.kind == TOKEN_NEWLINE);
	if (token.kind == TOKEN_OPEN)
		return true;
	conf_stream_back(&parser->stream, &token);
	return false;
}

static void not_closed(
	struct conf_parser *parser, const struct block *block, const struct conf_place *cut)
{
	char before[128] = "the end of the file";

	if (!block->word || parser->stream.expander.exhausted)
		return;
	if (cut)
		snprintf(before, sizeof(before), "%.40s in line %u",
			parser->statement.words[0].value, cut->line);
	error(parser, &block->place,
		"%s%s%s is opened here and not closed: '}' is missing before %s", block->word->word,
		block->name ? " " : "", block->name ? block->name : "", before);
}

/* Pass over a block whose brace has been taken. */
static void skip_block(struct conf_parser *parser, const struct block *block)
{
	unsigned depth = 1;

	while (depth > 0) {
		struct conf_token token = conf_stream_next(&parser->stream);

		if (token.kind == TOKEN_END) {
			not_closed(parser, block, NULL);
			return;
		}
		depth += token.kind == TOKEN_OPEN;
		depth -= token.kind == TOKEN_CLOSE;
	}
	return;
}

static void unknown_word(struct conf_parser *parser, const struct block *block)
{
	const struct conf_argument *argument = &parser->statement.words[0];
	const struct conf_word *near;
	const struct conf_remedy remedy =
		conf_meant_word(block->context, &parser->statement, 0, &near);
	const struct conf_word *elsewhere =
		conf_meant_joined(block->context, &parser->statement)
			? NULL
			: conf_word_elsewhere(block->context, argument->value);
	const struct conf_word *here = conf_word_counterpart(block->context, argument->value);
	const char *where = conf_context_name(block->context);

	if (here && elsewhere && here->kind != elsewhere->kind)
		here = NULL; /* vrrp_priority is not the priority of all */
	if (elsewhere)
		error(parser, &argument->place, "%s does not belong in %s but in %s%s%s",
			argument->value, where, conf_context_name(elsewhere->context),
			here ? "; here it is " : "", here ? here->word : "");
	else
		error(parser, &argument->place, "unknown word '%.*s' in %s%s",
			conf_meant_shown(argument->value), argument->value, where, remedy.text);
	if (near && !elsewhere && block->target)
		conf_assign_misspelt(parser, near, block->target, &argument->place);
}

/*
 * A word that only the block around this one knows means that '}' was forgotten. Of the words of
 * the top level only those count that open a block, since the others are short and common.
 */
static bool belongs_outside(const struct conf_parser *parser, const struct block *block)
{
	const struct conf_argument *argument = &parser->statement.words[0];
	const struct conf_word *word;

	if (!block->word || parser->statement.count == 0 || argument->quoted)
		return false;
	if ((!conf_word_is_list(block->word) || block->context != CONTEXT_TOP) &&
		conf_word_find(block->context, argument->value))
		return false;
	word = conf_word_find(CONTEXT_TOP, argument->value);
	if (word && is_keyword_block(word))
		return true;
	return block->word->context != CONTEXT_TOP &&
	       conf_word_find(block->word->context, argument->value);
}

static void parse_block(struct conf_parser *parser, const struct block *block);

static bool check_block_words(struct conf_parser *parser, const struct conf_word *word)
{
	const struct conf_statement *statement = &parser->statement;
	const struct conf_word *joined;
	size_t wanted = word->kind == KIND_NAMED_BLOCK ? 2 : 1;

	if (statement->count < wanted || (wanted == 2 && !statement->words[1].value[0])) {
		error(parser, &statement->words[0].place, "%s needs a name: %s NAME {", word->word,
			word->word);
		return false;
	}
	if (statement->count <= wanted)
		return true;
	joined = conf_meant_joined(word->context, statement);
	if (joined)
		error(parser, &statement->words[0].place, "'%s %s': did you mean %s?", word->word,
			statement->words[1].value, joined->word);
	else
		error(parser, &statement->words[wanted].place, "'%s' is one word too many for %s%s",
			statement->words[wanted].value, word->word,
			wanted == 1 ? ": what it says stands between { and }"
				    : ": a name with spaces needs quotes");
	return false;
}

static void parse_keyword_block(
	struct conf_parser *parser, const struct block *outer, const struct conf_word *word)
{
	struct block block = {
		.word = word,
		.name = parser->statement.count > 1 ? parser->statement.words[1].value : NULL,
		.place = parser->statement.words[0].place,
		.context = word->inside,
	};
	bool sound = !parser->statement.bad && check_block_words(parser, word);
	struct conf_target target = {0};

	if (outer->target || outer->context == CONTEXT_TOP)
		sound = conf_check_status(parser, word, &block.place) && sound;
	if (sound)
		block.target = conf_begin_block(parser, word, outer->target, &target);
	if (!take_open(parser))
		error(parser, &block.place, "'{' is missing behind %s%s%s", word->word,
			block.name ? " " : "", block.name ? block.name : "");
	parse_block(parser, &block);
}

/* A statement whose words are not looked into, with its block if it has one. */
static void skip_statement(
	struct conf_parser *parser, const struct block *outer, const struct conf_word *word)
{
	const struct block block = {.word = word ? word : outer->word,
		.name = word ? NULL : outer->name,
		.place = parser->statement.words[0].place};

	if (take_open(parser))
		skip_block(parser, &block);
}

/* The lines of a list block. */
static void parse_list(
	struct conf_parser *parser, const struct block *outer, const struct conf_word *word)
{
	const struct block block = {
		.word = word, .place = parser->statement.words[0].place, .context = word->inside};
	struct conf_target *target =
		word->context == CONTEXT_TOP ? &parser->globals : outer->target;

	if (!check_block_words(parser, word)) {
		skip_statement(parser, outer, word);
		return;
	}
	if (!take_open(parser)) {
		error(parser, &block.place, "'{' is missing behind %s", word->word);
		return;
	}
	if (target && !conf_check_status(parser, word, &block.place))
		target = NULL;
	if (target)
		conf_assign_list(parser, word, target, &block.place);
	for (;;) {
		struct conf_token token = conf_stream_next(&parser->stream);

		if (token.kind == TOKEN_CLOSE)
			return;
		if (token.kind == TOKEN_END) {
			not_closed(parser, &block, NULL);
			return;
		}
		if (token.kind == TOKEN_OPEN) {
			error(parser, &token.place,
				"'{' does not belong in %s: remove it with its '}'", word->word);
			skip_block(parser, &block);
		}
		if (token.kind != TOKEN_WORD && token.kind != TOKEN_BAD)
			continue;
		read_statement(parser, token);
		if (parser->statement.bad)
			set_unreadable(outer->target);
		if (!parser->statement.bad && belongs_outside(parser, &block)) {
			not_closed(parser, &block, &parser->statement.words[0].place);
			parser->has_statement = true;
			return;
		}
		if (target && !parser->statement.bad && parser->statement.count > 0)
			conf_assign_item(parser, word, target, &parser->statement);
	}
}

static void parse_statement(struct conf_parser *parser, const struct block *block)
{
	const struct conf_statement *statement = &parser->statement;
	const struct conf_word *word;

	if (statement->bad)
		set_unreadable(block->target);
	if (statement->headless && take_open(parser))
		skip_block(parser, block);
	if (statement->headless || statement->count == 0)
		return;
	word = conf_word_find(block->context, statement->words[0].value);
	if (!word) {
		if (!statement->bad)
			unknown_word(parser, block);
		skip_statement(parser, block, NULL);
		return;
	}
	if (parser->author != AUTHOR_ROOT && conf_word_is_roots(word)) {
		error(parser, &statement->words[0].place,
			"%s can make whoever writes it root, by the program or the user it names: "
			"set it as root, or write it into the configuration file",
			word->word);
		skip_statement(parser, block, word);
		return;
	}
	if (is_keyword_block(word)) {
		parse_keyword_block(parser, block, word);
	} else if (conf_word_is_list(word)) {
		parse_list(parser, block, word);
	} else if (word->kind == KIND_SKIPPED) {
		if (block->target || block->context == CONTEXT_TOP)
			conf_check_status(parser, word, &statement->words[0].place);
		skip_statement(parser, block, word);
	} else if (block->context == CONTEXT_TOP && !statement->bad) {
		conf_assign(parser, word, &parser->globals, statement);
	} else if (block->target && !statement->bad) {
		conf_assign(parser, word, block->target, statement);
	}
}

/* The statement that begins with this token, or that an inner block has left. */
static bool next_statement(
	struct conf_parser *parser, const struct block *block, const struct conf_token *token)
{
	if (token)
		read_statement(parser, *token);
	parser->has_statement = false;
	if (!parser->statement.bad && belongs_outside(parser, block)) {
		not_closed(parser, block, &parser->statement.words[0].place);
		parser->has_statement = true;
		return true;
	}
	parse_statement(parser, block);
	return false;
}

static void parse_block(struct conf_parser *parser, const struct block *block)
{
	while (!parser->out_of_memory) {
		struct conf_token token;

		/* what an inner block was cut by comes here first */
		if (parser->has_statement) {
			if (next_statement(parser, block, NULL))
				return;
			continue;
		}
		token = conf_stream_next(&parser->stream);
		if (token.kind == TOKEN_WORD || token.kind == TOKEN_BAD) {
			if (next_statement(parser, block, &token))
				return;
		} else if (token.kind == TOKEN_OPEN) {
			error(parser, &token.place,
				"'{' without a keyword before it: write one, or remove both it and "
				"its '}'");
			skip_block(parser, block);
		} else if (token.kind == TOKEN_CLOSE && block->word) {
			return;
		} else if (token.kind == TOKEN_CLOSE) {
			error(parser, &token.place,
				"'}' closes nothing: remove it, or one that stands too early "
				"above");
		} else if (token.kind == TOKEN_END) {
			not_closed(parser, block, NULL);
			return;
		}
	}
	return;
}

static void report_use(
	struct conf_parser *parser, const struct conf_word *word, const struct conf_use *use)
{
	const char *advice = conf_word_advice(word);
	char times[48] = "";

	if (use->count > 1)
		snprintf(times, sizeof(times), " (%zu times in all)", use->count);
	conf_diagnose(parser->diagnostics, CONF_WARNING, &use->place,
		"%s is known but has no effect here%s%s%s", word->word, times, advice ? ": " : "",
		advice ? advice : "");
}

static void report_uses(struct conf_parser *parser)
{
	for (size_t i = 0; i < conf_word_count; i++)
		if (parser->ignored[i].count > 0)
			report_use(parser, &conf_words[i], &parser->ignored[i]);
}

static int begin(struct conf_parser *parser, const struct conf_source *source,
	struct conf_diagnostics *diagnostics)
{
	int result = conf_stream_init(&parser->stream, source, diagnostics, NULL);

	parser->diagnostics = diagnostics;
	parser->globals.base = &parser->config->globals;
	parser->globals.origins = parser->config->globals.origins;
	parser->scratch = arena_new();
	parser->ignored = calloc(conf_word_count, sizeof(*parser->ignored));
	return parser->scratch && parser->ignored ? result : -ENOMEM;
}

static int finish(struct conf_parser *parser, int result)
{
	if (parser->ignored)
		report_uses(parser);
	parser->out_of_memory |= parser->stream.out_of_memory;
	conf_stream_free(&parser->stream);
	arena_free(parser->scratch);
	free(parser->ignored);
	free(parser->statement.words);
	return result == 0 && parser->out_of_memory ? -ENOMEM : result;
}

int conf_parse(const struct conf_source *source, enum origin_kind kind, struct config *config,
	struct conf_diagnostics *diagnostics)
{
	const struct block top = {.context = CONTEXT_TOP};
	struct conf_parser parser = {.config = config, .kind = kind};
	int result = begin(&parser, source, diagnostics);

	if (result == 0)
		parse_block(&parser, &top);
	return finish(&parser, result);
}

int conf_parse_attribute(const struct conf_source *source, enum conf_author author,
	struct config *config, struct instance *instance, struct conf_diagnostics *diagnostics)
{
	struct conf_parser parser = {.config = config, .kind = ORIGIN_OVERLAY, .author = author};
	struct conf_target target = {instance, instance->origins, {0}, NULL};
	struct block block = {.context = CONTEXT_INSTANCE, .target = &target};
	int result = begin(&parser, source, diagnostics);
	struct conf_token token;

	if (result < 0)
		return finish(&parser, result);
	token = conf_stream_next(&parser.stream);
	if (token.kind == TOKEN_WORD)
		read_statement(&parser, token);
	if (parser.statement.count == 0)
		return finish(&parser, -ENOENT);
	if (conf_word_find(CONTEXT_AUTHENTICATION, parser.statement.words[0].value))
		block.context = CONTEXT_AUTHENTICATION;
	else if (!conf_word_find(CONTEXT_INSTANCE, parser.statement.words[0].value))
		result = -ENOENT;
	parse_statement(&parser, &block);
	do
		token = conf_stream_next(&parser.stream);
	while (token.kind == TOKEN_NEWLINE);
	if (token.kind != TOKEN_END)
		error(&parser, &token.place, "one value was expected, but more follows");
	return finish(&parser, result);
}
