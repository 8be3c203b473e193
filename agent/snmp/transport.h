/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_TRANSPORT_H
#define AGENT_SNMP_TRANSPORT_H

/* Reaching the AgentX master over a Unix socket without ever being held up by it.  net-snmp's own
 * transport blocks in connect() for as long as a stopped master's backlog is full, and in send()
 * while its socket buffer is. */

/* Registers the transport; once, after net-snmp's initialisation has begun. */
void transport_register(void);

/* The address that makes net-snmp use this transport. */
#define TRANSPORT_ADDRESS "vrrp-agentx:connected"

/* Connects to the master's socket `path` without waiting, and keeps the connection for the session
 * that net-snmp opens next.  0, or a negative errno: -EAGAIN, its backlog is full. */
int transport_connect(const char *path);

/* Drops a connection that no session took. */
void transport_discard(void);

#endif
