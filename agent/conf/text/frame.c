/* SPDX-License-Identifier: ISC */
#include "agent/conf/text/frame.h"

struct conf_frame *conf_frame_text(const struct conf_stream *stream)
{
	for (unsigned i = stream->depth; i-- > 0;)
		if (stream->frames[i].kind == FRAME_TEXT)
			return &stream->frames[i];
	return NULL;
}

static void enter_folder(struct conf_stream *stream)
{
	const struct conf_frame *frame = conf_frame_text(stream);

	if (frame)
		stream->expander.predefined.folder =
			stream->source->texts[frame->text.number].folder;
}

struct conf_frame *conf_frame_push(
	struct conf_stream *stream, enum conf_frame_kind kind, const struct conf_place *place)
{
	struct conf_frame *frame = &stream->frames[stream->depth];

	if (stream->depth == CONF_FRAMES_MAX) {
		conf_expand_error(&stream->expander, place,
			"includes, definitions and sequences are nested too deeply");
		return NULL;
	}
	stream->depth++;
	*frame = (struct conf_frame){.kind = kind, .via = place->via};
	return frame;
}

bool conf_frame_push_text(
	struct conf_stream *stream, uint32_t number, const struct conf_place *place)
{
	const struct conf_text *text = &stream->source->texts[number];
	struct conf_frame *frame = conf_frame_push(stream, FRAME_TEXT, place);

	if (!frame)
		return false;
	conf_lexer_init(&frame->text.lexer, text->name, text->text, text->length);
	frame->text.lexer.via = place->via;
	frame->text.number = number;
	frame->text.checks = stream->checks;
	enter_folder(stream);
	return true;
}

void conf_frame_pop(struct conf_stream *stream)
{
	struct conf_frame *frame = &stream->frames[--stream->depth];

	if (frame->kind != FRAME_TEXT)
		return;
	stream->checks = frame->text.checks;
	enter_folder(stream);
}
