/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_ANSWER_H
#define AGENT_SNMP_ANSWER_H

#include "agent/snmp/mib.h"

#include <net-snmp/net-snmp-config.h>
/* net-snmp's headers depend on this order */
#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <stdbool.h>

/* GET and GETNEXT, between net-snmp's requests and the tables of mib.h. */

/* Where `name` stands below the module's root: its sub-identifiers from there in *length.  NULL: it
 * is not below it. */
const oid *answer_below(
	const struct mib_module *module, const netsnmp_variable_list *varbind, size_t *length);

/* Answers every request of a PDU that is not answered yet; `next`: with the instance that follows.
 * `source` has the time. */
void answer_requests(const struct mib *mib, const struct mib_module *module,
	struct mib_source *source, bool next, netsnmp_agent_request_info *info,
	netsnmp_request_info *requests);

#endif
