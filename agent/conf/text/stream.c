/* SPDX-License-Identifier: ISC */
#include "agent/conf/text/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/conf/text/head.h"
#include "agent/conf/text/including.h"
#include "agent/conf/text/setting.h"

int conf_stream_init(struct conf_stream *stream, const struct conf_source *source,
	struct conf_diagnostics *diagnostics, struct conf_loader *loader)
{
	const struct conf_place nowhere = {.file = ""};

	*stream = (struct conf_stream){
		.source = source, .diagnostics = diagnostics, .loader = loader};
	stream->arena = arena_new();
	stream->frames = calloc(CONF_FRAMES_MAX, sizeof(*stream->frames));
	if (!stream->arena || !stream->frames)
		return -ENOMEM;
	stream->expander = (struct conf_expander){.arena = stream->arena,
		.diagnostics = diagnostics,
		.definitions.arena = stream->arena,
		.predefined.config_id = source->config_id};
	conf_predefined_seed(&stream->expander.predefined, source->seed);
	conf_frame_push_text(stream, 0, &nowhere);
	return 0;
}

void conf_stream_free(struct conf_stream *stream)
{
	conf_linebuilder_free(&stream->builder);
	conf_definitions_clear(&stream->expander.definitions);
	free(stream->frames);
	arena_free(stream->arena);
	*stream = (struct conf_stream){0};
}

static bool is_of_line(const struct conf_include *include, uint32_t parent, uint32_t line)
{
	return include->parent == parent && include->line == line;
}

static void open_include(struct conf_stream *stream, const struct conf_token *token)
{
	const struct conf_source *source = stream->source;
	uint32_t parent = conf_frame_text(stream)->text.number;
	const struct conf_include *include;
	struct conf_frame *frame;

	if (token->argument_length == 0) {
		conf_expand_error(&stream->expander, &token->place, "%.*s needs the name of a file",
			(int)token->length, token->start);
		return;
	}
	if (stream->loader && stream->loader->load(stream->loader, stream, parent, token) < 0) {
		stream->out_of_memory = true;
		return;
	}
	include = stream->includes < source->include_count ? &source->includes[stream->includes]
							   : NULL;
	if (!include || !is_of_line(include, parent, token->place.line)) {
		conf_expand_error(&stream->expander, &token->place, "nothing can be included here");
		return;
	}
	stream->includes++;
	if (include->error < 0 && stream->diagnostics)
		conf_include_report(include, token, stream->checks | conf_include_word(token),
			stream->diagnostics);
	frame = conf_frame_push(stream, FRAME_INCLUDE, &token->place);
	if (!frame)
		return;
	frame->include.first = include->first;
	frame->include.count = include->count;
}

/* The next text of an include line. */
static void advance_include(struct conf_stream *stream, struct conf_frame *frame)
{
	const struct conf_place place = {.file = "", .via = frame->via};
	uint32_t next = frame->include.next++;

	if (next == frame->include.count ||
		!conf_frame_push_text(
			stream, stream->source->children[frame->include.first + next], &place))
		conf_frame_pop(stream);
}

static void advance_body(struct conf_stream *stream, struct conf_frame *frame)
{
	const struct conf_definition *definition = frame->body.definition;
	const struct conf_value_line *line = &definition->lines[frame->body.next];

	if (frame->body.next++ < definition->line_count)
		conf_head_read_pieces(stream, line->pieces, line->count, frame->via);
	else
		conf_frame_pop(stream);
}

static void advance_sequence(struct conf_stream *stream, struct conf_frame *frame)
{
	const struct conf_via *via;

	if (conf_sequence_step(&stream->expander, &frame->sequence.sequence, frame->via, &via))
		conf_head_read_pieces(stream, frame->sequence.pieces, frame->sequence.count, via);
	else
		conf_frame_pop(stream);
}

/* Whoever only looks for includes is spared the tokens of lines that have no part in them. */
static bool skip_line(struct conf_stream *stream, struct conf_lexer *lexer)
{
	static const char *const wanted[] = {"include", "random_seed", NULL};

	return stream->loader && conf_lexer_at_line(lexer) && conf_lexer_skip_line(lexer, wanted);
}

/* A token of the innermost file. */
static struct conf_token next_of_text(struct conf_stream *stream, struct conf_frame *frame)
{
	struct conf_token token = conf_lexer_next(&frame->text.lexer);

	if (token.kind == TOKEN_END && stream->depth > 1) {
		conf_frame_pop(stream);
		token.kind = TOKEN_NEWLINE;
	}
	return token;
}

/* True when there is a token: a line has been begun or passed over otherwise, or a frame opened or
 * closed. */
static bool advance(struct conf_stream *stream, struct conf_token *token)
{
	struct conf_frame *frame = &stream->frames[stream->depth - 1];

	switch (frame->kind) {
	case FRAME_INCLUDE:
		advance_include(stream, frame);
		return false;
	case FRAME_BODY:
		advance_body(stream, frame);
		return false;
	case FRAME_SEQUENCE:
		advance_sequence(stream, frame);
		return false;
	default:
		if (conf_head_is_here(&frame->text.lexer)) {
			conf_head_read_line(stream, &frame->text.lexer);
			return false;
		}
		if (skip_line(stream, &frame->text.lexer))
			return false;
		*token = next_of_text(stream, frame);
		return true;
	}
}

static bool take_token(struct conf_stream *stream, struct conf_token *token)
{
	if (stream->bad_line) {
		/* with an end of its own */
		*token = (struct conf_token){.kind = stream->bad_end ? TOKEN_NEWLINE : TOKEN_BAD,
			.place = stream->bad_place};
		stream->bad_line = !stream->bad_end;
		stream->bad_end = !stream->bad_end;
		return true;
	}
	if (!stream->has_line)
		return advance(stream, token);
	*token = conf_lexer_next(&stream->line);
	if (token->kind == TOKEN_END) {
		stream->has_line = false;
		token->kind = TOKEN_NEWLINE;
	}
	return true;
}

/* Nothing more is read; what is open then is not the fault of its writer. */
static bool has_failed(struct conf_stream *stream)
{
	/* a text that is wrong all along is not worth reading to its end */
	if (stream->diagnostics && stream->diagnostics->errors > 2 * CONF_DIAGNOSTICS_MAX)
		stream->expander.exhausted = true;
	stream->out_of_memory |= stream->expander.out_of_memory;
	return stream->out_of_memory || stream->expander.exhausted;
}

struct conf_token conf_stream_next(struct conf_stream *stream)
{
	struct conf_token token;

	if (stream->has_back) {
		stream->has_back = false;
		return stream->back;
	}
	while (!has_failed(stream)) {
		if (!take_token(stream, &token))
			continue;
		if (token.kind == TOKEN_INCLUDE) {
			open_include(stream, &token);
			continue;
		}
		if (token.kind == TOKEN_BAD && token.problem)
			conf_expand_error(&stream->expander, &token.place, "%s", token.problem);
		conf_setting_obey(stream, &token);
		return token;
	}
	token = (struct conf_token){
		.kind = stream->has_ended ? TOKEN_END : TOKEN_BAD, .place = {.file = ""}};
	stream->has_ended = true;
	return token;
}

void conf_stream_back(struct conf_stream *stream, const struct conf_token *token)
{
	stream->back = *token;
	stream->has_back = true;
}
