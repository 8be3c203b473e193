/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_SOCKETWATCH_H
#define AGENT_SNMP_SOCKETWATCH_H

#include <stdbool.h>

/* Hears of files that appear in the folder of one path, so that nobody need look for them every
 * moment: another AgentX master takes the place of one that hangs.  One of it in a process. */

/* Watches the folder of `path`, as it is now, until something is heard; to be called again then.
 * False: it can't be watched or nothing is at the path, so that it has to be looked at. */
bool socketwatch_watch(const char *path);

/* To be polled for reading, or -1. */
int socketwatch_fd(void);

/* Takes what was heard: whether anything came or went. */
bool socketwatch_heard(void);

#endif
