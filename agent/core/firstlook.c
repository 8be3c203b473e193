/* SPDX-License-Identifier: ISC */
#include "agent/core/firstlook.h"

#include <stdio.h>
#include <string.h>

#include "agent/conf/load.h"

#define MANY_ROUTERS 1000

static const char word[] = "net_namespace";

static uint32_t count_in(const struct conf_text *text, const char *wanted)
{
	const char *at = text->text, *end = at + text->length;
	uint32_t count = 0;

	while ((at = memmem(at, (size_t)(end - at), wanted, strlen(wanted)))) {
		at += strlen(wanted);
		count++;
	}
	return count;
}

/* Most files do not have it, and need not be parsed for it. */
static uint32_t count_mentions(const struct conf_source *source, const char *wanted)
{
	uint32_t count = 0;

	for (size_t i = 0; i < source->text_count; i++)
		count += count_in(&source->texts[i], wanted);
	return count;
}

/* What repeats itself is taken for many. */
static uint32_t estimate_routers(const struct conf_source *source)
{
	const uint32_t routers = count_mentions(source, "vrrp_instance");
	const bool multiplies = count_mentions(source, "~SEQ") || count_mentions(source, "~LST");

	return multiplies && routers < MANY_ROUTERS ? MANY_ROUTERS : routers;
}

static bool parse(const struct conf_source *source, char name[NETSPACE_NAME_MAX + 1])
{
	struct conf_diagnostics ignored = {0};
	struct config *config = conf_load_source(source, NULL, &ignored);
	const char *configured = config ? config->globals.net_namespace : NULL;

	snprintf(name, NETSPACE_NAME_MAX + 1, "%s", configured ? configured : "");
	conf_diagnostics_clear(&ignored);
	config_free(config);
	return config != NULL;
}

bool firstlook_read(const char *path, const char *config_id, struct firstlook *look)
{
	struct conf_source *source;
	bool known = true;

	*look = (struct firstlook){0};
	if (conf_source_read(path, config_id, &source) < 0)
		return false;
	look->routers = estimate_routers(source);
	if (count_mentions(source, word))
		known = parse(source, look->namespace);
	conf_source_free(source);
	return known;
}
