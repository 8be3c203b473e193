/* SPDX-License-Identifier: ISC */
#include "agent/conf/schema.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agent/conf/text/diagnose.h"
#include "vrrp/protocol/limits.h"

#define SLOTS 2048

static const char *const context_names[CONF_CONTEXTS] = {
	[CONTEXT_TOP] = "the top level of the file",
	[CONTEXT_GLOBAL] = "global_defs",
	[CONTEXT_INSTANCE] = "vrrp_instance",
	[CONTEXT_AUTHENTICATION] = "authentication",
	[CONTEXT_ADDRESS] = "a virtual address",
	[CONTEXT_ROUTE] = "a route",
	[CONTEXT_RULE] = "a routing rule",
	[CONTEXT_SYNC_GROUP] = "vrrp_sync_group",
	[CONTEXT_SCRIPT] = "vrrp_script",
	[CONTEXT_TRACK_FILE] = "track_file",
	[CONTEXT_TRACK_PROCESS] = "vrrp_track_process",
	[CONTEXT_GARP_GROUP] = "garp_group",
	[CONTEXT_BFD] = "bfd_instance",
};

const char *conf_context_name(enum conf_context context)
{
	return context_names[context];
}

bool conf_word_is_list(const struct conf_word *word)
{
	return word->kind == KIND_ADDRESSES || word->kind == KIND_INTERFACES ||
	       word->kind == KIND_TRACKED || word->kind == KIND_STRINGS ||
	       word->kind == KIND_ROUTES || word->kind == KIND_RULES || word->kind == KIND_PEERS ||
	       word->kind == KIND_MEMBERS;
}

/* Open-addressed, filled at the first question: every statement of a file asks two or three. */
static const struct conf_word *slots[SLOTS];

static const struct conf_word **slot_of(enum conf_context context, const char *word)
{
	uint32_t hash = 0x811c9dc5u + context;
	size_t i;

	for (const char *at = word; *at; at++)
		hash = (hash ^ (unsigned char)*at) * 0x01000193u;
	for (i = hash % SLOTS; slots[i]; i = (i + 1) % SLOTS)
		if (slots[i]->context == context && strcmp(slots[i]->word, word) == 0)
			break;
	return &slots[i];
}

const struct conf_word *conf_word_find(enum conf_context context, const char *word)
{
	static bool filled;

	assert(conf_word_count <= SLOTS / 2);
	for (size_t i = 0; !filled && i < conf_word_count; i++)
		*slot_of(conf_words[i].context, conf_words[i].word) = &conf_words[i];
	filled = true;
	return *slot_of(context, word);
}

const struct conf_word *conf_word_suggest(enum conf_context context, const char *word)
{
	const struct conf_word *nearest = NULL;
	unsigned least = 0;

	for (size_t i = 0; i < conf_word_count; i++) {
		unsigned distance;

		if (conf_words[i].context != context)
			continue;
		distance = conf_resembles(word, conf_words[i].word);
		if (distance > 0 && (!nearest || distance < least)) {
			nearest = &conf_words[i];
			least = distance;
		}
	}
	return nearest;
}

bool conf_word_is_roots(const struct conf_word *word)
{
	return word->kind == KIND_COMMAND || word->kind == KIND_PROGRAM ||
	       word->kind == KIND_USER || word->kind == KIND_RUN_AS || word->kind == KIND_FIFO;
}

bool conf_word_is_switch(const struct conf_word *word)
{
	return strcmp(word->choices[0], "off") == 0 && strcmp(word->choices[1], "on") == 0 &&
	       !word->choices[2];
}

const struct conf_word *conf_word_elsewhere(enum conf_context except, const char *word)
{
	for (size_t i = 0; i < conf_word_count; i++)
		if (conf_words[i].context != except && conf_words[i].kind != KIND_OPTION &&
			strcmp(conf_words[i].word, word) == 0)
			return &conf_words[i];
	return NULL;
}

const struct conf_word *conf_word_counterpart(enum conf_context context, const char *word)
{
	static const char prefix[] = "vrrp_";
	const size_t length = strlen(prefix);
	char longer[64];

	if (strncmp(word, prefix, length) == 0)
		return conf_word_find(context, word + length);
	snprintf(longer, sizeof(longer), "%s%s", prefix, word);
	return conf_word_find(context, longer);
}

static void put_seconds(char *out, size_t room, uint64_t ns)
{
	int length =
		snprintf(out, room, "%" PRIu64 ".%09" PRIu64, ns / 1000000000u, ns % 1000000000u);

	while (out[length - 1] == '0')
		out[--length] = '\0';
	if (out[length - 1] == '.')
		out[length - 1] = '\0';
}

void conf_word_range(const struct conf_word *word, char *out, size_t room)
{
	char low[24], high[24];

	if (word->kind == KIND_SECONDS) {
		put_seconds(low, sizeof(low), word->minimum);
		put_seconds(high, sizeof(high), word->maximum);
		snprintf(out, room, "%s..%s", low, high);
	} else if (word->kind == KIND_SIGNED) {
		snprintf(out, room, "%" PRId64 "..%" PRId64, (int64_t)word->minimum,
			(int64_t)word->maximum);
	} else {
		snprintf(out, room, "%" PRIu64 "..%" PRIu64, word->minimum, word->maximum);
	}
}
