/* SPDX-License-Identifier: ISC */
#include "agent/core/review.h"

#include <string.h>

#include "agent/conf/validate.h"
#include "agent/core/candidate.h"
#include "agent/core/jsontext.h"
#include "lib/log.h"

void review_begin(struct review *review, struct config *config)
{
	*review = (struct review){0};
	candidate_review(config, &review->before);
}

static bool is_said(const struct conf_diagnostics *diagnostics, const char *message)
{
	for (size_t i = 0; i < diagnostics->count; i++) {
		if (strcmp(diagnostics->items[i].message, message) == 0)
			return true;
	}
	return false;
}

static void add_new(struct conf_diagnostics *to, const struct conf_diagnostics *from,
	const struct review *review)
{
	for (size_t i = 0; i < from->count; i++) {
		const struct conf_diagnostic *item = &from->items[i];
		const struct conf_place place = {.file = item->file};

		if (!is_said(&review->before, item->message) && !is_said(to, item->message))
			conf_diagnose(to, item->severity, &place, "%s", item->message);
	}
	to->out_of_memory |= from->out_of_memory;
}

void review_end(struct review *review, struct config *config, const struct conf_diagnostics *said,
	struct conf_diagnostics *news)
{
	struct conf_diagnostics after = {0};

	candidate_review(config, &after);
	add_new(news, said, review);
	add_new(news, &after, review);
	conf_diagnostics_clear(&after);
}

void review_drop(struct review *review)
{
	conf_diagnostics_clear(&review->before);
}

void review_log_shared(const struct config *before, const struct config *after)
{
	struct conf_diagnostics found = {0}, news = {0};
	struct review review = {0};

	conf_validate_shared(after, &found);
	if (found.count)
		conf_validate_shared(before, &review.before);
	add_new(&news, &found, &review);
	for (size_t i = 0; i < news.count; i++)
		log_message(LOG_WARNING, "%s", news.items[i].message);
	review_drop(&review);
	conf_diagnostics_clear(&found);
	conf_diagnostics_clear(&news);
}

json_t *review_warnings(const struct conf_diagnostics *diagnostics)
{
	json_t *list = json_array();

	for (size_t i = 0; i < diagnostics->count; i++) {
		if (diagnostics->items[i].severity == CONF_WARNING)
			json_array_append_new(list, json_text(diagnostics->items[i].message));
	}
	return list;
}
