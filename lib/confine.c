/* SPDX-License-Identifier: ISC */
#include "lib/confine.h"

#include "lib/callfilter.h"
#include "lib/landlock.h"

#include <stdbool.h>
#include <sys/prctl.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CONFINES false
#else
#define CONFINES true
#endif

unsigned int confine_begin(enum confine_reach reach)
{
	int version;

	if (!CONFINES)
		return 0;
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	version = landlock_restrict(reach == CONFINE_NETWORK);
	if (version < 0)
		return CONFINE_NO_LANDLOCK;
	return version < LANDLOCK_SCOPES ? CONFINE_NO_SCOPES : 0;
}

unsigned int confine_finish(enum confine_reach reach)
{
	if (!CONFINES)
		return 0;
	return callfilter_install(reach == CONFINE_NETWORK) < 0 ? CONFINE_NO_FILTER : 0;
}
