/* SPDX-License-Identifier: ISC */
#include "agent/core/show/showorigin.h"

#include <stdlib.h>
#include <string.h>

#include "agent/conf/dump.h"
#include "agent/core/attributetext.h"
#include "agent/core/edit/refusal.h"
#include "agent/core/jsontext.h"
#include "agent/core/show/show.h"
#include "agent/core/state.h"

static const char *const origin_words[] = {
	[ORIGIN_DEFAULT] = "default",
	[ORIGIN_FILE] = "file",
	[ORIGIN_OVERLAY] = "overlay",
};

/* Without its password; the caller's; NULL: no memory. */
static char *shown_statement(const struct instance *instance, enum instance_attribute attribute)
{
	if (!attributetext_is_secret(attribute) ||
		instance->origins[attribute].kind == ORIGIN_DEFAULT)
		return attributetext_of(instance, attribute);
	if (attribute == INSTANCE_AUTH_DATA)
		return strdup("authentication { auth_pass ******** }");
	return strdup(instance->auth_type == AUTH_AH ? "authentication { auth_type AH }"
						     : "authentication { auth_type PASS }");
}

/* Without the indentation of the first line and the end of the last. */
static const char *trim(char *text)
{
	size_t length = strlen(text);

	while (length && text[length - 1] == '\n')
		text[--length] = '\0';
	return text + strspn(text, " ");
}

static void add(json_t *list, const struct globals *globals, const struct instance *instance,
	enum instance_attribute attribute)
{
	const struct origin *origin = conf_value_origin(globals, instance, attribute);
	char *text = shown_statement(instance, attribute);
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
	struct refusal refusal;
	json_t *list;

	if (!instance) {
		refuse_name(&refusal, state->config, name);
		return json_pack("{s:o}", "error", json_text(refusal.text));
	}
	list = json_array();
	for (int attribute = INSTANCE_NAME + 1; attribute < INSTANCE_ATTRIBUTES; attribute++)
		add(list, &state->config->globals, instance, (enum instance_attribute)attribute);
	return json_pack("{s:i, s:o, s:o}", "schema", SHOW_SCHEMA, "router",
		show_router(state, instance), "statements", list);
}
