/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_REGISTRATION_H
#define AGENT_SNMP_REGISTRATION_H

#include <net-snmp/net-snmp-config.h>
/* net-snmp's headers depend on this order */
#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <stdint.h>

/* What of mib_modules the master is asked to send us requests for (RFC 2741, section 6.2.3), and
 * what sysORTable says of us.  Nothing here waits; a registration that was refused is tried again.
 * Each root is registered by itself: where another subagent has one of them, the others work. */

/* Has the library hand requests under every module's root to `handler`.  `context`: the SNMP
 * context they are served in, NULL for the default one; kept by pointer.  0 or -EIO. */
int registration_init(const char *context, Netsnmp_Node_Handler *handler);

/* Of those, the ones that another subagent has: enum image_flag, or-ed. */
uint32_t registration_taken(void);

/* Which modules are to be served from now on: those whose flag (enum image_flag) is set. */
void registration_serve(uint32_t flags);

/* A session with the master has begun. */
void registration_begin(void);

/* Tries again what is due.  Only while there is a session.  Returns when it is to be called again,
 * ns of CLOCK_MONOTONIC; UINT64_MAX: nothing waits. */
uint64_t registration_tick(uint64_t now);

#endif
