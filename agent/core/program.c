/* SPDX-License-Identifier: ISC */
#include "agent/core/program.h"

#include <errno.h>
#include <limits.h>
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
			"there is no program %s now; until there is, it can't be run", name);
	if (error)
		return;
	if (uid == 0 && trust_resolve(path, resolved, why) < 0)
		conf_diagnose_origin(
			diagnostics, CONF_WARNING, origin, "it will not be run as root: %s", why);
	else if (uid && (!S_ISREG(status.st_mode) || !(status.st_mode & EVERYBODY_EXECUTES)))
		conf_diagnose_origin(diagnostics, CONF_WARNING, origin,
			"%s is not executable, so that it can't be run (chmod +x it)", path);
}
