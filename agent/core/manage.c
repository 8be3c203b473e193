/* SPDX-License-Identifier: ISC */
#include "agent/core/manage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/conf/load.h"
#include "agent/conf/value.h"
#include "agent/core/configsave.h"
#include "agent/core/core.h"
#include "agent/core/jsontext.h"
#include "agent/core/revert.h"
#include "agent/core/review.h"
#include "agent/core/show/show.h"
#include "agent/core/transaction.h"
#include "lib/clock.h"

struct management {
	struct transactions *transactions;
	struct transaction_client client;
	enum conf_author author;
	management_done *done;
	void *context;
	/* what is asked for; NULL: not said */
	char *name, *word, *value;
	const struct core_options *options;
	json_t *warnings; /* of what was changed; NULL: nobody asked */
};

static bool out_of_memory(struct refusal *refusal)
{
	return refuse(refusal, MESSAGE_BUSY, 0, "out of memory");
}

static bool say_why(const struct conf_diagnostics *diagnostics, int error, struct refusal *refusal)
{
	for (size_t i = 0; i < diagnostics->count; i++) {
		if (diagnostics->items[i].severity == CONF_ERROR)
			return refuse(refusal, MESSAGE_INCONSISTENT, 0, "%s",
				diagnostics->items[i].message);
	}
	return refuse(refusal, MESSAGE_BUSY, 0, "%s", strerror(-error));
}

static struct instance *find(
	const struct management *management, const struct config *config, struct refusal *refusal)
{
	struct instance *instance = NULL;

	if (management->name)
		instance = config_find_name(config, management->name);
	if (!instance)
		refuse_name(
			refusal, config, management->name ? management->name : "without a name");
	return instance;
}

static int change_word(const struct management *management, struct proposal *proposal,
	struct instance *instance, struct conf_diagnostics *diagnostics)
{
	int error;

	proposal_touch(proposal, instance);
	error = conf_set(proposal->config, instance, management->author, management->word,
		management->value, diagnostics);
	if (error)
		return error;
	proposal_touch(proposal, instance);
	return conf_edit(proposal->config, "", "", 0, diagnostics);
}

/* What a file with the change would be refused for is an error, what it would be warned of is told
 * with the answer. */
static bool judge(struct management *management, struct review *review, struct proposal *proposal,
	const struct conf_diagnostics *said, struct refusal *refusal)
{
	struct conf_diagnostics news = {0};
	bool good;

	review_end(review, proposal->config, said, &news);
	good = conf_diagnostics_result(&news) != CONF_REFUSED || say_why(&news, -ENOMEM, refusal);
	if (good)
		management->warnings = review_warnings(&news);
	conf_diagnostics_clear(&news);
	return good;
}

static bool set_word(
	struct management *management, struct proposal *proposal, struct refusal *refusal)
{
	struct instance *instance = find(management, proposal->config, refusal);
	struct conf_diagnostics diagnostics = {0};
	struct review review;
	bool good;
	int error;

	if (!instance)
		return false;
	review_begin(&review, proposal->config);
	error = change_word(management, proposal, instance, &diagnostics);
	if (!error)
		good = judge(management, &review, proposal, &diagnostics, refusal);
	else if (error == -ENOENT)
		good = refuse_word(refusal, management->word);
	else
		good = say_why(&diagnostics, error, refusal);
	review_drop(&review);
	conf_diagnostics_clear(&diagnostics);
	return good;
}

static bool make_set(void *context, const struct candidate *current, struct proposal *proposal,
	struct refusal *refusal)
{
	struct management *management = context;

	if (!management->word)
		return refuse(refusal, MESSAGE_INCONSISTENT, 0, "what is to be set?");
	return proposal_begin(proposal, current, refusal) &&
	       set_word(management, proposal, refusal) && proposal_plan(proposal, current, refusal);
}

/* Each router, or the one that is named, with one more statement. */
static bool state_all(const struct management *management, struct proposal *proposal,
	const char *statement, struct refusal *refusal)
{
	struct conf_diagnostics diagnostics = {0};
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);
	int error;
	bool good;

	if (!stream)
		return out_of_memory(refusal);
	for (size_t i = 0; i < proposal->config->instance_count; i++) {
		const struct instance *instance = proposal->config->instances[i];

		if (management->name && strcmp(management->name, instance->name) != 0)
			continue;
		proposal_touch(proposal, instance);
		fputs("vrrp_instance ", stream);
		conf_write_word(instance->name, stream);
		fprintf(stream, " {\n%s\n}\n", statement);
	}
	error = fclose(stream) == 0 ? 0 : -ENOMEM;
	if (!error)
		error = conf_edit(proposal->config, "the change", text, length, &diagnostics);
	good = error == 0 || say_why(&diagnostics, error, refusal);
	conf_diagnostics_clear(&diagnostics);
	free(text);
	return good;
}

