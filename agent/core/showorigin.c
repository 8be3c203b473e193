/* SPDX-License-Identifier: ISC */
#include "agent/core/showorigin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/conf/dump.h"
#include "agent/core/jsontext.h"
#include "agent/core/memstream.h"
#include "agent/core/show.h"
#include "agent/core/state.h"

static const char *const origin_words[] = {
	[ORIGIN_DEFAULT] = "default",
	[ORIGIN_FILE] = "file",
	[ORIGIN_OVERLAY] = "overlay",
};

/* The attribute's statement as the dump writes it, the caller's; NULL: no memory. */
static char *statement_of(const struct instance *instance, enum instance_attribute attribute)
{
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	if (!stream)
		return NULL;
	if (instance->origins[attribute].kind == ORIGIN_DEFAULT)
		conf_dump_default(attribute, stream);
	else if (attribute == INSTANCE_AUTH_TYPE)
		fprintf(stream, "authentication { auth_type %s }",
			instance->auth_type == AUTH_AH ? "AH" : "PASS");
	else if (attribute == INSTANCE_AUTH_DATA)
		fputs("authentication { auth_pass ******** }", stream);
	else
		conf_dump_attribute(instance, attribute, stream);
	if (!memstream_text(stream, &text))
		return NULL;
	return text;
}

/* Without the indentation of the first line and the end of the last. */
static const char *trim(char *text)
{
	size_t length = strlen(text);

	while (length && text[length - 1] == '\n')
		text[--length] = '\0';
	return text + strspn(text, " ");
}

static void add(json_t *list, const struct instance *instance, enum instance_attribute attribute)
{
	const struct origin *origin = &instance->origins[attribute];
	char *text = statement_of(instance, attribute);
	json_t *statement;

	if (text && *trim(text)) {
		statement = json_pack("{s:o, s:s}", "text", json_text(trim(text)), "origin",
			origin_words[origin->kind]);
		if (origin->kind == ORIGIN_FILE && origin->file) {
			json_object_set_new(statement, "file", json_text(origin->file));
			json_object_set_new(statement, "line", json_integer(origin->line));
		}
		json_array_append_new(list, statement);
	}
	free(text);
}

json_t *show_origins(const struct core_state *state, const char *name)
{
	const struct instance *instance = config_find_name(state->config, name);
	json_t *list;

	if (!instance)
		return json_pack(
			"{s:o}", "error", json_sprintf("there is no vrrp_instance %s", name));
	list = json_array();
	for (int attribute = INSTANCE_NAME + 1; attribute < INSTANCE_ATTRIBUTES; attribute++)
		add(list, instance, (enum instance_attribute)attribute);
	return json_pack("{s:i, s:o}", "schema", SHOW_SCHEMA, "statements", list);
}
