/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_GROUPROWS_H
#define AGENT_SNMP_GROUPROWS_H

#include "agent/snmp/column.h"

/* Rows that are sync groups, or the members of each: a part of agent/snmp/rows.c, whose functions
 * these are like. */

enum mib_result grouprows_get(const struct mib *mib, bool members, const unsigned long *instance,
	size_t length, struct mib_source *source);
enum mib_result grouprows_next(const struct mib *mib, bool members, const unsigned long *instance,
	size_t length, struct mib_source *source, struct mib_name *name);

#endif