/* Where the file says the same, the overlay need not. */
static void forget_needless(struct config *config, const struct candidate *current)
{
	struct candidate file = {.source = current->source};
	struct conf_diagnostics ignored = {0};
	int error = candidate_build(&file, "", "", 0, current->slots, &ignored);

	for (size_t i = 0; !error && i < config->instance_count; i++) {
		struct instance *instance = config->instances[i];
		const struct instance *written = config_find_name(file.config, instance->name);
		struct origin *origin = &instance->origins[INSTANCE_ADMIN_STATE];

		if (written && written->admin_state == instance->admin_state &&
			origin->kind == ORIGIN_OVERLAY)
			*origin = (struct origin){0};
	}
	conf_diagnostics_clear(&ignored);
	file.source = NULL;
	candidate_clear(&file);
}

static bool make_admin_state(const struct management *management, const struct candidate *current,
	struct proposal *proposal, const char *statement, struct refusal *refusal)
{
	if (management->name && !find(management, current->config, refusal))
		return false;
	if (!proposal_begin(proposal, current, refusal) ||
		!state_all(management, proposal, statement, refusal))
		return false;
	forget_needless(proposal->config, current);
	return proposal_plan(proposal, current, refusal);
}

static bool make_drain(void *context, const struct candidate *current, struct proposal *proposal,
	struct refusal *refusal)
{
	return make_admin_state(context, current, proposal, "admin_state down", refusal);
}

static bool make_undrain(void *context, const struct candidate *current, struct proposal *proposal,
	struct refusal *refusal)
{
	return make_admin_state(context, current, proposal, "admin_state up", refusal);
}

static bool make_revert(void *context, const struct candidate *current, struct proposal *proposal,
	struct refusal *refusal)
{
	const struct management *management = context;

	return revert_make(proposal, current, management->name, management->word, refusal);
}

static bool make_saved(void *context, const struct candidate *current, struct proposal *proposal,
	struct refusal *refusal)
{
	const struct management *management = context;

	return save_make(proposal, current, management->options, refusal);
}

static const struct {
	const char *word;
	transaction_make *make;
} commands[] = {
	{"set", make_set},
	{"drain", make_drain},
	{"undrain", make_undrain},
	{"config-revert", make_revert},
	{"config-saved", make_saved},
};

static transaction_make *find_command(const char *command)
{
	for (size_t i = 0; command && i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].word, command) == 0)
			return commands[i].make;
	}
	return NULL;
}

bool management_knows(const char *command)
{
	return find_command(command) != NULL;
}

static void on_answer(void *context, const union message *result)
{
	struct management *management = context;

	management->done(management->context,
		result->outcome.error
			? json_pack("{s:o}", "error", json_text(result->outcome.text))
			: json_pack("{s:i, s:s, s:O*}", "schema", SHOW_SCHEMA, "result", "done",
				  "warnings", management->warnings));
}

/* A text of the request, the caller's, or NULL; false: out of memory. */
static bool take_text(char **text, const json_t *request, const char *key)
{
	const char *value = json_string_value(json_object_get(request, key));

	*text = value ? strdup(value) : NULL;
	return !value || *text;
}

struct management *management_begin(const struct core_state *state, enum conf_author author,
	const json_t *request, management_done *done, void *context)
{
	transaction_make *make =
		find_command(json_string_value(json_object_get(request, "command")));
	struct management *management = calloc(1, sizeof(*management));

	if (!management)
		return NULL;
	*management = (struct management){
		.transactions = state->transactions,
		.client = {.answer = on_answer, .context = management},
		.author = author,
		.done = done,
		.context = context,
		.options = state->options,
	};
	if (!take_text(&management->name, request, "name") ||
		!take_text(&management->word, request, "word") ||
		!take_text(&management->value, request, "value"))
		return management_end(management);
	transactions_run(
		management->transactions, &management->client, clock_now(), make, management);
	return management;
}

struct management *management_end(struct management *management)
{
	if (!management)
		return NULL;
	transactions_lost(management->transactions, &management->client);
	free(management->name);
	free(management->word);
	free(management->value);
	json_decref(management->warnings);
	free(management);
	return NULL;
}
