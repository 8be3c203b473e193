/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_READERS_H
#define AGENT_SNMP_READERS_H

#include "agent/snmp/column.h"

/* Columns that several MIBs have in common. */

void mib_read_virtual_mac(const struct mib_source *source, struct mib_value *value);
void mib_read_status(const struct mib_source *source, struct mib_value *value);
void mib_read_priority(const struct mib_source *source, struct mib_value *value);
void mib_read_address_count(const struct mib_source *source, struct mib_value *value);
void mib_read_preempt(const struct mib_source *source, struct mib_value *value);
void mib_read_accept(const struct mib_source *source, struct mib_value *value);

/* RowStatus of a router and of one of its addresses. */
void mib_read_row_status(const struct mib_source *source, struct mib_value *value);
void mib_read_address_row_status(const struct mib_source *source, struct mib_value *value);

/* Whether notifications are sent. */
void mib_read_traps(const struct mib_source *source, struct mib_value *value);

#endif
