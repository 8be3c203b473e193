/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_SESSION_H
#define AGENT_SNMP_SESSION_H

#include <net-snmp/net-snmp-config.h>
/* net-snmp's headers depend on this order */
#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <stdbool.h>
#include <stdint.h>

/* The AgentX session with the master agent (RFC 2741): initialising net-snmp as a subagent,
 * attaching, noticing that the master went or dropped us, attaching again. */

/* What the session tells its owner. */
struct session_events {
	void (*attached)(void *context);
	void (*detached)(void *context);
	/* A call into net-snmp that may wait this long comes next. */
	void (*patience)(void *context, uint32_t milliseconds);
	void *context;
};

/* Initialises net-snmp, once in a process; `handler` serves everything under the MIB's root.
 * `socket` as in struct agentx_options, both kept by pointer.  0, or -EIO. */
int session_init(
	const char *socket, const struct session_events *events, Netsnmp_Node_Handler *handler);

/* What the MIB is to be: served or not (enable_snmp_rfcv3). */
void session_serve(bool serve);

/* Does what is due: tries to attach if there is no session, pings a quiet master.  Call at least
 * every 200 ms. */
void session_tick(uint64_t now);

/* The session to send notifications on; NULL while there is none. */
netsnmp_session *session_get(void);

/* The master's sysUpTime now, centiseconds; uptime.h has it for other times. */
uint32_t session_uptime(void);

#endif
