/* SPDX-License-Identifier: ISC */
#include "agent/conf/text/head.h"

#include <string.h>

/* So much of a condition is shown. */
#define CONDITION_MAX 64

/* The line being read, with those that continue it. */
struct head {
	struct conf_stream *stream;
	struct conf_value_line *more; /* of a definition of several lines; of the arena */
	size_t more_count;
	bool continued; /* with a backslash, so that `more` is meant even when there is none */
};

bool conf_head_is_here(const struct conf_lexer *lexer)
{
	const char *line = lexer->text + lexer->position;
	size_t length = lexer->line_end - lexer->position, at = 0;

	if (!conf_lexer_at_line(lexer))
		return false;
	while (at < length && conf_is_space(line[at]))
		at++;
	if (at == length || line[at] == '#' || line[at] == '!')
		return false;
	return line[at] == '@' || line[at] == '~' || memchr(line, '$', length);
}

/* A line that can't be read: what it might have said is not missing. */
static void refuse(struct head *head, const struct conf_place *place)
{
	head->stream->bad_line = true;
	head->stream->bad_place = *place;
	conf_feed_clear(&head->stream->builder.feed);
}

/* "@ID" or "@^ID" at the head of the feed: whether the line counts. `text`: "ID" or "^ID", cut. */
static bool read_condition(struct head *head, char text[CONDITION_MAX])
{
	struct conf_expander *expander = &head->stream->expander;
	struct conf_feed *feed = &head->stream->builder.feed;
	const struct conf_place place = conf_feed_place(feed);
	const char *id = expander->predefined.config_id;
	bool negated = conf_feed_peek(feed, 1) == '^', same = true, plain = true;
	size_t length = 0;
	int c;

	for (size_t i = 0; i < CONDITION_MAX; i++) {
		c = i + 1 < CONDITION_MAX ? conf_feed_peek(feed, 1 + i) : -1;
		text[i] = c < 0 || conf_is_space((char)c) ? '\0' : (char)c;
		if (!text[i])
			break;
	}
	conf_feed_skip(feed, negated ? 2 : 1);
	while ((c = conf_feed_peek(feed, length)) >= 0 && !conf_is_space((char)c)) {
		same = same && c != 0 && (unsigned char)id[length] == c;
		plain = plain && !strchr("$@{}\"'", c);
		length++;
	}
	if (length == 0 || !plain) {
		conf_expand_error(expander, &place,
			"a condition is @ID or @^ID: a plain word right behind the @");
		refuse(head, &place);
		return false;
	}
	conf_feed_skip(feed, length);
	return (same && id[length] == '\0') != negated;
}

/* The rest of the feed as one line of a value. */
static bool keep_line(struct head *head, struct conf_value_line *line)
{
	const struct conf_feed *feed = &head->stream->builder.feed;
	struct conf_piece *pieces =
		arena_alloc(head->stream->arena, (feed->count + 1) * sizeof(*pieces));

	if (!pieces) {
		head->stream->out_of_memory = true;
		return false;
	}
	for (size_t i = 0; i < feed->count; i++)
		pieces[i] = feed->pieces[feed->count - 1 - i];
	*line = (struct conf_value_line){pieces, feed->count};
	return true;
}

/* "$NAME=" at the head of the feed, which takes up so many characters. */
static void read_definition(struct head *head, const char *name, size_t taken)
{
	struct conf_stream *stream = head->stream;
	struct conf_feed *feed = &stream->builder.feed;
	struct conf_definition definition = {.place = conf_feed_place(feed)};
	struct conf_value_line *lines =
		arena_alloc(stream->arena, (head->more_count + 1) * sizeof(*lines));
	bool has_first;

	conf_feed_skip(feed, taken);
	conf_feed_skip_space(feed);
	/* a body often begins with the line below the name */
	has_first = feed->count > 0 || head->more_count == 0;
	definition.name = arena_string(stream->arena, name, strlen(name));
	if (!lines || !definition.name || (has_first && !keep_line(head, &lines[0]))) {
		stream->out_of_memory = true;
		return;
	}
	if (head->more_count > 0)
		memcpy(lines + has_first, head->more, head->more_count * sizeof(*lines));
	definition.lines = lines;
	definition.line_count = head->more_count + has_first;
	if (conf_define(&stream->expander.definitions, &definition) < 0)
		stream->out_of_memory = true;
	conf_feed_clear(feed);
}

