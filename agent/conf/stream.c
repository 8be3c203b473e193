/* SPDX-License-Identifier: ISC */
#include "agent/conf/stream.h"

#include <errno.h>
#include <string.h>

static void push(struct conf_stream *stream, uint32_t number)
{
	const struct conf_text *text = &stream->source->texts[number];
	struct conf_stream_frame *frame = &stream->frames[stream->depth++];

	*frame = (struct conf_stream_frame){.text = number};
	conf_lexer_init(&frame->lexer, text->name, text->text, text->length);
}

void conf_stream_init(struct conf_stream *stream, const struct conf_source *source,
	struct conf_diagnostics *diagnostics)
{
	*stream = (struct conf_stream){.source = source, .diagnostics = diagnostics};
	push(stream, 0);
}

static bool has_wildcard(const struct conf_token *token)
{
	for (size_t i = 0; i < token->argument_length; i++)
		if (strchr("*?[{", token->argument[i]))
			return true;
	return false;
}

/* What keepalived passes over, too.  A file that should have been read, and was not, is an error.
 */
static bool is_no_file(int error)
{
	return error == -ENOENT || error == -EISDIR || error == -EINVAL;
}

/*
 * What keepalived's include words ask for: plain include is content with a pattern that
 * matches nothing; the letter behind the others names the check that they add.
 */
static void report_include(struct conf_stream *stream, const struct conf_token *token,
	const struct conf_include *include)
{
	char variant = token->length > 7 ? token->start[7] : '\0';
	bool strict = !is_no_file(include->error) || (variant != '\0' && include->error != -ENOENT);

	if (include->error == -ENOENT) {
		if (has_wildcard(token) && variant != 'w' && variant != 'a' &&
			!(variant == 'b' && memchr(token->argument, '{', token->argument_length)))
			return;
		strict = variant != '\0' && variant != 'r';
	}
	if (include->error == -ELOOP)
		conf_diagnose(stream->diagnostics, CONF_ERROR, &token->place,
			"'%s' includes itself or is nested deeper than %u files", include->failed,
			CONF_INCLUDE_DEPTH_MAX);
	else
		conf_diagnose(stream->diagnostics, strict ? CONF_ERROR : CONF_WARNING,
			&token->place, "cannot include '%s': %s", include->failed,
			conf_source_problem(include->error));
}

static void open_include(struct conf_stream *stream, const struct conf_token *token)
{
	struct conf_stream_frame *frame = &stream->frames[stream->depth - 1];
	const struct conf_include *include =
		conf_source_include(stream->source, frame->text, token->place.line);

	if (token->argument_length == 0) {
		conf_diagnose(stream->diagnostics, CONF_ERROR, &token->place,
			"%.*s needs the name of a file", (int)token->length, token->start);
		return;
	}
	if (!include) {
		conf_diagnose(stream->diagnostics, CONF_ERROR, &token->place,
			"nothing can be included here");
		return;
	}
	if (include->error < 0)
		report_include(stream, token, include);
	frame->include = include;
	frame->next = 0;
}

/* Go on with the next text of an include line, or up when a text is at its end. */
static bool advance(struct conf_stream *stream)
{
	struct conf_stream_frame *frame = &stream->frames[stream->depth - 1];

	if (frame->include && frame->next < frame->include->count &&
		stream->depth < sizeof(stream->frames) / sizeof(stream->frames[0])) {
		push(stream, stream->source->children[frame->include->first + frame->next++]);
		return true;
	}
	frame->include = NULL;
	return false;
}

struct conf_token conf_stream_next(struct conf_stream *stream)
{
	struct conf_token token;

	if (stream->has_back) {
		stream->has_back = false;
		return stream->back;
	}
	for (;;) {
		if (advance(stream))
			continue;
		token = conf_lexer_next(&stream->frames[stream->depth - 1].lexer);
		if (token.kind == TOKEN_INCLUDE) {
			open_include(stream, &token);
		} else if (token.kind == TOKEN_END && stream->depth > 1) {
			stream->depth--;
			token.kind = TOKEN_NEWLINE;
			return token;
		} else {
			if (token.kind == TOKEN_BAD)
				conf_diagnose(stream->diagnostics, CONF_ERROR, &token.place, "%s",
					token.problem);
			return token;
		}
	}
}

void conf_stream_back(struct conf_stream *stream, const struct conf_token *token)
{
	stream->back = *token;
	stream->has_back = true;
}

void conf_stream_skip_line(struct conf_stream *stream)
{
	conf_lexer_skip_line(&stream->frames[stream->depth - 1].lexer);
}
