/* SPDX-License-Identifier: ISC */
#include "agent/core/configsave.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/core.h"
#include "agent/core/savetext.h"
#include "agent/core/show/show.h"

#define NOT_THE_SAME                                                                              \
	"nothing was written: the file would not mean what is in force, since something else in " \
	"it, or in what it includes, decides that; `vrrpctl config diff` shows what to write by " \
	"hand"

#define NOT_UTF8 "the configuration file isn't UTF-8 (iconv can make it so); reload it when it is"

static int make_text(
	const struct config *config, const struct conf_source *source, struct saved_text *saved)
{
	return savetext_make(config, source->texts[0].text, source->texts[0].length, saved);
}

/* The caller's; NULL: out of memory.  vrrpctl may be started in another folder than we were. */
static char *absolute_path(const struct core_state *state)
{
	const char *path = state->options->path, *slash = strrchr(path, '/');
	const char *folder = state->source->texts[0].folder;
	char *whole;

	if (path[0] == '/' || !folder)
		return strdup(path);
	return asprintf(&whole, "%s/%s", folder, slash ? slash + 1 : path) < 0 ? NULL : whole;
}

json_t *save_propose(const struct core_state *state)
{
	const struct conf_text *file = &state->source->texts[0];
	struct saved_text saved;
	json_t *answer;
	char *path;

	if (make_text(state->config, state->source, &saved) < 0)
		return NULL;
	path = absolute_path(state);
	show_mask_passwords(saved.left);
	answer = json_pack("{s:i, s:s, s:s+, s:s, s:s, s:I, s:s}", "schema", SHOW_SCHEMA, "file",
		path, "beside", path, SAVE_SUFFIX, "before", file->text, "after", saved.text,
		"written", (json_int_t)saved.written, "left", saved.left);
	if (!answer)
		answer = json_pack("{s:s}", "error", NOT_UTF8);
	free(path);
	savetext_clear(&saved);
	return answer;
}

/* Reads the file into *next; 0 if it means, with what is left of the overlay, what is in force. */
static int read_same(struct candidate *next, const char *path, const struct core_options *options,
	const struct config *config, const struct conf_source *source, const struct slots *slots)
{
	struct conf_diagnostics diagnostics = {0};
	struct saved_text saved;
	int error = make_text(config, source, &saved);

	if (error)
		return error;
	error = candidate_read(next, path, options->config_id, &diagnostics);
	if (!error)
		error = candidate_build(
			next, "the overlay", saved.left, saved.left_length, slots, &diagnostics);
	if (!error && !config_equal(next->config, config))
		error = -EINVAL;
	conf_diagnostics_clear(&diagnostics);
	savetext_clear(&saved);
	return error;
}

json_t *save_check(const struct core_state *state)
{
	struct candidate next = {0};
	char *path;
	int error;

	if (asprintf(&path, "%s" SAVE_SUFFIX, state->options->path) < 0)
		return NULL;
	error = read_same(&next, path, state->options, state->config, state->source, state->slots);
	candidate_clear(&next);
	free(path);
	if (!error)
		return json_pack("{s:s}", "result", "the same");
	return json_pack("{s:s}", "error", error == -EINVAL ? NOT_THE_SAME : strerror(-error));
}

bool save_make(struct proposal *proposal, const struct candidate *current,
	const struct core_options *options, struct refusal *refusal)
{
	struct candidate next = {0};
	int error = read_same(
		&next, options->path, options, current->config, current->source, current->slots);

	if (error) {
		candidate_clear(&next);
		return refuse(refusal, MESSAGE_INCONSISTENT, 0, "%s: %s", options->path,
			error == -EINVAL ? NOT_THE_SAME : strerror(-error));
	}
	*proposal = (struct proposal){
		.config = next.config,
		.slots = next.slots,
		.aside = next.aside,
		.source = next.source,
		.whole = true,
	};
	return true;
}
