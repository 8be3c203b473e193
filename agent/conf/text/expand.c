/* SPDX-License-Identifier: ISC */
#include "agent/conf/text/expand.h"

#include <stdarg.h>
#include <string.h>

/* ${...} within ${...}: so many deep. */
#define OPEN_MAX 16

/* A "${" that has been made and waits for its brace. */
struct opening {
	size_t at; /* in the line being made */
	struct conf_place place;
	char quote;
};

struct work {
	struct conf_expander *expander;
	struct conf_linebuilder *builder;
	struct opening open[OPEN_MAX];
	unsigned open_count;
};

void conf_expand_error(
	struct conf_expander *expander, const struct conf_place *place, const char *format, ...)
{
	va_list arguments;

	/* what follows from an end before the end is nobody's fault */
	if (!expander->diagnostics || expander->exhausted)
		return;
	va_start(arguments, format);
	conf_diagnose_list(expander->diagnostics, CONF_ERROR, place, format, arguments);
	va_end(arguments);
}

bool conf_expander_spend(
	struct conf_expander *expander, const struct conf_place *place, size_t amount)
{
	expander->spent += amount;
	if (expander->spent <= CONF_EXPANSION_MAX)
		return true;
	if (!expander->exhausted)
		conf_expand_error(expander, place,
			"definitions and sequences make too much text of the configuration");
	expander->exhausted = true;
	return false;
}

const struct conf_via *conf_via_add(
	struct conf_expander *expander, const struct conf_via *via, const struct conf_place *place)
{
	unsigned depth = via->outer ? via->outer->depth + 1 : 1;
	struct conf_via *kept;

	for (const struct conf_via *at = via->outer; at; at = at->outer)
		if (at->definition == via->definition && at->kind != VIA_SEQUENCE) {
			conf_expand_error(expander, place, "$%s contains itself", via->name);
			return NULL;
		}
	if (depth > CONF_VIA_DEPTH_MAX) {
		conf_expand_error(expander, place,
			"definitions and sequences are nested deeper than %u", CONF_VIA_DEPTH_MAX);
		return NULL;
	}
	kept = arena_alloc(expander->arena, sizeof(*kept));
	if (!kept) {
		expander->out_of_memory = true;
		return NULL;
	}
	*kept = *via;
	kept->depth = depth;
	return kept;
}

static bool is_blank_behind(const struct conf_feed *feed, size_t ahead)
{
	int c;

	while ((c = conf_feed_peek(feed, ahead)) >= 0 && conf_is_space((char)c))
		ahead++;
	return c < 0;
}

/* Whether a round of a sequence that is told of already gives this variable its value. */
static bool is_told(const struct conf_via *via, const struct conf_definition *definition)
{
	for (; definition->is_variable && via; via = via->outer)
		if (via->kind == VIA_SEQUENCE && strcmp(via->name, definition->name) == 0)
			return true;
	return false;
}

/* Put a line of the value in front of the feed, in the place of a name there. */
static void push_line(
	struct work *work, const struct conf_value_line *line, const struct conf_piece *pattern)
{
	for (size_t i = line->count; i-- > 0;) {
		struct conf_piece piece = line->pieces[i];

		if (pattern->fixed) {
			piece.place = pattern->place;
			piece.fixed = true;
		} else {
			piece.place.via = pattern->place.via;
		}
		conf_linebuilder_push(work->builder, &piece);
	}
}

/*
 * A definition of several lines: the first line goes on in this line, the others follow it. They
 * keep their places, which the user wrote as lines.
 */
static bool enter_body(struct work *work, const struct conf_definition *definition,
	const struct conf_place *place, size_t taken, struct conf_piece *pattern)
{
	const struct conf_via via = {.outer = place->via,
		.kind = VIA_BODY,
		.definition = definition,
		.name = definition->name,
		.file = place->file,
		.line = place->line};
	struct conf_bodies *bodies = &work->expander->bodies;

	if (!is_blank_behind(&work->builder->feed, taken)) {
		conf_expand_error(work->expander, place,
			"$%s has several lines: nothing can follow it on its line",
			definition->name);
		return false;
	}
	pattern->place.via = conf_via_add(work->expander, &via, place);
	if (!pattern->place.via || bodies->count == CONF_VIA_DEPTH_MAX)
		return false;
	bodies->items[bodies->count].definition = definition;
	bodies->items[bodies->count++].via = pattern->place.via;
	return true;
}

