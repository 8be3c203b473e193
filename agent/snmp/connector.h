/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_CONNECTOR_H
#define AGENT_SNMP_CONNECTOR_H

#include <stdbool.h>

/* Connecting to the AgentX master's Unix socket for a process that may not connect to anything
 * (lib/confine.h).  Whom root may reach by a socket's name, systemd and the message bus among them,
 * would do more for it than any file; so one process beside it, begun before it is confined,
 * connects to the one path that it was begun with, and hands the connection over.  It reads nothing
 * of what comes on that, and is asked by a message without content. */

/* Begins that process, once.  It ends with this one.  0 or a negative errno. */
int connector_start(const char *path);

/* A connection that does not block, the caller's.  Where nothing was begun it is made here.  Or a
 * negative errno, of socket() and connect(); -ETIMEDOUT: it does not answer. */
int connector_connect(const char *path);

/* It is gone, or has been silent for long: only a new process can have another. */
bool connector_lost(void);

#endif
