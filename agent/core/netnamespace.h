/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_NETNAMESPACE_H
#define AGENT_CORE_NETNAMESPACE_H

#include <stdbool.h>

#include "agent/conf/model.h"
#include "agent/conf/text/diagnose.h"
#include "lib/netspace.h"

/* net_namespace of the configuration, and what else is to be known before all else. */

struct netnamespace_facts {
	char name[NETSPACE_NAME_MAX + 1]; /* "": none */
	uint32_t routers;		  /* about so many virtual routers */
};

/* What the file says; false if it is refused or can't be read.  For a process that may die of what
 * it reads.  May block on the disk. */
bool netnamespace_configured(
	const char *path, const char *config_id, struct netnamespace_facts *facts);

/* An error if the name is none, a warning if there is no such namespace now. */
void netnamespace_check(const struct config *config, struct conf_diagnostics *diagnostics);

/* 0; -EINVAL and an error if it is not the namespace in which the program runs: `entered`, or NULL
 * for that in which it was started.  `file`: the configuration's. */
int netnamespace_check_entered(const struct config *config, const char *file, const char *entered,
	struct conf_diagnostics *diagnostics);

#endif
