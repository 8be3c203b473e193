/* SPDX-License-Identifier: ISC */
/* The configuration as vrrpctl shows it. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/conf/dump.h"
#include "agent/conf/text/lexer.h"
#include "agent/core/core.h"
#include "agent/core/jsontext.h"
#include "agent/core/overlay.h"
#include "agent/core/show/show.h"
#include "agent/core/state.h"
#include "agent/core/store.h"

#define MASK	 "********"
#define PASSWORD "auth_pass"

/* Nobody who may look at the configuration learns passwords from it. */
static void mask_passwords(struct config *config)
{
	for (size_t i = 0; i < config->instance_count; i++) {
		struct instance *instance = config->instances[i];

		if (instance->auth_type != AUTH_NONE)
			memcpy(instance->auth_data, MASK, sizeof(instance->auth_data));
	}
}

void show_mask_passwords(char *text)
{
	struct conf_lexer lexer;
	struct conf_token token;
	bool password = false;

	conf_lexer_init(&lexer, "", text, strlen(text));
	while ((token = conf_lexer_next(&lexer)).kind != TOKEN_END) {
		if (password && token.kind == TOKEN_WORD)
			memset(text + (token.start - text), MASK[0], token.length);
		password = token.kind == TOKEN_WORD && token.length == strlen(PASSWORD) &&
			   memcmp(token.start, PASSWORD, token.length) == 0;
	}
}

static json_t *document(const char *key, const char *text, const struct core_state *state)
{
	const struct overlay_aside *aside = state->aside;
	char *masked = strdup(aside && aside->text ? aside->text : "");
	json_t *answer = NULL;

	if (masked) {
		show_mask_passwords(masked);
		answer = json_pack("{s:i, s:o, s:o, s:o, s:o}", "schema", SHOW_SCHEMA, key,
			json_text(text ? text : ""), "aside", json_text(masked), "file",
			json_text(state->options->path), "overlay",
			json_text(store_path(state->store)));
	}
	free(masked);
	return answer;
}

static json_t *dump(const struct core_state *state, const char *key,
	void (*write)(const struct config *config, FILE *stream))
{
	struct config *copy = config_copy(state->config);
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);
	json_t *answer = NULL;

	if (copy && stream) {
		mask_passwords(copy);
		write(copy, stream);
	}
	if (stream && fclose(stream) == 0 && copy)
		answer = document(key, text, state);
	free(text);
	config_free(copy);
	return answer;
}

json_t *show_configuration(const struct core_state *state)
{
	return dump(state, "configuration", conf_dump);
}

json_t *show_difference(const struct core_state *state)
{
	return dump(state, "difference", overlay_write);
}
