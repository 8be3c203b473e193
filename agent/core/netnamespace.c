/* SPDX-License-Identifier: ISC */
#include "agent/core/netnamespace.h"

#include <errno.h>
#include <string.h>

#include "lib/netspace.h"

static const char word[] = "net_namespace";

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