/* The length of "$NAME=", where space may stand before the =; 0: it is something else. */
static size_t definition_length(const struct conf_feed *feed, size_t name)
{
	size_t ahead = 1 + name;
	int c;

	while ((c = conf_feed_peek(feed, ahead)) >= 0 && conf_is_space((char)c))
		ahead++;
	return name > 0 && c == '=' ? ahead + 1 : 0;
}

static void read_sequence(struct head *head)
{
	struct conf_stream *stream = head->stream;
	struct conf_feed *feed = &stream->builder.feed;
	const struct conf_place place = conf_feed_place(feed);
	struct conf_sequence sequence;
	struct conf_value_line rest;
	struct conf_frame *frame;

	if (head->continued) {
		conf_expand_error(&stream->expander, &place,
			"a definition of several lines can't be made by a sequence");
		refuse(head, &place);
		return;
	}
	if (!conf_sequence_read(&stream->expander, feed, &sequence)) {
		refuse(head, &place);
		return;
	}
	if (!keep_line(head, &rest))
		return;
	frame = conf_frame_push(stream, FRAME_SEQUENCE, &place);
	if (!frame) {
		refuse(head, &place);
		return;
	}
	frame->sequence.sequence = sequence;
	frame->sequence.pieces = rest.pieces;
	frame->sequence.count = rest.count;
	conf_feed_clear(feed);
}

/* A definition, or a value that may begin with something of this file. True: look again. */
static bool read_dollar(struct head *head)
{
	struct conf_stream *stream = head->stream;
	struct conf_feed *feed = &stream->builder.feed;
	const struct conf_place place = conf_feed_place(feed);
	char name[CONF_NAME_MAX + 1];
	size_t length = conf_feed_name(feed, 1, name), taken = definition_length(feed, length);

	if (taken == 0)
		return conf_expand_head(&stream->expander, &stream->builder);
	if (length > CONF_NAME_MAX) {
		conf_expand_error(&stream->expander, &place,
			"a name of a definition has at most %d characters", CONF_NAME_MAX);
		refuse(head, &place);
		return false;
	}
	if (taken > 1 + length + 1)
		conf_expand_error(&stream->expander, &place,
			"a definition is $%s=VALUE, without a space before the =", name);
	read_definition(head, name, taken);
	return false;
}

/* The other lines of the definitions that were used come next. */
static void open_bodies(struct conf_stream *stream)
{
	struct conf_bodies *bodies = &stream->expander.bodies;

	for (size_t i = 0; i < bodies->count; i++) {
		const struct conf_place place = {.file = "", .via = bodies->items[i].via};
		struct conf_frame *frame = conf_frame_push(stream, FRAME_BODY, &place);

		if (!frame)
			break;
		frame->body.definition = bodies->items[i].definition;
		frame->body.next = 1;
	}
	bodies->count = 0;
}

/* The rest of a line whose condition is not met may be a definition that is looked for later. */
static void note_unmet(struct head *head, const char *condition)
{
	struct conf_stream *stream = head->stream;
	struct conf_feed *feed = &stream->builder.feed;
	char name[CONF_NAME_MAX + 1];
	struct conf_place place;
	size_t length;

	conf_feed_skip_space(feed);
	if (feed->count == 0 || conf_feed_peek(feed, 0) != '$')
		return;
	place = conf_feed_place(feed);
	length = conf_feed_name(feed, 1, name);
	if (length <= CONF_NAME_MAX && definition_length(feed, length) > 0 &&
		conf_definition_unmet(&stream->expander.definitions, name, condition, &place) < 0)
		stream->out_of_memory = true;
}

static void read_feed(struct head *head)
{
	struct conf_stream *stream = head->stream;
	struct conf_linebuilder *builder = &stream->builder;
	char condition[CONDITION_MAX];
	bool again = true;

	while (again) {
		conf_feed_skip_space(&builder->feed);
		switch (conf_feed_peek(&builder->feed, 0)) {
		case '@':
			again = read_condition(head, condition);
			if (!again) {
				note_unmet(head, condition);
				conf_feed_clear(&builder->feed);
			}
			break;
		case '$':
			again = read_dollar(head);
			break;
		default:
			again = false;
		}
	}
	open_bodies(stream);
	if (conf_is_sequence(&builder->feed)) {
		read_sequence(head);
		return;
	}
	conf_expand(&stream->expander, builder);
	open_bodies(stream);
	stream->has_line = builder->line.length > 0;
	conf_lexer_init_line(&stream->line, &builder->line);
}

