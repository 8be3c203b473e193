/* SPDX-License-Identifier: ISC */
/* The configuration as vrrpctl shows it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/conf/dump.h"
#include "agent/core/core.h"
#include "agent/core/overlay.h"
#include "agent/core/show.h"
#include "agent/core/state.h"
#include "agent/core/store.h"

#define MASK "********"

/* Nobody who may look at the configuration learns passwords from it. */
static void mask_passwords(struct config *config)
{
	for (size_t i = 0; i < config->instance_count; i++) {
		struct instance *instance = config->instances[i];

		if (instance->auth_type != AUTH_NONE)
			memcpy(instance->auth_data, MASK, sizeof(instance->auth_data));
	}
}

static json_t *document(const char *key, const char *text, const struct core_state *state)
{
	const struct overlay_aside *aside = state->aside;

	return json_pack("{s:s, s:s, s:s, s:s}", key, text ? text : "", "aside",
		aside && aside->text ? aside->text : "", "file", state->options->path, "overlay",
		store_path(state->store));
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
