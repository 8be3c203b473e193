/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_DIRECT_H
#define AGENT_SNMP_DIRECT_H

#include "agent/snmp/mib.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Get and GetNext answered straight from the PDU.  net-snmp takes each through a session of its own
 * inside the process, by two pipes and three rounds of poll(), which costs four times what is left
 * without (docs/measurements.md).  Everything that is not quite usual is left to it: other PDUs,
 * other sessions and contexts, what can't be parsed, rows that can't be read, answers that are too
 * long.  No system call. */

struct direct {
	const struct mib *mib;
	struct mib_source source; /* its times are the caller's to set */
	const char *context;	  /* that is served; "": the default one */
	uint32_t session;	  /* its number */
};

/* Whether a PDU, of which there is the header, is of a kind that may be answered here. */
bool direct_takes(const uint8_t *pdu);

/* Makes the answer to a whole PDU of `length` octets: its length, or 0 if net-snmp is to answer. */
size_t direct_answer(
	struct direct *direct, const uint8_t *pdu, size_t length, uint8_t *answer, size_t size);

#endif
