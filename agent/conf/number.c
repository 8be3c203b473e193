/* SPDX-License-Identifier: ISC */
#include "agent/conf/number.h"

#define FIRST_PREFERENCE 16384

struct numbering {
	uint32_t next[2]; /* by family */
	const struct rule *first;
	size_t count;
};

static void number_list(struct numbering *numbering, struct rule_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct rule *rule = &list->items[i];

		if (rule->numbered)
			continue;
		if (!numbering->first)
			numbering->first = rule;
		numbering->count++;
		rule->value.preference =
			numbering->next[rule->value.family == IMAGE_IPV4 ? 0 : 1]--;
	}
}

void conf_number_rules(struct config *config, struct conf_diagnostics *diagnostics)
{
	struct numbering numbering = {.next = {FIRST_PREFERENCE, FIRST_PREFERENCE}};
	char times[40] = "";

	number_list(&numbering, &config->globals.static_rules);
	for (size_t i = 0; i < config->instance_count; i++)
		number_list(&numbering, &config->instances[i]->rules);
	if (numbering.count > 1)
		snprintf(times, sizeof(times), " (%zu rules in all)", numbering.count);
	if (numbering.first)
		conf_diagnose_origin(diagnostics, CONF_WARNING, &numbering.first->origin,
			"the rule has no preference and is given %u%s; write one, since that "
			"number "
			"changes with the rules before it",
			numbering.first->value.preference, times);
}