/* The value of other definitions is as if it stood in the place of the name. */
static bool enter_value(struct work *work, const struct conf_definition *definition,
	const struct conf_place *place, struct conf_piece *pattern)
{
	const struct conf_via via = {.outer = place->via,
		.kind = VIA_VALUE,
		.definition = definition,
		.name = definition->name,
		.file = definition->place.file,
		.line = definition->place.line};

	pattern->place = *place;
	pattern->fixed = true;
	if (is_told(place->via, definition))
		return true;
	pattern->place.via = conf_via_add(work->expander, &via, place);
	return pattern->place.via != NULL;
}

/*
 * Replace a name that is written at `place` and ends so many characters ahead, where what is
 * made from `at` on belongs to it. False when that is impossible, and why has been said.
 */
static bool replace(struct work *work, const struct conf_definition *definition,
	const struct conf_place *place, size_t at, size_t taken)
{
	struct conf_piece pattern = {0};
	bool good;

	if (!conf_expander_spend(work->expander, place, CONF_EXPANSION_STEP))
		return false;
	if (definition->line_count > 1)
		good = enter_body(work, definition, place, taken, &pattern);
	else
		good = enter_value(work, definition, place, &pattern);
	if (!good)
		return false;
	conf_linebuilder_take_back(work->builder, at);
	conf_feed_skip(&work->builder->feed, taken);
	push_line(work, &definition->lines[0], &pattern);
	return true;
}

/* The same for a predefined name; `problem` as in conf_predefined_value(). */
static bool replace_predefined(struct work *work, const char *name, size_t length,
	const struct conf_place *place, size_t at, size_t taken, const char **problem)
{
	char number[24];
	const char *value =
		conf_predefined_value(&work->expander->predefined, name, length, number, problem);
	struct conf_piece piece = {.place = *place, .fixed = true};

	if (!value || !conf_expander_spend(work->expander, place, CONF_EXPANSION_STEP))
		return false;
	piece.length = strlen(value);
	piece.text = arena_string(work->expander->arena, value, piece.length);
	if (!piece.text) {
		work->expander->out_of_memory = true;
		return false;
	}
	conf_linebuilder_take_back(work->builder, at);
	conf_feed_skip(&work->builder->feed, taken);
	conf_linebuilder_push(work->builder, &piece);
	return true;
}

static bool begins_word(const struct conf_linebuilder *builder)
{
	const struct conf_made_line *line = &builder->line;

	return builder->quote == 0 &&
	       (line->length == 0 || conf_is_space(builder->text[line->length - 1]));
}

static const char *unmet_text(
	const struct work *work, const char *name, size_t length, char out[CONF_UNMET_TEXT_MAX])
{
	return conf_unmet_text(&work->expander->definitions, name, length,
		work->expander->predefined.config_id, out);
}

/*
 * A $ whose name is not replaced. It may be meant as a character where a name is within a word
 * or in quotes.
 */
static void leave_name(
	struct work *work, const char *name, size_t length, bool is_defined, const char *problem)
{
	const struct conf_place place = conf_feed_place(&work->builder->feed);
	char unmet[CONF_UNMET_TEXT_MAX];

	if (is_defined && work->builder->quote == 0) {
		conf_expand_error(work->expander, &place,
			"$%s is only replaced where a space follows; write ${%s}", name, name);
	} else if (problem) {
		conf_expand_error(work->expander, &place, "$%s: %s", name, problem);
	} else if (!is_defined && begins_word(work->builder)) {
		conf_expand_error(work->expander, &place,
			"$%s is not defined%s; if the $ is meant, put the word in quotes", name,
			unmet_text(work, name, length, unmet));
	} else {
		if (is_defined && work->expander->diagnostics)
			conf_diagnose(work->expander->diagnostics, CONF_WARNING, &place,
				"$%s is not replaced here, since no space follows; if it should "
				"be, write ${%s}",
				name, name);
		conf_linebuilder_emit(work->builder, 1);
		return;
	}
	conf_linebuilder_emit_bad(work->builder, length + 1);
}

