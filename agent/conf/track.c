/* SPDX-License-Identifier: ISC */
/* Lines of track_script, track_process and track_file, and the words of what they name. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "agent/conf/parse.h"
#include "agent/conf/value.h"

#define error(parser, argument, ...) \
	conf_diagnose((parser)->diagnostics, CONF_ERROR, &(argument)->place, __VA_ARGS__)

/* "5", "-20 reverse" from the word at `first` on; `noreverse` only where a line takes back what the
 * tracker says. */
static bool read_weight(struct conf_parser *parser, const struct conf_statement *statement,
	size_t first, int limit, bool may_deny, struct weight *weight, bool *reverse_written)
{
	const struct conf_argument *words = statement->words;
	int result;

	if (first >= statement->count) {
		error(parser, &words[first - 1], "%s needs a number, %d..%d",
			words[first - 1].value, -limit, limit);
		return false;
	}
	result = conf_read_signed(words[first].value, -limit, limit, &weight->value);
	if (result < 0) {
		error(parser, &words[first], "weight must be a whole number, %d..%d, not '%s'",
			-limit, limit, words[first].value);
		return false;
	}
	if (first + 1 == statement->count)
		return true;
	weight->reverse = strcmp(words[first + 1].value, "reverse") == 0;
	*reverse_written = true;
	if (!weight->reverse && !(may_deny && strcmp(words[first + 1].value, "noreverse") == 0)) {
		error(parser, &words[first + 1], "'%s' behind weight: only %s can follow",
			words[first + 1].value, may_deny ? "reverse or noreverse" : "reverse");
		return false;
	}
	if (first + 2 == statement->count)
		return true;
	error(parser, &words[first + 2], "'%s' is one word too many: remove it",
		words[first + 2].value);
	return false;
}

bool conf_assign_weight(struct conf_parser *parser, const struct conf_word *word,
	struct weight *value, const struct conf_statement *statement)
{
	struct weight weight = {0};
	bool ignored;

	if (!read_weight(parser, statement, 1, (int)word->maximum, false, &weight, &ignored))
		return false;
	*value = weight;
	return true;
}

bool conf_assign_program(struct conf_parser *parser, struct notify_script *value,
	const struct conf_statement *statement)
{
	struct notify_script program = {0};
	size_t length = 0;

	if (statement->count < 2 || !statement->words[1].value[0]) {
		error(parser, &statement->words[statement->count - 1],
			"process needs the name of a process");
		return false;
	}
	for (size_t i = 1; i < statement->count; i++)
		length += strlen(statement->words[i].value) + 1;
	if (length > IMAGE_COMMAND_LINE) {
		error(parser, &statement->words[1], "process: more than %d characters",
			IMAGE_COMMAND_LINE);
		return false;
	}
	program.argv = config_alloc(parser->config, statement->count * sizeof(*program.argv));
	if (!program.argv) {
		parser->out_of_memory = true;
		return false;
	}
	for (size_t i = 1; i < statement->count; i++)
		program.argv[program.argc++] = conf_keep(parser, statement->words[i].value);
	*value = program;
	return true;
}

bool conf_assign_init_file(
	struct conf_parser *parser, struct init_file *value, const struct conf_statement *statement)
{
	bool has_number = false;

	value->value = 0;
	value->overwrite = false;
	value->written = true;
	for (size_t i = 1; i < statement->count; i++) {
		const struct conf_argument *word = &statement->words[i];

		if (!value->overwrite && strcmp(word->value, "overwrite") == 0) {
			value->overwrite = true;
		} else if (has_number ||
			   conf_read_signed(word->value, INT_MIN, INT_MAX, &value->value) < 0) {
			error(parser, word,
				"'%s' behind init_file: only a number, %d..%d, and overwrite can "
				"follow",
				word->value, INT_MIN, INT_MAX);
			return false;
		} else {
			has_number = true;
		}
	}
	return true;
}

bool conf_assign_run_as(struct conf_parser *parser, struct notify_script *value,
	const struct conf_statement *statement)
{
	if (statement->count < 2 || statement->count > 3) {
		error(parser, &statement->words[statement->count - 1],
			"user needs the name of a user, and of a group if it is not the user's");
		return false;
	}
	value->user = conf_keep(parser, statement->words[1].value);
	value->group = statement->count > 2 ? conf_keep(parser, statement->words[2].value) : NULL;
	return true;
}

void conf_assign_tracked(struct conf_parser *parser, const struct conf_word *word,
	struct tracked_list *list, const struct conf_statement *statement)
{
	const struct conf_argument *words = statement->words;
	struct tracked tracked = {0};
	struct weight weight = {0};
	struct tracked *items;

	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].name, words[0].value) == 0) {
			error(parser, &words[0], "%s is in %s twice: remove one line",
				words[0].value, word->word);
			return;
		}
	if (statement->count > 1 && strcmp(words[1].value, "weight") != 0) {
		error(parser, &words[1], "'%s' behind %s: only weight can follow", words[1].value,
			words[0].value);
		return;
	}
	if (statement->count > 1 && !read_weight(parser, statement, 2, (int)word->maximum, true,
					    &weight, &tracked.reverse_written))
		return;
	tracked.weight = weight.value;
	tracked.reverse = weight.reverse;
	tracked.weight_written = statement->count > 1;
	tracked.name = conf_keep(parser, words[0].value);
	tracked.origin = conf_origin(parser, &words[0].place);
	items = conf_append(parser, list->items, list->count, sizeof(*items));
	if (!items)
		return;
	list->items = items;
	list->items[list->count++] = tracked;
}
