/* SPDX-License-Identifier: ISC */
#include "lib/confine.h"

#include "lib/callfilter.h"
#include "lib/landlock.h"

#include <sys/prctl.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CONFINES false
#else
#define CONFINES true
#endif

struct confinement confine_begin(enum confine_reach reach)
{
	struct confinement confinement = {.unwanted = !CONFINES};

	if (confinement.unwanted)
		return confinement;
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	confinement.landlock = landlock_restrict(reach == CONFINE_NETWORK);
	return confinement;
}

void confine_finish(enum confine_reach reach, struct confinement *confinement)
{
	if (!confinement->unwanted)
		confinement->filter = callfilter_install(reach == CONFINE_NETWORK);
}
