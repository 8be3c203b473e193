/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_AGENTX_H
#define AGENT_SNMP_AGENTX_H

/* The agentx process: the AgentX subagent (RFC 2741) that serves VRRPV3-MIB (RFC 6527).  It owns
 * every net-snmp call there is, in one thread, and may be blocked by them: nothing waits for it but
 * its supervisor's patience (lib/lifeline.h).
 *
 * It finds its descriptors by number (lib/inherit.h): SUPERVISOR, BOARD, RING, BOOKMARKS, WAKE,
 * CORE. */

struct agentx_options {
	const char *socket; /* the AgentX master's: a path, or "tcp:HOST:PORT"; NULL: what the
			       configuration says (snmp_socket), or net-snmp's default */
};

/* Runs until it is told to stop or the supervisor is gone.  Call once in the life of a process,
 * after log_open(); net-snmp can't be initialised twice.  Returns the exit status: 0, or 1 if a
 * descriptor was missing or was not what it should be. */
int agentx_run(const struct agentx_options *options);

#endif
