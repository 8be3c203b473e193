/* SPDX-License-Identifier: ISC */
#include "agent/conf/text/linebuilder.h"

#include <stdlib.h>

static bool reserve_text(struct conf_linebuilder *builder)
{
	size_t room = builder->room ? 2 * builder->room : 512;
	char *text;

	if (builder->line.length < builder->room)
		return true;
	text = realloc(builder->text, room);
	if (!text)
		return false;
	builder->text = text;
	builder->room = room;
	return true;
}

static bool begin_run(struct conf_linebuilder *builder, const struct conf_piece *piece)
{
	size_t room = builder->run_room ? 2 * builder->run_room : 16;
	struct conf_run *runs;

	if (builder->line.run_count == builder->run_room) {
		runs = reallocarray(builder->runs, room, sizeof(*runs));
		if (!runs)
			return false;
		builder->runs = runs;
		builder->run_room = room;
	}
	builder->runs[builder->line.run_count++] = (struct conf_run){
		.at = builder->line.length, .place = piece->place, .fixed = piece->fixed};
	return true;
}

/* As the lexer will. */
static void follow_quotes(struct conf_linebuilder *builder, char c)
{
	if (builder->quote && builder->escape)
		builder->escape = false;
	else if (builder->quote && c == '\\')
		builder->escape = true;
	else if (builder->quote && c == builder->quote)
		builder->quote = 0;
	else if (!builder->quote && (c == '"' || c == '\''))
		builder->quote = c;
}

void conf_linebuilder_emit(struct conf_linebuilder *builder, size_t count)
{
	while (count-- > 0 && builder->feed.count > 0) {
		const struct conf_piece *piece = &builder->feed.pieces[builder->feed.count - 1];
		const char *from = piece->text;

		if (!reserve_text(builder) ||
			(from != builder->next && !begin_run(builder, piece))) {
			builder->out_of_memory = true;
			return;
		}
		builder->next = from + 1;
		builder->text[builder->line.length++] = *from;
		builder->line.text = builder->text;
		builder->line.runs = builder->runs;
		follow_quotes(builder, *from);
		conf_feed_skip(&builder->feed, 1);
	}
}

void conf_linebuilder_cut(struct conf_linebuilder *builder)
{
	builder->next = NULL;
}

void conf_linebuilder_emit_bad(struct conf_linebuilder *builder, size_t count)
{
	size_t at = builder->line.length;

	conf_linebuilder_cut(builder);
	conf_linebuilder_emit(builder, count);
	conf_linebuilder_mark_bad(builder, at);
}

void conf_linebuilder_take_back(struct conf_linebuilder *builder, size_t at)
{
	struct conf_made_line *line = &builder->line;

	while (line->run_count > 0 && line->runs[line->run_count - 1].at >= at)
		line->run_count--;
	line->length = at;
	conf_linebuilder_cut(builder);
}

void conf_linebuilder_mark_bad(struct conf_linebuilder *builder, size_t at)
{
	for (size_t i = builder->line.run_count; i-- > 0 && builder->runs[i].at >= at;)
		builder->runs[i].bad = true;
	conf_linebuilder_cut(builder);
}

void conf_linebuilder_push(struct conf_linebuilder *builder, const struct conf_piece *piece)
{
	if (conf_feed_push(&builder->feed, piece) < 0)
		builder->out_of_memory = true;
}

void conf_linebuilder_clear(struct conf_linebuilder *builder)
{
	conf_feed_clear(&builder->feed);
	builder->line = (struct conf_made_line){0};
	conf_linebuilder_cut(builder);
	builder->quote = 0;
	builder->escape = false;
}

void conf_linebuilder_free(struct conf_linebuilder *builder)
{
	conf_feed_free(&builder->feed);
	free(builder->text);
	free(builder->runs);
	*builder = (struct conf_linebuilder){0};
}
