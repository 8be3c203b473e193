/* SPDX-License-Identifier: ISC */
#include "agent/core/netnamespace.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/conf/load.h"

static const char word[] = "net_namespace";

/* Most files do not have it, and need not be parsed for it. */
static bool is_mentioned(const struct conf_source *source)
{
	for (size_t i = 0; i < source->text_count; i++) {
		const struct conf_text *text = &source->texts[i];

		if (memmem(text->text, text->length, word, strlen(word)))
			return true;
	}
	return false;
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
	const char *path, const char *config_id, char name[NETSPACE_NAME_MAX + 1])
{
	struct conf_source *source;
	bool known = true;

	name[0] = '\0';
	if (conf_source_read(path, config_id, &source) < 0)
		return false;
	if (is_mentioned(source))
		known = parse(source, name);
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
