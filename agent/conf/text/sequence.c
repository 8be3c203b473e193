/* SPDX-License-Identifier: ISC */
#include "agent/conf/text/sequence.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARGUMENTS_MAX 4 /* VARIABLE, START, STEP, END */
#define TEXT_MAX      4096

/* What stands between the parentheses, as it is used. */
struct arguments {
	const char *items[ARGUMENTS_MAX];
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

/* An argument is read like a line: a name in it ends where the argument ends. NULL: it can't be, or
 * no memory, and that has been said or noted. */
static const char *expand_argument(
	struct conf_expander *expander, char *raw, const struct conf_place *place)
{
	const char *trimmed = conf_listing_trimmed(raw), *text = NULL;
	const struct conf_piece piece = {
		.text = trimmed, .length = strlen(trimmed), .place = *place, .fixed = true};
	struct conf_linebuilder builder = {0};
	bool good = true;

	conf_linebuilder_push(&builder, &piece);
	conf_expand(expander, &builder);
	for (size_t i = 0; i < builder.line.run_count; i++)
		good &= !builder.runs[i].bad;
	if (good)
		text = arena_string(expander->arena, builder.line.text ? builder.line.text : "",
			builder.line.length);
	if (good && !text)
		expander->out_of_memory = true;
	conf_linebuilder_free(&builder);
	return text;
}

static bool split(struct conf_expander *expander, char *text, const struct conf_place *place,
	struct arguments *arguments)
{
	char *rest = text, *item;

	*arguments = (struct arguments){0};
	while ((item = strsep(&rest, ","))) {
		if (arguments->count == ARGUMENTS_MAX) {
			conf_expand_error(expander, place, "%s", usage);
			return false;
		}
		arguments->items[arguments->count] = expand_argument(expander, item, place);
		if (!arguments->items[arguments->count++])
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

static bool read_sequence(struct conf_expander *expander, char *text,
	const struct conf_place *place, struct conf_sequence *sequence)
{
	struct arguments arguments;

	if (!split(expander, text, place, &arguments))
		return false;
	if (arguments.count < 2 || !conf_is_name(arguments.items[0])) {
		conf_expand_error(expander, place, "%s", usage);
		return false;
	}
	sequence->name = arguments.items[0];
	return read_values(expander, &arguments, place, sequence);
}

bool conf_sequence_read(
	struct conf_expander *expander, struct conf_feed *feed, struct conf_sequence *sequence)
{
	const struct conf_place place = conf_feed_place(feed);
	char word[8], text[TEXT_MAX];
	bool is_list;

	*sequence = (struct conf_sequence){.place = place};
	if (!take_until(feed, '(', word, sizeof(word)))
		word[0] = '\0';
	is_list = strcmp(word, "~LST") == 0;
	sequence->hexadecimal = strcmp(word, "~SEQx") == 0;
	if (!is_list && !sequence->hexadecimal && strcmp(word, "~SEQ") != 0) {
		conf_expand_error(expander, &place,
			"of the words with ~ only ~SEQ(, ~SEQx( and ~LST( are known");
		return false;
	}
	if (!take_until(feed, ')', text, sizeof(text))) {
		conf_expand_error(expander, &place, "the ')' of this sequence is missing");
		return false;
	}
	if (!is_list)
		return read_sequence(expander, text, &place, sequence);
	if (!conf_listing_read(expander, text, &place, &sequence->listing))
		return false;
	sequence->name = sequence->listing.names[0];
	return true;
}

/* What the variable stands for next; NULL: no memory. */
static const char *next_value(struct conf_expander *expander, struct conf_sequence *sequence)
{
	const char *value;
	char text[24];

	snprintf(text, sizeof(text), sequence->hexadecimal ? "%" PRIx64 : "%" PRId64,
		sequence->next);
	sequence->done = sequence->step > 0 ? sequence->next > sequence->end - sequence->step
					    : sequence->next < sequence->end - sequence->step;
	sequence->next += sequence->step;
	value = arena_string(expander->arena, text, strlen(text));
	if (!value || conf_define_text(&expander->definitions, sequence->name, text,
			      &sequence->place, true) < 0) {
		expander->out_of_memory = true;
		return NULL;
	}
	return value;
}

bool conf_sequence_step(struct conf_expander *expander, struct conf_sequence *sequence,
	const struct conf_via *outer, const struct conf_via **via)
{
	struct conf_via round = {.outer = outer, .kind = VIA_SEQUENCE, .name = sequence->name};
	struct conf_listing *listing = &sequence->listing;

	if (sequence->done || !conf_expander_spend(expander, &sequence->place, CONF_EXPANSION_STEP))
		return false;
	if (listing->rounds > 0) {
		round.value = conf_listing_step(expander, listing, &sequence->place);
		sequence->done = listing->next == listing->rounds;
	} else {
		round.value = next_value(expander, sequence);
	}
	if (!round.value)
		return false;
	*via = conf_via_add(expander, &round, &sequence->place);
	return *via != NULL;
}