/* "$NAME" at the head of the feed. */
static void read_name(struct work *work)
{
	struct conf_feed *feed = &work->builder->feed;
	const struct conf_place place = conf_feed_place(feed);
	size_t at = work->builder->line.length;
	char name[CONF_NAME_MAX + 1];
	size_t length = conf_feed_name(feed, 1, name);
	int after = conf_feed_peek(feed, 1 + length);
	const struct conf_definition *definition =
		conf_definition_find(&work->expander->definitions, name, strlen(name));
	const char *problem = NULL;

	if (length == 0)
		conf_linebuilder_emit(work->builder, 1);
	else if (after >= 0 && !conf_is_space((char)after))
		leave_name(work, name, length, definition != NULL, NULL);
	else if (definition && !replace(work, definition, &place, at, 1 + length))
		conf_linebuilder_emit_bad(work->builder, 1 + length);
	else if (!definition &&
		 !replace_predefined(work, name, length, &place, at, 1 + length, &problem))
		leave_name(work, name, length, false, problem);
}

/* "${" at the head of the feed. */
static void open_brace(struct work *work)
{
	struct conf_linebuilder *builder = work->builder;

	if (work->open_count < OPEN_MAX)
		work->open[work->open_count++] = (struct opening){
			builder->line.length, conf_feed_place(&builder->feed), builder->quote};
	conf_linebuilder_cut(builder);
	conf_linebuilder_emit(builder, 2);
}

/* "}" at the head of the feed, which closes the last opening. */
static void close_brace(struct work *work)
{
	const struct opening opening = work->open[--work->open_count];
	struct conf_linebuilder *builder = work->builder;
	const char *content = builder->text + opening.at + 2;
	size_t length = builder->line.length - opening.at - 2;
	const struct conf_definition *definition =
		conf_definition_find(&work->expander->definitions, content, length);
	const char *problem = NULL;
	char unmet[CONF_UNMET_TEXT_MAX];
	bool good = definition ? replace(work, definition, &opening.place, opening.at, 1)
			       : replace_predefined(work, content, length, &opening.place,
					 opening.at, 1, &problem);

	if (good)
		return;
	if (problem)
		conf_expand_error(work->expander, &opening.place, "${%.*s}: %s", (int)length,
			content, problem);
	else if (!definition && !opening.quote)
		conf_expand_error(work->expander, &opening.place,
			"${%.*s} is not defined%s; if the $ is meant, put the word in quotes",
			(int)length, content, unmet_text(work, content, length, unmet));
	conf_linebuilder_emit(builder, 1);
	if (definition || problem || !opening.quote)
		conf_linebuilder_mark_bad(builder, opening.at);
}

static void close_openings(struct work *work)
{
	while (work->open_count > 0) {
		const struct opening *opening = &work->open[--work->open_count];

		if (opening->quote)
			continue;
		conf_expand_error(work->expander, &opening->place, "the '}' of this ${ is missing");
		conf_linebuilder_mark_bad(work->builder, opening->at);
	}
}

bool conf_expand_head(struct conf_expander *expander, struct conf_linebuilder *builder)
{
	struct work work = {.expander = expander, .builder = builder};
	const struct conf_place place = conf_feed_place(&builder->feed);
	bool braced = conf_feed_peek(&builder->feed, 1) == '{';
	char name[CONF_NAME_MAX + 1];
	size_t taken = (braced ? 2 : 1) + conf_feed_name(&builder->feed, braced ? 2 : 1, name);
	int after = conf_feed_peek(&builder->feed, taken);
	const struct conf_definition *definition =
		conf_definition_find(&expander->definitions, name, strlen(name));

	if (!definition || (braced ? after != '}' : after >= 0 && !conf_is_space((char)after)))
		return false;
	if (replace(&work, definition, &place, builder->line.length, taken + braced))
		return true;
	conf_linebuilder_emit_bad(builder, taken + braced);
	return false;
}

void conf_expand(struct conf_expander *expander, struct conf_linebuilder *builder)
{
	struct work work = {.expander = expander, .builder = builder};

	while (builder->feed.count > 0 && !expander->out_of_memory && !builder->out_of_memory) {
		const struct conf_piece *piece = &builder->feed.pieces[builder->feed.count - 1];
		char c = *piece->text;

		if (!conf_expander_spend(expander, &piece->place, 1))
			break;
		if (c == '$' && conf_feed_peek(&builder->feed, 1) == '{')
			open_brace(&work);
		else if (c == '$')
			read_name(&work);
		else if (c == '}' && work.open_count > 0)
			close_brace(&work);
		else
			conf_linebuilder_emit(builder, 1);
	}
	close_openings(&work);
	expander->out_of_memory |= builder->out_of_memory;
}
