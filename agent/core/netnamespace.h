/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_NETNAMESPACE_H
#define AGENT_CORE_NETNAMESPACE_H

#include "agent/conf/model.h"
#include "agent/conf/text/diagnose.h"

/* net_namespace of the configuration. */

/* An error if the name is none, a warning if there is no such namespace now. */
void netnamespace_check(const struct config *config, struct conf_diagnostics *diagnostics);

/* 0; -EINVAL and an error if it is not the namespace in which the program runs: `entered`, or NULL
 * for that in which it was started.  `file`: the configuration's. */
int netnamespace_check_entered(const struct config *config, const char *file, const char *entered,
	struct conf_diagnostics *diagnostics);

#endif
