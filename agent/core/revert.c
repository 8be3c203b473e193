/* SPDX-License-Identifier: ISC */
#include "agent/core/revert.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/conf/schema.h"
#include "agent/core/overlay.h"

/* The attribute that a word writes, or -1. */
static int attribute_of(const char *word)
{
	const struct conf_word *found = conf_word_find(CONTEXT_INSTANCE, word);

	if (!found)
		found = conf_word_find(CONTEXT_AUTHENTICATION, word);
	return found ? found->attribute : -1;
}

/* As if management had not written it; whether it had. */
static bool forget(struct instance *instance, int attribute)
{
	bool found = false;

	for (int i = 0; i < INSTANCE_ATTRIBUTES; i++) {
		struct origin *origin = &instance->origins[i];

		if ((attribute >= 0 && i != attribute) || origin->kind != ORIGIN_OVERLAY)
			continue;
		*origin = (struct origin){0};
		found = true;
	}
	return found;
}

static bool forget_destroyed(struct string_list *destroyed, const char *name)
{
	size_t kept = 0;

	for (size_t i = 0; i < destroyed->count; i++) {
		if (name && strcmp(destroyed->items[i], name) != 0)
			destroyed->items[kept++] = destroyed->items[i];
	}
	if (kept == destroyed->count)
		return false;
	destroyed->count = kept;
	return true;
}

static bool is_made(const struct config *config, const char *name)
{
	const struct instance *instance = config_find_name(config, name);

	return instance && instance->origins[INSTANCE_NAME].kind == ORIGIN_OVERLAY;
}

/* Takes what is to be reverted out of `config`, so that the overlay can be written without it. */
static bool forget_named(struct config *config, const char *name, int attribute)
{
	struct instance *instance = config_find_name(config, name);
	bool found = attribute < 0 && forget_destroyed(&config->destroyed, name);

	if (!instance)
		return found;
	if (attribute < 0 && is_made(config, name))
		return config_remove_instance(config, instance) == 0;
	return forget(instance, attribute) || found;
}

/* Nothing was found to take back. */
static void refuse_unchanged(const struct candidate *current, const char *name, const char *word,
	int attribute, struct refusal *refusal)
{
	if (!config_find_name(current->config, name))
		refuse_name(refusal, current->config, name);
	else if (word && attribute < 0)
		refuse(refusal, MESSAGE_INCONSISTENT, 0,
			"'%s' is no word of a vrrp_instance that can be changed", word);
	else
		refuse(refusal, MESSAGE_INCONSISTENT, 0, "%s%s%s is as the file has it", name,
			word ? ": " : "", word ? word : "");
}

/* The overlay that is left, the caller's; NULL and a refusal: there is nothing to revert. */
static char *remaining(const struct candidate *current, const char *name, const char *word,
	struct refusal *refusal)
{
	struct config *config;
	int attribute = word ? attribute_of(word) : -1;
	struct overlay_aside aside = {0};
	char *text = NULL;
	size_t length;
	bool found = false;

	if (word && is_made(current->config, name)) {
		refuse(refusal, MESSAGE_INCONSISTENT, 0,
			"%s was made by management: the file says nothing of it", name);
		return NULL;
	}
	config = config_copy(current->config);
	if (!config || overlay_aside_without(&current->aside, word ? "" : name, &aside) < 0) {
		refuse(refusal, MESSAGE_BUSY, 0, "out of memory");
		config_free(config);
		return NULL;
	}
	found = aside.length != current->aside.length;
	if (!word || attribute >= 0)
		found = forget_named(config, name, attribute) || found;
	if (!found)
		refuse_unchanged(current, name, word, attribute, refusal);
	else if (overlay_render(config, &aside, &text, &length) < 0)
		refuse(refusal, MESSAGE_BUSY, 0, "out of memory");
	overlay_aside_clear(&aside);
	config_free(config);
	return text;
}

/* The text in force, with another overlay over it. */
static bool read_anew(struct proposal *proposal, const struct candidate *current, const char *text,
	struct refusal *refusal)
{
	struct candidate next = {.source = current->source};
	struct conf_diagnostics diagnostics = {0};
	int error = candidate_build(
		&next, "the overlay", text, strlen(text), current->slots, &diagnostics);

	next.source = NULL;
	if (error) {
		refuse(refusal, MESSAGE_INCONSISTENT, 0, "%s",
			diagnostics.errors ? diagnostics.items[0].message : strerror(-error));
		candidate_clear(&next);
	} else {
		*proposal = (struct proposal){.config = next.config,
			.slots = next.slots,
			.aside = next.aside,
			.whole = true};
	}
	conf_diagnostics_clear(&diagnostics);
	return error == 0;
}

bool revert_make(struct proposal *proposal, const struct candidate *current, const char *name,
	const char *word, struct refusal *refusal)
{
	char *text = NULL;
	bool good;

	if (!name && word)
		return refuse(refusal, MESSAGE_INCONSISTENT, 0, "of which vrrp_instance?");
	if (name) {
		text = remaining(current, name, word, refusal);
		if (!text)
			return false;
	}
	good = read_anew(proposal, current, text ? text : "", refusal);
	free(text);
	return good;
}
