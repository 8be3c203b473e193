/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_PDU_H
#define AGENT_SNMP_PDU_H

#include "lib/cursor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* AgentX's Get and GetNext PDUs and the Response to them as octets (RFC 2741, sections 5 and 6.2),
 * in either byte order.  Pure. */

/* PDU types, section 6.1. */
enum {
	PDU_GET = 5,
	PDU_GET_NEXT = 6,
	PDU_RESPONSE = 18
};

/* Types of a value, section 5.4; those of a column (mib_column.type) are the same numbers. */
enum {
	PDU_NO_SUCH_OBJECT = 128,
	PDU_NO_SUCH_INSTANCE = 129,
	PDU_END_OF_MIB_VIEW = 130
};

#define PDU_NAME_MAX 128 /* sub-identifiers */

struct pdu_name {
	unsigned long oids[PDU_NAME_MAX];
	size_t length;
	bool include; /* of the start of a range: it is itself part of it */
};

struct pdu_reader {
	struct cursor cursor; /* at what is left of the payload */
	const uint8_t *header;
	bool network_order;
};

/* Of a whole PDU, whose payload is `length` octets behind its header (openpdu.h). */
struct pdu_reader pdu_reader_make(const uint8_t *pdu, size_t length);

/* Steps past the context if the PDU names one; whether it names this one ("": none). */
bool pdu_read_context(struct pdu_reader *reader, const char *context);

/* Reads the next name; false, for good, if what is there is none. */
bool pdu_read_name(struct pdu_reader *reader, struct pdu_name *name);

struct pdu_writer {
	struct cursor_writer cursor;
	uint8_t *octets;
	bool network_order;
};

/* A Response to a PDU, as yet without variables, in its byte order. */
struct pdu_writer pdu_writer_make(const struct pdu_reader *question, uint8_t *octets, size_t size);

/* A variable begins with its type and name; its value, if the type has one, is what comes next. */
void pdu_put_variable(
	struct pdu_writer *writer, uint16_t type, const unsigned long *oids, size_t length);
void pdu_put_u32(struct pdu_writer *writer, uint32_t value);
void pdu_put_u64(struct pdu_writer *writer, uint64_t value);
void pdu_put_octets(struct pdu_writer *writer, const uint8_t *octets, uint32_t length);

/* Completes the Response: its length, or 0 if it did not fit. */
size_t pdu_finish(struct pdu_writer *writer);

#endif
