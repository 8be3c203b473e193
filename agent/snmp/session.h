/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_SESSION_H
#define AGENT_SNMP_SESSION_H

#include <net-snmp/net-snmp-config.h>
/* net-snmp's headers depend on this order */
#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The AgentX session with the master agent (RFC 2741): initialising net-snmp as a subagent,
 * attaching, noticing that the master went or dropped us, attaching again. */

/* What the session tells its owner. */
struct session_events {
	void (*attached)(void *context);
	void (*detached)(void *context);
	/* A call into net-snmp that may wait this long comes next. */
	void (*patience)(void *context, uint32_t milliseconds);
	/* The master's socket is for the members of this group, and we are none. */
	void (*group)(void *context, gid_t group);
	void *context;
};

/* Initialises net-snmp, once in a process.  `socket` as in struct agentx_options; both are kept by
 * pointer.  0; -ELIBACC: the library can't be loaded, and it may be tried again; or -EIO. */
int session_init(const char *socket, const struct session_events *events);

/* Does what is due: tries to attach if there is no session, pings a quiet master.  Returns when it
 * is to be called again, ns of CLOCK_MONOTONIC, or sooner. */
uint64_t session_tick(uint64_t now);

/* To be polled for reading beside the library's descriptors, or -1; then comes session_tick(). */
int session_fd(void);

/* The session to send notifications on; NULL while there is none. */
netsnmp_session *session_get(void);

/* Where the master is, for messages. */
const char *session_address(void);

/* Sends a PDU of the session's administration and does not wait for the answer, which `answered`
 * gets with `magic`.  The PDU is the library's then. */
bool session_send(netsnmp_pdu *pdu, snmp_callback answered, void *magic);

/* Whether a callback's operation is an answer on the session there is now, not on one that is
 * gone. */
bool session_is_answer(int operation, const netsnmp_session *session);

/* Ends the session as if the master had closed it; session_tick() attaches again. */
void session_drop(const char *why);

/* Why there is no session: a negative errno, or 0. */
int session_problem(void);

/* When the master started, on our clock, as uptime.h keeps it; 0 before the first session. */
int64_t session_master_began(void);

#endif
