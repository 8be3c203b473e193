/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_SET_H
#define AGENT_SNMP_SET_H

#include "agent/snmp/corelink.h"
#include "agent/snmp/mib.h"

#include <net-snmp/net-snmp-config.h>
/* net-snmp's headers depend on this order */
#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

/* SET: all varbinds of a PDU become one transaction of the core.  AgentX's TestSet (net-snmp's
 * RESERVE1 and RESERVE2) validates and stages, CommitSet (ACTION) makes it durable and effective,
 * UndoSet (UNDO) puts everything back, CleanupSet (COMMIT, FREE) ends it.  RFC 2741, section
 * 7.2.4; errors as RFC 3416, section 4.2.5 orders them. */

/* One phase, for all requests of the PDU; `transaction` is the same in all of a SET.  Waits for the
 * core: half a second at most in RESERVE2, 5 s in ACTION and UNDO.  An SNMP error status, which is
 * also set in the request to blame. */
int set_handle(const struct mib *mib, const struct mib_module *module, struct corelink *link,
	int mode, long transaction, netsnmp_agent_request_info *info,
	netsnmp_request_info *requests);

/* The master is gone in the middle: what was staged is forgotten, what was applied stays. */
void set_abandon(struct corelink *link);

#endif
