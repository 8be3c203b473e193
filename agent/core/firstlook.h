/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_FIRSTLOOK_H
#define AGENT_CORE_FIRSTLOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/netspace.h"

/* What of the configuration has to be known before the program has a thread or a child. */

struct firstlook {
	char namespace[NETSPACE_NAME_MAX + 1]; /* net_namespace; "": none */
	uint32_t routers;		       /* about so many virtual ones; 0: unknown */
};

/* What the file says; false if it is refused or can't be read.  For a process that may die of what
 * it reads.  May block on the disk. */
bool firstlook_read(const char *path, const char *config_id, struct firstlook *look);

#endif
