/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_VARBIND_H
#define AGENT_SNMP_VARBIND_H

#include "agent/snmp/column.h"
#include "lib/message.h"

#include <net-snmp/net-snmp-config.h>
/* net-snmp's headers depend on this order */
#include <net-snmp/net-snmp-includes.h>

/* What one varbind of a SET asks for.  Both return an SNMP error status. */

/* The checks that need nothing but the varbind, in the order of RFC 3416, section 4.2.5. */
int varbind_check(const struct mib_module *module, const netsnmp_variable_list *varbind);

/* The change that a checked varbind asks for.  May look up an interface's name in the kernel. */
int varbind_change(const struct mib *mib, const struct mib_module *module,
	const netsnmp_variable_list *varbind, struct message_change *change);

/* Whether two changes are about one variable, and set it to one value. */
bool varbind_same_target(const struct message_change *one, const struct message_change *other);
bool varbind_same_value(const struct message_change *one, const struct message_change *other);

#endif
