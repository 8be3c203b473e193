/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_PDUCHECK_H
#define AGENT_SNMP_PDUCHECK_H

#include "agent/snmp/openpdu.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the AgentX master says, looked at before net-snmp gets it: only PDUs that a master sends, of
 * a sane length, and the phases of a SET in their order, each after the answer to the one before
 * (RFC 2741, section 7.2.4), and no context with a zero octet.  net-snmp 5.9 does not survive all
 * others.  Pure. */

#define PDUCHECK_PDU_MAX 65536 /* payload, octets */

struct pducheck {
	uint8_t header[OPENPDU_HEADER + 4]; /* and the context's length, where there is one */
	size_t have;			    /* of the header */
	size_t left;			    /* of the payload */
	size_t taken;			    /* of it */
	uint32_t transaction;
	uint8_t phase; /* PDU type of the last phase of that SET; 0: none is under way */
	bool answered; /* that phase */
};

/* How many octets to take in next: those up to the end of a header or of a PDU, never 0. */
size_t pducheck_wants(const struct pducheck *pducheck);

/* Takes in so many of them at most.  0, or -EPROTO: what they complete is not to be let through. */
int pducheck_take(struct pducheck *pducheck, const uint8_t *octets, size_t length);

/* We say this PDU, which has a whole header. */
void pducheck_answer(struct pducheck *pducheck, const uint8_t *header);

#endif
