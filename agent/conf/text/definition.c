/* SPDX-License-Identifier: ISC */
#include "agent/conf/text/definition.h"

#include <ctype.h>
#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <string.h>

/* What the tree holds: the name first, so that a look-up needs no definition. */
struct defined {
	const char *name;
	size_t length;
	const struct conf_definition *definition;
};

static int compare_entries(const void *a, const void *b)
{
	const struct defined *left = a, *right = b;

	if (left->length != right->length)
		return left->length < right->length ? -1 : 1;
	return memcmp(left->name, right->name, left->length);
}

size_t conf_name_length(const char *text, size_t length)
{
	size_t i = 0;

	if (length > 0 && isdigit((unsigned char)text[0]))
		return 0;
	while (i < length && (isalnum((unsigned char)text[i]) || text[i] == '_'))
		i++;
	return i;
}

bool conf_is_name(const char *text)
{
	size_t length = strlen(text);

	return length > 0 && length <= CONF_NAME_MAX && conf_name_length(text, length) == length;
}

const struct conf_definition *conf_definition_find(
	const struct conf_definitions *definitions, const char *name, size_t length)
{
	const struct defined wanted = {.name = name, .length = length};
	struct defined *const *found = tfind(&wanted, &definitions->tree, compare_entries);

	return found ? (*found)->definition : NULL;
}

int conf_define(struct conf_definitions *definitions, const struct conf_definition *definition)
{
	struct conf_definition *kept = arena_alloc(definitions->arena, sizeof(*kept));
	struct defined *entry = arena_alloc(definitions->arena, sizeof(*entry)), **found;

	if (!kept || !entry)
		return -ENOMEM;
	*kept = *definition;
	*entry = (struct defined){kept->name, strlen(kept->name), kept};
	found = tsearch(entry, &definitions->tree, compare_entries);
	if (!found)
		return -ENOMEM;
	(*found)->definition = kept;
	return 0;
}

int conf_define_text(struct conf_definitions *definitions, const char *name, const char *value,
	const struct conf_place *place, bool is_variable)
{
	struct arena *arena = definitions->arena;
	struct conf_piece *piece = arena_alloc(arena, sizeof(*piece));
	struct conf_value_line *line = arena_alloc(arena, sizeof(*line));
	struct conf_definition definition = {
		.name = name, .line_count = 1, .place = *place, .is_variable = is_variable};

	if (!piece || !line)
		return -ENOMEM;
	piece->length = strlen(value);
	piece->text = arena_string(arena, value, piece->length);
	if (!piece->text)
		return -ENOMEM;
	*line = (struct conf_value_line){piece, 1};
	definition.lines = line;
	return conf_define(definitions, &definition);
}

int conf_definition_unmet(struct conf_definitions *definitions, const char *name,
	const char *condition, const struct conf_place *place)
{
	struct conf_unmet *unmet = arena_alloc(definitions->arena, sizeof(*unmet));

	if (!unmet)
		return -ENOMEM;
	unmet->earlier = definitions->unmet;
	unmet->negated = *condition == '^';
	unmet->line = place->line;
	unmet->name = arena_string(definitions->arena, name, strlen(name));
	condition += unmet->negated;
	unmet->id = arena_string(definitions->arena, condition, strlen(condition));
	if (!unmet->name || !unmet->id)
		return -ENOMEM;
	definitions->unmet = unmet;
	return 0;
}

const char *conf_unmet_text(const struct conf_definitions *definitions, const char *name,
	size_t length, const char *config_id, char out[CONF_UNMET_TEXT_MAX])
{
	const struct conf_unmet *unmet = definitions->unmet;

	while (unmet && (strlen(unmet->name) != length || memcmp(unmet->name, name, length) != 0))
		unmet = unmet->earlier;
	*out = '\0';
	if (unmet)
		snprintf(out, CONF_UNMET_TEXT_MAX,
			": line %u does so only where the configuration id (-i) is %s%s, and it is "
			"%s",
			unmet->line, unmet->negated ? "not " : "", unmet->id, config_id);
	return out;
}

static void keep_entry(void *entry)
{
}

void conf_definitions_clear(struct conf_definitions *definitions)
{
	tdestroy(definitions->tree, keep_entry);
	definitions->tree = NULL;
}