void conf_head_read_pieces(struct conf_stream *stream, const struct conf_piece *pieces,
	size_t count, const struct conf_via *via)
{
	struct head head = {.stream = stream};

	if (count > 0 &&
		!conf_expander_spend(&stream->expander, &pieces[0].place, CONF_EXPANSION_STEP))
		return;
	conf_linebuilder_clear(&stream->builder);
	for (size_t i = count; i-- > 0;) {
		struct conf_piece piece = pieces[i];

		piece.place.via = via;
		conf_linebuilder_push(&stream->builder, &piece);
	}
	read_feed(&head);
}

/* The line without comment and space at its end; whether a backslash continues it. */
static bool trim_line(struct conf_piece *piece)
{
	piece->length = conf_uncommented(piece->text, piece->length);
	while (piece->length > 0 && conf_is_space(piece->text[piece->length - 1]))
		piece->length--;
	if (piece->length == 0 || piece->text[piece->length - 1] != '\\')
		return false;
	return true;
}

static void drop_backslash(struct conf_piece *piece)
{
	piece->length--;
	while (piece->length > 0 && conf_is_space(piece->text[piece->length - 1]))
		piece->length--;
}

/* Behind the condition, name or sequence at `at`. */
static size_t end_of_head(const struct conf_piece *line, size_t at)
{
	bool sequence = line->text[at] == '~';

	while (at < line->length && (sequence || !conf_is_space(line->text[at])))
		if (line->text[at++] == ')' && sequence)
			break;
	return at;
}

/* Whether the line defines something, whatever stands before that. */
static bool is_definition(const struct conf_piece *line)
{
	size_t at = 0;

	for (;;) {
		size_t name;

		while (at < line->length && conf_is_space(line->text[at]))
			at++;
		if (at == line->length || !strchr("@$~", line->text[at]))
			return false;
		name = conf_name_length(line->text + at + 1, line->length - at - 1);
		if (line->text[at] == '$' && name > 0 && at + 1 + name < line->length &&
			line->text[at + 1 + name] == '=')
			return true;
		at = end_of_head(line, at);
	}
}

static struct conf_piece take_line(struct conf_lexer *lexer)
{
	const struct conf_place place = conf_lexer_take_line(lexer);

	return (struct conf_piece){.text = place.text, .length = place.text_length, .place = place};
}

static bool add_more(struct head *head, const struct conf_piece *line)
{
	struct arena *arena = head->stream->arena;
	size_t room = head->more_count;
	struct conf_value_line *more = head->more;
	struct conf_piece *piece = arena_alloc(arena, sizeof(*piece));

	if ((room & (room - 1)) == 0) {
		more = arena_alloc(arena, (room ? 2 * room : 1) * sizeof(*more));
		if (more && room > 0)
			memcpy(more, head->more, room * sizeof(*more));
	}
	if (!more || !piece) {
		head->stream->out_of_memory = true;
		return false;
	}
	*piece = *line;
	head->more = more;
	head->more[head->more_count++] = (struct conf_value_line){piece, 1};
	return true;
}

/* The lines below, as long as each ends in a backslash. */
static void take_more(struct head *head, struct conf_lexer *lexer)
{
	bool continued = true;

	while (continued) {
		struct conf_piece line;

		conf_lexer_next(lexer); /* the end of the line before */
		if (!conf_lexer_at_line(lexer))
			return;
		line = take_line(lexer);
		continued = trim_line(&line);
		if (continued)
			drop_backslash(&line);
		if (line.length > 0 && !add_more(head, &line))
			return;
	}
}

void conf_head_read_line(struct conf_stream *stream, struct conf_lexer *lexer)
{
	struct head head = {.stream = stream};
	struct conf_piece line = take_line(lexer);
	size_t whole = line.length;

	head.continued = trim_line(&line);
	conf_linebuilder_clear(&stream->builder);
	stream->builder.line.glued_comment =
		line.length < whole && !conf_is_space(line.text[line.length]);
	head.continued = head.continued && is_definition(&line);
	if (head.continued) {
		drop_backslash(&line);
		take_more(&head, lexer);
	}
	conf_linebuilder_push(&stream->builder, &line);
	read_feed(&head);
}
