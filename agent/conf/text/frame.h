/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_TEXT_FRAME_H
#define AGENT_CONF_TEXT_FRAME_H

#include <stdbool.h>

#include "agent/conf/text/diagnose.h"
#include "agent/conf/text/expand.h"
#include "agent/conf/text/lexer.h"
#include "agent/conf/text/sequence.h"
#include "agent/conf/text/source.h"

/* Inside the stream: where its lines come from, one within the other. */

/* Texts, bodies of definitions and sequences that are open within each other. */
#define CONF_FRAMES_MAX (CONF_INCLUDE_DEPTH_MAX + 2 * CONF_VIA_DEPTH_MAX)

enum conf_frame_kind {
	FRAME_TEXT,
	FRAME_INCLUDE, /* the texts of an include line */
	FRAME_BODY,    /* the lines of a definition */
	FRAME_SEQUENCE,
};

/* Where lines come from; the last frame comes first. */
struct conf_frame {
	enum conf_frame_kind kind;
	const struct conf_via *via; /* how its lines came here, or NULL */
	union {
		struct {
			struct conf_lexer lexer;
			uint32_t number;
			unsigned checks; /* enum conf_include_check */
		} text;
		struct {
			uint32_t first, count, next; /* of the source's children */
		} include;
		struct {
			const struct conf_definition *definition;
			size_t next;
		} body;
		struct {
			struct conf_sequence sequence;
			const struct conf_piece *pieces; /* the rest of the line */
			size_t count;
		} sequence;
	};
};

/* Words of global_defs that the language itself obeys. */
enum conf_setting {
	SETTING_NONE,
	SETTING_RANDOM_SEED,
	SETTING_INCLUDE_CHECK,
};

struct conf_stream;

/* Reads the files of an include line into the source. 0 or -ENOMEM. */
struct conf_loader {
	int (*load)(struct conf_loader *loader, const struct conf_stream *stream, uint32_t parent,
		const struct conf_token *token);
};

struct conf_stream {
	const struct conf_source *source;
	struct conf_diagnostics *diagnostics; /* NULL: nothing is said */
	struct conf_loader *loader;	      /* NULL: what an include brings is in the source */
	struct arena *arena;
	struct conf_expander expander;
	struct conf_linebuilder builder;
	struct conf_lexer line; /* of what was made */
	bool has_line;
	bool bad_line; /* one that could not be read, which has been said, was written there: */
	struct conf_place bad_place;
	bool bad_end; /* and only its end is still to be told */
	struct conf_frame *frames;
	unsigned depth;
	size_t includes;	   /* read so far */
	unsigned checks;	   /* of include, enum conf_include_check */
	enum conf_setting setting; /* of the line being read */
	unsigned setting_words;
	unsigned checks_before;
	struct conf_token back;
	bool has_back;
	bool has_ended;
	bool out_of_memory;
};

/* Open one above the others; NULL when they are too many, and that has been said. */
struct conf_frame *conf_frame_push(
	struct conf_stream *stream, enum conf_frame_kind kind, const struct conf_place *place);

/* The same for a text of the source; false when that was refused. */
bool conf_frame_push_text(
	struct conf_stream *stream, uint32_t number, const struct conf_place *place);

void conf_frame_pop(struct conf_stream *stream);

/* The innermost file. */
struct conf_frame *conf_frame_text(const struct conf_stream *stream);

#endif
