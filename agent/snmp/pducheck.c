/* SPDX-License-Identifier: ISC */
#include "agent/snmp/pducheck.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* PDU types, RFC 2741, section 6.1. */
enum {
	CLOSE = 2,
	GET = 5,
	GET_NEXT,
	GET_BULK,
	TEST_SET,
	COMMIT_SET,
	UNDO_SET,
	CLEANUP_SET,
	RESPONSE = 18
};

/* The octet of the flags in a header, one of them, and where a context's octets begin in the
 * payload, behind their length. */
enum {
	FLAGS = 2,
	NON_DEFAULT_CONTEXT = 0x08,
	CONTEXT_AT = 4
};

/* By the phase that a SET is in, those that may come next.  A master that waits too long says the
 * same once more. */
static const uint32_t successors[] = {
	[TEST_SET] = 1u << COMMIT_SET | 1u << CLEANUP_SET,
	[COMMIT_SET] = 1u << UNDO_SET | 1u << CLEANUP_SET,
	[UNDO_SET] = 1u << CLEANUP_SET,
	[CLEANUP_SET] = 0,
};

static bool is_phase_due(const struct pducheck *pducheck, uint8_t type, uint32_t transaction)
{
	if (type == pducheck->phase && transaction == pducheck->transaction)
		return true;
	if (pducheck->phase && !pducheck->answered)
		return false;
	if (type == TEST_SET)
		return pducheck->phase == 0 || pducheck->phase == CLEANUP_SET ||
		       pducheck->phase == UNDO_SET;
	return pducheck->phase && pducheck->transaction == transaction &&
	       (successors[pducheck->phase] & 1u << type);
}

static bool may_pass(struct pducheck *pducheck)
{
	uint8_t type = pducheck->header[1];
	uint32_t transaction;

	if (pducheck->header[0] != 1 || pducheck->left % 4 || pducheck->left > PDUCHECK_PDU_MAX)
		return false;
	if (type < TEST_SET || type > CLEANUP_SET)
		return type == CLOSE || type == GET || type == GET_NEXT || type == GET_BULK ||
		       type == RESPONSE;
	transaction = openpdu_u32(pducheck->header, OPENPDU_AT_TRANSACTION);
	if (!is_phase_due(pducheck, type, transaction))
		return false;
	if (type != pducheck->phase || transaction != pducheck->transaction)
		pducheck->answered = type == CLEANUP_SET; /* which has none */
	pducheck->transaction = transaction;
	pducheck->phase = type;
	return true;
}

/* Of a PDU that names a context (section 6.1.1), which comes first in its payload: the library
 * reads past the end of its copy if it has a zero octet. */
static bool context_passes(struct pducheck *pducheck, const uint8_t *octets, size_t length)
{
	if (!(pducheck->header[FLAGS] & NON_DEFAULT_CONTEXT))
		return true;
	for (size_t i = 0; i < length; i++) {
		size_t place = pducheck->taken + i;

		if (place < CONTEXT_AT) {
			pducheck->header[OPENPDU_HEADER + place] = octets[i];
			continue;
		}
		if (place - CONTEXT_AT >= openpdu_u32(pducheck->header, OPENPDU_HEADER))
			break;
		if (octets[i] == 0)
			return false;
	}
	return true;
}

void pducheck_answer(struct pducheck *pducheck, const uint8_t *header)
{
	if (header[1] == RESPONSE &&
		openpdu_u32(header, OPENPDU_AT_TRANSACTION) == pducheck->transaction)
		pducheck->answered = true;
}

size_t pducheck_wants(const struct pducheck *pducheck)
{
	return pducheck->have < OPENPDU_HEADER ? OPENPDU_HEADER - pducheck->have : pducheck->left;
}

int pducheck_take(struct pducheck *pducheck, const uint8_t *octets, size_t length)
{
	if (pducheck->have < OPENPDU_HEADER) {
		memcpy(pducheck->header + pducheck->have, octets, length);
		pducheck->have += length;
		if (pducheck->have < OPENPDU_HEADER)
			return 0;
		pducheck->left = openpdu_u32(pducheck->header, OPENPDU_AT_LENGTH);
		if (!may_pass(pducheck))
			return -EPROTO;
		pducheck->taken = 0;
	} else {
		if (!context_passes(pducheck, octets, length))
			return -EPROTO;
		pducheck->left -= length;
		pducheck->taken += length;
	}
	if (pducheck->left == 0)
		pducheck->have = 0;
	return 0;
}
