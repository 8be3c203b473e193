/* SPDX-License-Identifier: ISC */
#include "agent/core/netnamespace.h"

#include <errno.h>
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

bool netnamespace_configured(
	const char *path, const char *config_id, struct netnamespace_facts *facts)
{
	struct conf_source *source;
	bool known = true;

	*facts = (struct netnamespace_facts){0};
	if (conf_source_read(path, config_id, &source) < 0)
		return false;
	facts->routers = estimate_routers(source);
	if (count_mentions(source, word))
		known = parse(source, facts->name);
	conf_source_free(source);
	return known;
}

void netnamespace_check(const struct config *config, struct conf_diagnostics *diagnostics)
{
	const char *name = config->globals.net_namespace;
	const struct origin *origin = &config->globals.origins[GLOBAL_NET_NAMESPACE];
	int error;

	if (!name)
		return;
	if (strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
		conf_diagnose_origin(diagnostics, CONF_ERROR, origin,
			"%s '%s' is not the name of a network namespace, as 'ip netns' shows them",
			word, name);
		return;
	}
	error = netspace_look(name);
	if (error == -ENOENT)
		conf_diagnose_origin(diagnostics, CONF_WARNING, origin,
			"there is no network namespace '%s' now, and without it the program does "
			"not start: 'ip netns add %s'",
			name, name);
	else if (error)
		conf_diagnose_origin(diagnostics, CONF_WARNING, origin,
			"the network namespace '%s' can't be used: %s", name,
			error == -EINVAL ? "something else has the name" : strerror(-error));
}

int netnamespace_check_entered(const struct config *config, const char *file, const char *entered,
	struct conf_diagnostics *diagnostics)
{
	static const char format[] = "the program runs in %s%s, and only a restart changes that";
	const struct conf_place place = {.file = file};
	const char *name = config->globals.net_namespace;
	const char *kind =
		entered ? "net_namespace " : "the network namespace in which it was started";
	const char *which = entered ? entered : "";

	if (name ? entered && strcmp(name, entered) == 0 : !entered)
		return 0;
	if (name)
		conf_diagnose_origin(diagnostics, CONF_ERROR,
			&config->globals.origins[GLOBAL_NET_NAMESPACE], format, kind, which);
	else
		conf_diagnose(diagnostics, CONF_ERROR, &place, format, kind, which);
	return -EINVAL;
}
