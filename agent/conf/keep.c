/* SPDX-License-Identifier: ISC */
/* What every writer into the model needs: memory that lives with the config, where a value was
 * written, and what a word's status means. */
#include <string.h>

#include "agent/conf/parse.h"

const char *conf_keep(struct conf_parser *parser, const char *text)
{
	const char *kept = config_string(parser->config, text, strlen(text));

	if (!kept)
		parser->out_of_memory = true;
	return kept;
}

struct origin conf_origin(struct conf_parser *parser, const struct conf_place *place)
{
	if (place->file != parser->last_file) {
		parser->last_file = place->file;
		parser->last_file_kept = place->file[0] ? conf_keep(parser, place->file) : NULL;
	}
	if (place->via != parser->last_via) {
		char text[CONF_VIA_TEXT_MAX];

		parser->last_via = place->via;
		parser->last_via_kept =
			place->via ? conf_keep(parser, conf_via_text(place->via, text)) : NULL;
	}
	return (struct origin){
		.file = parser->last_file_kept,
		.via = parser->last_via_kept,
		.line = place->line,
		.column = place->column > UINT16_MAX ? UINT16_MAX : (uint16_t)place->column,
		.kind = (uint8_t)parser->kind,
	};
}

void *conf_append(struct conf_parser *parser, void *items, size_t count, size_t size)
{
	char *grown = items;

	if ((count & (count - 1)) == 0) {
		grown = config_alloc(parser->config, (count ? 2 * count : 1) * size);
		if (!grown) {
			parser->out_of_memory = true;
			return NULL;
		}
		if (count > 0)
			memcpy(grown, items, count * size);
	}
	return grown;
}

bool conf_check_status(
	struct conf_parser *parser, const struct conf_word *word, const struct conf_place *place)
{
	struct conf_use *use = NULL;

	if (word->status == STATUS_REFUSED) {
		const char *advice = conf_word_advice(word);

		conf_diagnose(parser->diagnostics, CONF_ERROR, place,
			"%s is not supported, and leaving it out would change who is active or "
			"what is owned%s%s",
			word->word, advice ? ": " : "", advice ? advice : "");
		return false;
	}
	if (word->status == STATUS_IGNORED)
		use = &parser->ignored[word - conf_words];
	if (use && use->count++ == 0)
		use->place = *place;
	return true;
}
