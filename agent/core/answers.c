/* SPDX-License-Identifier: ISC */
#include "agent/core/answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/conf/schema.h"
#include "agent/conf/syncgroup.h"
#include "agent/core/candidate.h"
#include "agent/core/configsave.h"
#include "agent/core/core.h"
#include "agent/core/edit/refusal.h"
#include "agent/core/events/history.h"
#include "agent/core/facts.h"
#include "agent/core/jsontext.h"
#include "agent/core/show/show.h"
#include "agent/core/show/showorigin.h"
#include "agent/core/state.h"

#define HISTORY_MOST 10000

static json_t *recent_events(const struct core_state *state, const json_t *request)
{
	const char *name = json_string_value(json_object_get(request, "name"));
	json_int_t count = json_integer_value(json_object_get(request, "count"));
	struct refusal refusal;
	json_t *events;

	if (count < 1 || count > HISTORY_MOST)
		return json_pack("{s:s}", "error", "the number of events is 1 to 10000");
	events = history_recent(state->history, name, (size_t)count);
	if (!name || json_array_size(events) > 0 || config_find_name(state->config, name) ||
		config_find_group(state->config, name))
		return json_pack("{s:i, s:o}", "schema", SHOW_SCHEMA, "events", events);
	json_decref(events);
	refuse_name(&refusal, state->config, name);
	return json_pack("{s:o}", "error",
		json_sprintf("nothing of that name is in the log, and %s", refusal.text));
}

static json_t *router_origins(const struct core_state *state, const json_t *request)
{
	const char *name = json_string_value(json_object_get(request, "name"));

	return show_origins(state, name ? name : "");
}

static json_t *names(const struct core_state *state)
{
	json_t *list = json_array();

	for (size_t i = 0; i < state->config->instance_count; i++)
		json_array_append_new(list, json_text(state->config->instances[i]->name));
	return json_pack("{s:o}", "names", list);
}

static json_t *words(const struct core_state *state)
{
	json_t *list = json_array();

	for (size_t i = 0; i < conf_word_count; i++) {
		if (conf_words[i].context == CONTEXT_INSTANCE &&
			conf_words[i].status == STATUS_SUPPORTED)
			json_array_append_new(list, json_string(conf_words[i].word));
	}
	return json_pack("{s:o}", "words", list);
}

static json_t *list(const struct conf_diagnostics *diagnostics)
{
	json_t *made = json_array();

	for (size_t i = 0; i < diagnostics->count; i++) {
		const struct conf_diagnostic *item = &diagnostics->items[i];

		json_array_append_new(made,
			json_pack("{s:s, s:o, s:I, s:I, s:o}", "severity",
				item->severity == CONF_ERROR ? "error" : "warning", "file",
				json_text(item->file), "line", (json_int_t)item->line, "column",
				(json_int_t)item->column, "message", json_text(item->message)));
	}
	return made;
}

static json_t *report(const char *path, const struct conf_diagnostics *diagnostics)
{
	static const char *const words[] = {
		[CONF_GOOD] = "good", [CONF_USABLE] = "usable", [CONF_REFUSED] = "refused"};
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);
	json_t *document = NULL;

	if (!stream)
		return NULL;
	conf_diagnostics_print(diagnostics, stream);
	if (fclose(stream) == 0)
		document = json_pack("{s:i, s:o, s:s, s:I, s:I, s:o, s:o}", "schema", SHOW_SCHEMA,
			"file", json_text(path), "result",
			words[conf_diagnostics_result(diagnostics)], "errors",
			(json_int_t)diagnostics->errors, "warnings",
			(json_int_t)diagnostics->warnings, "text", json_text(text), "diagnostics",
			list(diagnostics));
	free(text);
	return document;
}

/* What a reload would say, with what management changed. */
static json_t *check(const struct core_state *state)
{
	struct conf_diagnostics diagnostics = {0};
	struct candidate next = {0};
	json_t *document;

	if (candidate_read(&next, state->options->path, state->options->config_id, &diagnostics) ==
			0 &&
		candidate_validate(&next, state->store, state->slots, &diagnostics) == 0)
		candidate_may_replace(&next, state->options->net_namespace, &diagnostics);
	candidate_clear(&next);
	document = report(state->options->path, &diagnostics);
	conf_diagnostics_clear(&diagnostics);
	return document;
}

static const struct {
	const char *word;
	enum right right;
	json_t *(*answer)(const struct core_state *state);
	json_t *(*ask)(const struct core_state *state, const json_t *request); /* if not that */
} commands[] = {
	{"show", RIGHT_VIEW, .answer = show_document},
	{"show-router", RIGHT_VIEW, .ask = router_origins},
	{"facts", RIGHT_VIEW, .answer = facts_document},
	{"names", RIGHT_VIEW, .answer = names},
	{"words", RIGHT_VIEW, .answer = words},
	{"log", RIGHT_VIEW, .ask = recent_events},
	{"config-show", RIGHT_VIEW, .answer = show_configuration},
	{"config-diff", RIGHT_VIEW, .answer = show_difference},
	{"config-check", RIGHT_CHANGE, .answer = check},
	{"config-save", RIGHT_CHANGE, .answer = save_propose},
	{"config-save-check", RIGHT_CHANGE, .answer = save_check},
};

json_t *answer_at_once(
	const struct core_state *state, enum right right, const char *word, const json_t *request)
{
	for (size_t i = 0; word && i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(word, commands[i].word) != 0)
			continue;
		if (right < commands[i].right)
			return answer_not_allowed();
		return commands[i].ask ? commands[i].ask(state, request)
				       : commands[i].answer(state);
	}
	return json_pack("{s:s}", "error",
		word ? "there is no such command"
		     : "a request is a JSON object with a \"command\"");
}

json_t *answer_not_allowed(void)
{
	return json_pack("{s:s}", "error",
		"only root, and the group that vrrpctl_group in global_defs names, may do that");
}
