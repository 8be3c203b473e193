/* SPDX-License-Identifier: ISC */
#include "agent/conf/text/making.h"

#include <stdlib.h>

static bool reserve_text(struct conf_making *making)
{
	size_t room = making->room ? 2 * making->room : 512;
	char *text;

	if (making->line.length < making->room)
		return true;
	text = realloc(making->text, room);
	if (!text)
		return false;
	making->text = text;
	making->room = room;
	return true;
}

static bool begin_run(struct conf_making *making, const struct conf_piece *piece)
{
	size_t room = making->run_room ? 2 * making->run_room : 16;
	struct conf_run *runs;

	if (making->line.run_count == making->run_room) {
		runs = reallocarray(making->runs, room, sizeof(*runs));
		if (!runs)
			return false;
		making->runs = runs;
		making->run_room = room;
	}
	making->runs[making->line.run_count++] = (struct conf_run){
		.at = making->line.length, .place = piece->place, .fixed = piece->fixed};
	return true;
}

/* As the lexer will. */
static void follow_quotes(struct conf_making *making, char c)
{
	if (making->quote && making->escape)
		making->escape = false;
	else if (making->quote && c == '\\')
		making->escape = true;
	else if (making->quote && c == making->quote)
		making->quote = 0;
	else if (!making->quote && (c == '"' || c == '\''))
		making->quote = c;
}

void conf_making_emit(struct conf_making *making, size_t count)
{
	while (count-- > 0 && making->feed.count > 0) {
		const struct conf_piece *piece = &making->feed.pieces[making->feed.count - 1];
		const char *from = piece->text;

		if (!reserve_text(making) || (from != making->next && !begin_run(making, piece))) {
			making->out_of_memory = true;
			return;
		}
		making->next = from + 1;
		making->text[making->line.length++] = *from;
		making->line.text = making->text;
		making->line.runs = making->runs;
		follow_quotes(making, *from);
		conf_feed_skip(&making->feed, 1);
	}
}

void conf_making_cut(struct conf_making *making)
{
	making->next = NULL;
}

void conf_making_emit_bad(struct conf_making *making, size_t count)
{
	size_t at = making->line.length;

	conf_making_cut(making);
	conf_making_emit(making, count);
	conf_making_mark_bad(making, at);
}

void conf_making_take_back(struct conf_making *making, size_t at)
{
	struct conf_made_line *line = &making->line;

	while (line->run_count > 0 && line->runs[line->run_count - 1].at >= at)
		line->run_count--;
	line->length = at;
	conf_making_cut(making);
}

void conf_making_mark_bad(struct conf_making *making, size_t at)
{
	for (size_t i = making->line.run_count; i-- > 0 && making->runs[i].at >= at;)
		making->runs[i].bad = true;
	conf_making_cut(making);
}

void conf_making_push(struct conf_making *making, const struct conf_piece *piece)
{
	if (conf_feed_push(&making->feed, piece) < 0)
		making->out_of_memory = true;
}

void conf_making_clear(struct conf_making *making)
{
	conf_feed_clear(&making->feed);
	making->line = (struct conf_made_line){0};
	conf_making_cut(making);
	making->quote = 0;
	making->escape = false;
}

void conf_making_free(struct conf_making *making)
{
	conf_feed_free(&making->feed);
	free(making->text);
	free(making->runs);
	*making = (struct conf_making){0};
}
