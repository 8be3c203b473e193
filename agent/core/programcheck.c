/* SPDX-License-Identifier: ISC */
#include "agent/core/programcheck.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/trust.h"

#define EVERYBODY_EXECUTES (S_IXUSR | S_IXGRP | S_IXOTH)

void program_check(const char *name, uid_t uid, const struct origin *origin,
	struct conf_diagnostics *diagnostics)
{
	char path[PATH_MAX], resolved[PATH_MAX], why[TRUST_WHY];
	struct stat status;
	int error = trust_find(name, path);

	if (!error && stat(path, &status) < 0)
		error = -errno;
	if (error == -ENOENT || error == -ENOTDIR)
		conf_diagnose_origin(diagnostics, CONF_WARNING, origin,
			"there is no program %s now; until there is, it can't be run%s", name,
			name[0] == '/' ? "" : ": write its whole path");
	if (error)
		return;
	if (uid == 0 && trust_resolve(path, resolved, why) < 0)
		conf_diagnose_origin(
			diagnostics, CONF_WARNING, origin, "it will not be run as root: %s", why);
	else if (uid && (!S_ISREG(status.st_mode) || !(status.st_mode & EVERYBODY_EXECUTES)))
		conf_diagnose_origin(diagnostics, CONF_WARNING, origin,
			"%s is not executable, so that it can't be run (chmod +x it)", path);
}

static bool is_for_shell(const char *word)
{
	static const char *const words[] = {"|", "||", "&", "&&", ";", "<", ">", ">>", "2>", "2>&1",
		"&>/dev/null", ">/dev/null", "2>/dev/null", ">/dev/null;"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

bool program_check_words(
	const char *const *argv, const struct origin *origin, struct conf_diagnostics *diagnostics)
{
	if (argv[0][0] == '<') {
		conf_diagnose_origin(diagnostics, CONF_WARNING, origin,
			"%s is for a shell, and none is asked: use bash -c '...'", argv[0]);
		return false;
	}
	for (size_t i = 1; argv[i]; i++) {
		if (!is_for_shell(argv[i]))
			continue;
		conf_diagnose_origin(diagnostics, CONF_WARNING, origin,
			"no shell is asked: %s is handed to %s like any other word; use sh -c "
			"'...'",
			argv[i], argv[0]);
		break;
	}
	return true;
}
