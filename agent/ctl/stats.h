/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CTL_STATS_H
#define AGENT_CTL_STATS_H

#include <stdbool.h>

/* Prints the counters of all routers as a table, or every one of the router `name`; or the
 * documents.  The exit status. */
int stats_command(const char *socket, bool json, const char *name);

#endif
