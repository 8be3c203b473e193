/* SPDX-License-Identifier: ISC */
/* Commands with their arguments and users, and the paths of FIFOs. */
#include <string.h>

#include "agent/conf/meant.h"
#include "agent/conf/parse.h"

#define error(parser, argument, ...) \
	conf_diagnose((parser)->diagnostics, CONF_ERROR, &(argument)->place, __VA_ARGS__)

/*
 * The next piece of a quoted command into `out`: spaces separate, quotes within keep them.
 * Returns what follows, or NULL when nothing is left.
 */
static const char *command_piece(const char *text, char *out)
{
	char quote = 0;

	text += strspn(text, " \t\n");
	if (!*text)
		return NULL;
	for (; *text && (quote || !strchr(" \t\n", *text)); text++) {
		if (!quote && (*text == '\'' || *text == '"'))
			quote = *text;
		else if (quote && *text == quote)
			quote = 0;
		else
			*out++ = *text;
	}
	*out = '\0';
	return text;
}

static bool read_command(struct conf_parser *parser, const struct conf_argument *argument,
	struct notify_script *script)
{
	char *piece = arena_alloc(parser->scratch, strlen(argument->value) + 1);
	const char *rest = argument->value;

	if (!piece) {
		parser->out_of_memory = true;
		return false;
	}
	while (argument->quoted ? (rest = command_piece(rest, piece)) != NULL : *rest != '\0') {
		/* one more for the NULL at the end, which the arena has zeroed or we set */
		const char **argv =
			conf_append(parser, script->argv, script->argc, 2 * sizeof(*script->argv));

		if (!argv)
			return false;
		script->argv = argv;
		script->argv[script->argc++] = conf_keep(parser, argument->quoted ? piece : rest);
		script->argv[script->argc] = NULL;
		if (!argument->quoted)
			break;
	}
	return true;
}

/* Quoted or not, it is one. */
static bool read_path(struct conf_parser *parser, const struct conf_argument *argument,
	struct notify_script *script)
{
	script->argv = config_alloc(parser->config, 2 * sizeof(*script->argv));
	if (!script->argv) {
		parser->out_of_memory = true;
		return false;
	}
	script->argv[0] = conf_keep(parser, argument->value);
	script->argc = 1;
	return true;
}

static bool has_words(const struct notify_script *script)
{
	return script->argc > 0 && script->argv[0][0];
}

bool conf_assign_command(struct conf_parser *parser, const struct conf_word *word,
	struct notify_script *value, const struct conf_statement *statement)
{
	const bool has_user = !(word->flags & CONF_NO_USER);
	const size_t most = has_user ? 4 : 2; /* words of the line */
	const struct conf_word *joined =
		statement->count > 2 ? conf_meant_joined(word->context, statement) : NULL;
	struct notify_script script = {0};

	if (word->flags & CONF_BARE && statement->count == 1) {
		*value = (struct notify_script){.bare = true};
		return true;
	}
	if (joined) {
		error(parser, &statement->words[0], "'%s %s': did you mean %s?", word->word,
			statement->words[1].value, joined->word);
		return false;
	}
	if (statement->count > 1 && !statement->words[1].quoted &&
		conf_meant_quote(statement->words[1].value)) {
		error(parser, &statement->words[1],
			"the quotation mark before %s is one of print: write \" on both sides",
			word->kind == KIND_FIFO ? "the path" : "the command");
		return false;
	}
	if (word->kind == KIND_COMMAND && statement->count > most) {
		error(parser, &statement->words[most],
			"'%s' behind the command: arguments go into quotes with it",
			statement->words[most].value);
		return false;
	}
	if (!conf_has_arguments(parser, statement, 1, most - 1,
		    word->kind == KIND_FIFO ? "a FIFO's path" : "a command"))
		return false;
	if (!(word->kind == KIND_FIFO ? read_path(parser, &statement->words[1], &script)
				      : read_command(parser, &statement->words[1], &script)))
		return false;
	if (has_user && word->kind == KIND_COMMAND && !has_words(&script)) {
		conf_diagnose(parser->diagnostics, CONF_WARNING, &statement->words[1].place,
			"%s names no command: nothing is run", word->word);
		*value = (struct notify_script){.bare = word->flags & CONF_BARE};
		return true;
	}
	if (!has_words(&script)) {
		error(parser, &statement->words[1], "%s must name a %s", word->word,
			word->kind == KIND_FIFO ? "FIFO" : "command");
		return false;
	}
	if (statement->count > 2)
		script.user = conf_keep(parser, statement->words[2].value);
	if (statement->count > 3)
		script.group = conf_keep(parser, statement->words[3].value);
	if (!has_user) {
		script.user = value->user;
		script.group = value->group;
	}
	*value = script;
	return true;
}
