/* SPDX-License-Identifier: ISC */
#include "lib/tracker.h"

#include "lib/identity.h"
#include "lib/image.h"

#include <stdbool.h>
#include <stdio.h>

static const char *const states[] = {
#define X(name, word) [TRACKER_##name] = (word),
	TRACKER_STATES(X)
#undef X
};

static const char *const kinds[] = {
#define X(name, word) [IMAGE_TRACKER_##name] = (word),
	IMAGE_TRACKER_KINDS(X)
#undef X
};

const char *tracker_state_word(uint8_t state)
{
	return state < TRACKER_STATE_COUNT ? states[state] : "unknown";
}

const char *tracker_kind_word(uint8_t kind)
{
	return kind < IMAGE_TRACKER_KIND_COUNT ? kinds[kind] : "unknown";
}

static const struct {
	const char *text;
	bool has_value;
} results[] = {
#define X(name, words, value) [TRACKER_RESULT_##name] = {words, value},
	TRACKER_RESULTS(X)
#undef X
};

void tracker_result_text(uint8_t result, int32_t value, char *text, size_t size)
{
	if (result >= TRACKER_RESULT_COUNT)
		snprintf(text, size, "unknown");
	else if (results[result].has_value)
		snprintf(text, size, "%s %d", results[result].text, value);
	else
		snprintf(text, size, "%s", results[result].text);
}

uint64_t tracker_identity(uint8_t kind, const char *name)
{
	uint64_t identity = (identity_of_name(name) ^ (kind + 1u)) * 0x100000001b3ull;

	return identity ? identity : 1;
}
