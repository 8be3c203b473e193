/* SPDX-License-Identifier: ISC */
#include "agent/conf/text/sequence.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARGUMENTS_MAX 4 /* VARIABLE, START, STEP, END */
#define ARGUMENT_MAX  64
#define TEXT_MAX      512

/* What stands between the parentheses, as it is used. */
struct arguments {
	char items[ARGUMENTS_MAX][ARGUMENT_MAX];
	size_t count;
};

static const char usage[] = "~SEQ needs (VARIABLE, START, STEP, END), where STEP, or STEP and "
			    "START, may be left out";

bool conf_is_sequence(const struct conf_feed *feed)
{
	int c = conf_feed_peek(feed, 1);

	return conf_feed_peek(feed, 0) == '~' && c >= 'A' && c <= 'Z';
}

/* The text up to `last`, which is dropped; false when it does not come soon enough. */
static bool take_until(struct conf_feed *feed, char last, char *text, size_t room)
{
	for (size_t length = 0; length < room; length++) {
		int c = conf_feed_peek(feed, length);

		if (c < 0)
			return false;
		if (c == last) {
			text[length] = '\0';
			conf_feed_skip(feed, length + 1);
			return true;
		}
		text[length] = (char)c;
	}
	return false;
}

static char *trimmed(char *text)
{
	size_t length;

	while (conf_is_space(*text))
		text++;
	length = strlen(text);
	while (length > 0 && conf_is_space(text[length - 1]))
		text[--length] = '\0';
	return text;
}

/* An argument is read like a line: a name in it ends where the argument ends. */
static bool expand_argument(struct conf_expander *expander, const char *raw,
	const struct conf_place *place, char out[ARGUMENT_MAX])
{
	const struct conf_piece piece = {
		.text = raw, .length = strlen(raw), .place = *place, .fixed = true};
	struct conf_making making = {0};
	bool good = true;

	conf_making_push(&making, &piece);
	conf_expand(expander, &making);
	for (size_t i = 0; i < making.line.run_count; i++)
		good &= !making.runs[i].bad;
	if (good && making.line.length >= ARGUMENT_MAX) {
		conf_expand_error(expander, place, "%s", usage);
		good = false;
	}
	if (good && making.line.length > 0)
		memcpy(out, making.line.text, making.line.length);
	out[good ? making.line.length : 0] = '\0';
	conf_making_free(&making);
	return good;
}

static bool take_arguments(struct conf_expander *expander, struct conf_feed *feed,
	const struct conf_place *place, struct arguments *arguments)
{
	char text[TEXT_MAX], *rest = text, *item;

	*arguments = (struct arguments){0};
	if (!take_until(feed, ')', text, sizeof(text))) {
		conf_expand_error(expander, place, "the ')' of this sequence is missing");
		return false;
	}
	while ((item = strsep(&rest, ","))) {
		if (arguments->count == ARGUMENTS_MAX) {
			conf_expand_error(expander, place, "%s", usage);
			return false;
		}
		if (!expand_argument(
			    expander, trimmed(item), place, arguments->items[arguments->count++]))
			return false;
	}
	return true;
}

/* Decimal, 0x or, with a zero in front, octal; with a sign. */
static bool read_value(struct conf_expander *expander, const struct conf_place *place,
	const char *text, int64_t *value)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(text, &end, 0);
	if (end == text || *end) {
		conf_expand_error(expander, place, "'%s' is not a whole number; %s", text, usage);
		return false;
	}
	if (errno == ERANGE || number > INT32_MAX || number < INT32_MIN) {
		conf_expand_error(expander, place, "'%s' is too large for a sequence", text);
		return false;
	}
	*value = number;
	return true;
}

/* START is 1 or -1 and STEP leads from START to END, unless they are given. */
static bool read_values(struct conf_expander *expander, const struct arguments *arguments,
	const struct conf_place *place, struct conf_sequence *sequence)
{
	size_t count = arguments->count;

	if (!read_value(expander, place, arguments->items[count - 1], &sequence->end))
		return false;
	sequence->next = sequence->end < 0 ? -1 : 1;
	if (count > 2 && !read_value(expander, place, arguments->items[1], &sequence->next))
		return false;
	sequence->step = sequence->end < sequence->next ? -1 : 1;
	if (count > 3 && !read_value(expander, place, arguments->items[2], &sequence->step))
		return false;
	if (sequence->step == 0 || (sequence->step > 0 ? sequence->next > sequence->end
						       : sequence->next < sequence->end)) {
		conf_expand_error(expander, place,
			"with the step %" PRId64 " the sequence never gets from %" PRId64
			" to %" PRId64,
			sequence->step, sequence->next, sequence->end);
		return false;
	}
	if (sequence->hexadecimal && (sequence->next < 0 || sequence->end < 0)) {
		conf_expand_error(expander, place, "~SEQx has no negative numbers");
		return false;
	}
	return true;
}

bool conf_sequence_read(
	struct conf_expander *expander, struct conf_feed *feed, struct conf_sequence *sequence)
{
	const struct conf_place place = conf_feed_place(feed);
	struct arguments arguments;
	char word[8];

	*sequence = (struct conf_sequence){.place = place};
	if (!take_until(feed, '(', word, sizeof(word)) ||
		(strcmp(word, "~SEQ") != 0 && strcmp(word, "~SEQx") != 0)) {
		conf_expand_error(
			expander, &place, "of the words with ~ only ~SEQ( and ~SEQx( are known");
		return false;
	}
	sequence->hexadecimal = strcmp(word, "~SEQx") == 0;
	if (!take_arguments(expander, feed, &place, &arguments))
		return false;
	if (arguments.count < 2 || !*arguments.items[0] ||
		conf_name_length(arguments.items[0], strlen(arguments.items[0])) !=
			strlen(arguments.items[0])) {
		conf_expand_error(expander, &place, "%s", usage);
		return false;
	}
	sequence->name =
		arena_string(expander->arena, arguments.items[0], strlen(arguments.items[0]));
	if (!sequence->name) {
		expander->out_of_memory = true;
		return false;
	}
	return read_values(expander, &arguments, &place, sequence);
}

bool conf_sequence_step(struct conf_expander *expander, struct conf_sequence *sequence,
	const struct conf_via *outer, const struct conf_via **via)
{
	struct conf_via round = {.outer = outer, .kind = VIA_SEQUENCE, .name = sequence->name};
	char value[24];

	if (sequence->done || !conf_expander_spend(expander, &sequence->place, CONF_EXPANSION_STEP))
		return false;
	snprintf(value, sizeof(value), sequence->hexadecimal ? "%" PRIx64 : "%" PRId64,
		sequence->next);
	sequence->done = sequence->step > 0 ? sequence->next > sequence->end - sequence->step
					    : sequence->next < sequence->end - sequence->step;
	sequence->next += sequence->step;
	round.value = arena_string(expander->arena, value, strlen(value));
	if (!round.value || conf_define_text(&expander->definitions, sequence->name, value,
				    &sequence->place, true) < 0) {
		expander->out_of_memory = true;
		return false;
	}
	*via = conf_via_add(expander, &round, &sequence->place);
	return *via != NULL;
}
