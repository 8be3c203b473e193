/* SPDX-License-Identifier: ISC */
#include "agent/snmp/gate.h"

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

static bool is_phase_due(const struct gate *gate, uint8_t type, uint32_t transaction)
{
	if (type == gate->phase && transaction == gate->transaction)
		return true;
	if (gate->phase && !gate->answered)
		return false;
	if (type == TEST_SET)
		return gate->phase == 0 || gate->phase == CLEANUP_SET || gate->phase == UNDO_SET;
	return gate->phase && gate->transaction == transaction &&
	       (successors[gate->phase] & 1u << type);
}

static bool may_pass(struct gate *gate)
{
	uint8_t type = gate->header[1];
	uint32_t transaction;

	if (gate->header[0] != 1 || gate->left % 4 || gate->left > GATE_PDU_MAX)
		return false;
	if (type < TEST_SET || type > CLEANUP_SET)
		return type == CLOSE || type == GET || type == GET_NEXT || type == GET_BULK ||
		       type == RESPONSE;
	transaction = opening_u32(gate->header, OPENING_AT_TRANSACTION);
	if (!is_phase_due(gate, type, transaction))
		return false;
	if (type != gate->phase || transaction != gate->transaction)
		gate->answered = type == CLEANUP_SET; /* which has none */
	gate->transaction = transaction;
	gate->phase = type;
	return true;
}

/* Of a PDU that names a context (section 6.1.1), which comes first in its payload: the library
 * reads past the end of its copy if it has a zero octet. */
static bool context_passes(struct gate *gate, const uint8_t *octets, size_t length)
{
	if (!(gate->header[FLAGS] & NON_DEFAULT_CONTEXT))
		return true;
	for (size_t i = 0; i < length; i++) {
		size_t place = gate->taken + i;

		if (place < CONTEXT_AT) {
			gate->header[OPENING_HEADER + place] = octets[i];
			continue;
		}
		if (place - CONTEXT_AT >= opening_u32(gate->header, OPENING_HEADER))
			break;
		if (octets[i] == 0)
			return false;
	}
	return true;
}

void gate_answer(struct gate *gate, const uint8_t *header)
{
	if (header[1] == RESPONSE &&
		opening_u32(header, OPENING_AT_TRANSACTION) == gate->transaction)
		gate->answered = true;
}

size_t gate_wants(const struct gate *gate)
{
	return gate->have < OPENING_HEADER ? OPENING_HEADER - gate->have : gate->left;
}

int gate_take(struct gate *gate, const uint8_t *octets, size_t length)
{
	if (gate->have < OPENING_HEADER) {
		memcpy(gate->header + gate->have, octets, length);
		gate->have += length;
		if (gate->have < OPENING_HEADER)
			return 0;
		gate->left = opening_u32(gate->header, OPENING_AT_LENGTH);
		if (!may_pass(gate))
			return -EPROTO;
		gate->taken = 0;
	} else {
		if (!context_passes(gate, octets, length))
			return -EPROTO;
		gate->left -= length;
		gate->taken += length;
	}
	if (gate->left == 0)
		gate->have = 0;
	return 0;
}
