/* SPDX-License-Identifier: ISC */
#include "agent/conf/schema.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agent/conf/text/diagnose.h"
#include "vrrp/protocol/limits.h"

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

/* Where the words of a context begin: the table is ordered by context. */
static size_t first_of(enum conf_context context)
{
	size_t low = 0, high = conf_word_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (conf_words[middle].context < context)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct conf_word *conf_word_find(enum conf_context context, const char *word)
{
	for (size_t i = first_of(context); i < conf_word_count; i++) {
		if (conf_words[i].context != context)
			break;
		if (strcmp(conf_words[i].word, word) == 0)
			return &conf_words[i];
	}
	return NULL;
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

const struct conf_word *conf_word_elsewhere(enum conf_context except, const char *word)
{
	for (size_t i = 0; i < conf_word_count; i++)
		if (conf_words[i].context != except && conf_words[i].kind != KIND_OPTION &&
			strcmp(conf_words[i].word, word) == 0)
			return &conf_words[i];
	return NULL;
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
