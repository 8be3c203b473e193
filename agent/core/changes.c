/* SPDX-License-Identifier: ISC */
#include "agent/core/changes.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/attributetext.h"
#include "lib/log.h"

/* On one line with single spaces; the caller's. */
static char *one_line(char *text)
{
	char *to = text;

	if (!text)
		return NULL;
	for (const char *from = text; *from; from++) {
		bool space = *from == ' ' || *from == '\n';

		if (!space)
			*to++ = *from;
		else if (to > text && to[-1] != ' ')
			*to++ = ' ';
	}
	while (to > text && to[-1] == ' ')
		to--;
	*to = '\0';
	return text;
}

/* Behind the word that both begin with, which is said once. */
static const char *without_word(const char *before, const char *after)
{
	const char *space = strchr(after, ' ');
	size_t word = space ? (size_t)(space - after) + 1 : 0;

	return word > 0 && strncmp(before, after, word) == 0 ? after + word : after;
}

static void log_attribute(const struct instance *before, const struct instance *after,
	enum instance_attribute attribute, const char *verb)
{
	char *old = one_line(attributetext_of(before, attribute));
	char *new = one_line(attributetext_of(after, attribute));

	if (old && new &&strcmp(old, new) != 0)
		log_message(LOG_NOTICE, "%s: %s -> %s, %s", after->name, old[0] ? old : "default",
			new[0] ? without_word(old, new) : "default", verb);
	free(old);
	free(new);
}

static struct instance *find(const struct config *config, const struct slot_identity *identity)
{
	return config_find_identity(
		config, identity->interface, slots_family_to_af(identity->family), identity->vrid);
}

/* The one of that name where its identity is another: the router moved. */
static struct instance *moved(
	const struct config *there, const struct config *here, const struct instance *instance)
{
	struct instance *other = config_find_name(there, instance->name);
	struct slot_identity identity;

	if (!other)
		return NULL;
	identity = slots_identity_of(other);
	return find(here, &identity) ? NULL : other;
}

static void log_attributes(const struct instance *old, const struct instance *new, const char *verb)
{
	for (enum instance_attribute a = 0; a < INSTANCE_ATTRIBUTES; a++) {
		if (!attributetext_is_secret(a))
			log_attribute(old, new, a, verb);
	}
}

static void log_router(const struct config *before, const struct config *after,
	const struct slot_identity *identity, const char *verb)
{
	const struct instance *old = find(before, identity);
	const struct instance *new = find(after, identity);

	if (old && new) {
		log_attributes(old, new, verb);
	} else if (new) {
		old = moved(before, after, new);
		if (old)
			log_attributes(old, new, verb);
		else
			log_message(LOG_NOTICE, "%s: created, %s", new->name, verb);
	} else if (old && !moved(after, before, old)) {
		log_message(LOG_NOTICE, "%s: destroyed, %s", old->name, verb);
	}
}

void changes_log(const struct config *before, const struct config *after,
	const struct slot_identity *touched, size_t count, const char *verb)
{
	for (size_t i = 0; i < count; i++)
		log_router(before, after, &touched[i], verb);
}

static bool says_the_same(const struct instance *before, const struct instance *after,
	enum instance_attribute attribute)
{
	char *old = attributetext_of(before, attribute);
	char *new = attributetext_of(after, attribute);
	bool same = old && new &&strcmp(old, new) == 0;

	free(old);
	free(new);
	return same;
}

bool changes_addresses(const struct config *before, const struct config *after,
	const struct slot_identity *touched, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct instance *old = find(before, &touched[i]);
		const struct instance *new = find(after, &touched[i]);

		if (new && (!old || !says_the_same(old, new, INSTANCE_ADDRESSES) ||
				   !says_the_same(old, new, INSTANCE_EXCLUDED) ||
				   !says_the_same(old, new, INSTANCE_VMAC)))
			return true;
	}
	return false;
}

void changes_log_all(const struct config *before, const struct config *after, const char *verb)
{
	for (size_t i = 0; i < before->instance_count; i++) {
		struct slot_identity identity = slots_identity_of(before->instances[i]);

		log_router(before, after, &identity, verb);
	}
	for (size_t i = 0; i < after->instance_count; i++) {
		struct slot_identity identity = slots_identity_of(after->instances[i]);

		if (!find(before, &identity))
			log_router(before, after, &identity, verb);
	}
}

void changes_log_moved(const struct config *before, const struct config *after, const char *verb)
{
	for (size_t i = 0; i < after->instance_count; i++) {
		const struct instance *new = after->instances[i];
		struct slot_identity identity = slots_identity_of(new);
		const struct instance *old =
			find(before, &identity) ? NULL : moved(before, after, new);

		if (old)
			log_attributes(old, new, verb);
	}
}
