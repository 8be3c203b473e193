/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_PUT_H
#define AGENT_SNMP_PUT_H

#include "agent/snmp/column.h"
#include "agent/snmp/uptime.h"

#include <string.h>

/* Values that columns of several MIBs have in common. */

static inline void put_octets(struct mib_value *value, const void *octets, size_t length)
{
	value->length = length > MIB_OCTETS_MAX ? MIB_OCTETS_MAX : (uint8_t)length;
	memcpy(value->octets, octets, value->length);
}

/* A DisplayString; NULL: there is none, and no object. */
static inline void put_text(struct mib_value *value, const char *text)
{
	value->absent = !text;
	if (text)
		put_octets(value, text, strlen(text));
}

/* TruthValue (RFC 2579), and every other pair of which 1 says yes and 2 no. */
static inline void put_truth(struct mib_value *value, bool truth)
{
	value->number = truth ? 1 : 2;
}

/* When something began, on the master's clock; 0 if that is older than the master (or is not
 * set). */
static inline void put_time_stamp(
	const struct mib_source *source, struct mib_value *value, uint64_t since)
{
	value->number = since ? uptime_at(source->master_began, since) : 0;
}

#endif
