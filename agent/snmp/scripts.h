/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_SCRIPTS_H
#define AGENT_SNMP_SCRIPTS_H

#include "agent/snmp/column.h"
#include "vrrp/protocol/reason.h"

/* The commands of a virtual router or a sync group, as KEEPALIVED-MIB shows them. */

/* The first command of that state and these flags (enum image_command_flag); no object if there is
 * none. */
void put_script(struct mib_value *value, const struct image *image, struct image_span commands,
	enum vrrp_state state, uint8_t flags);

#endif
