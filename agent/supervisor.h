/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SUPERVISOR_H
#define AGENT_SUPERVISOR_H

#include "agent/options.h"

/*
 * The supervisor: the program's main thread and systemd's main process.  It starts the applier and
 * the engine as threads and core, agentx and check as processes, connects them with each other,
 * replaces a process that dies or stands still, passes signals on, and tells systemd how things
 * stand.  It parses nothing, and keeps what a restarted process needs: the board, the ring, the
 * bookmarks and the text of the accepted configuration.
 */

/* Runs until SIGTERM or SIGINT.  `arguments` are the program's own.  Returns the exit status: 0, 1
 * if something of the system failed, 2 if the configuration was refused at the start. */
int supervisor_run(const struct options *options, char **arguments);

#endif
