/* SPDX-License-Identifier: ISC */
#ifndef AGENT_PRIVILEGES_H
#define AGENT_PRIVILEGES_H

#include "agent/options.h"

/* What each process keeps of root's power.  Called once, before the process has done anything else
 * (supervisor: after it has opened what needs more, and made the engine real-time):
 *
 *   supervisor, engine, applier  uid 0, NET_ADMIN and NET_RAW
 *   core                         uid 0, no capability, none to be gained
 *   agentx                       the same, and the group of the AgentX socket; it confines itself
 *                                further when it knows its master (lib/confine.h)
 *   check                        uid 0, SETUID, SETGID and KILL; a script that is configured to run
 * as root gets what root gets, as its authors expect
 *
 * A process that was not started as root keeps what it has of that.  `agentx` is the AgentX
 * master's address, or NULL for the default one.  0 or a negative errno. */
int privileges_drop(enum role role, const char *agentx);

#endif
