/* SPDX-License-Identifier: ISC */
#include "agent/snmp/pdu.h"

#include "agent/snmp/openpdu.h"

#include <endian.h>
#include <string.h>

/* Where they are in a header, and flags: section 6.1. */
enum {
	AT_TYPE = 1,
	AT_FLAGS = 2,
	NON_DEFAULT_CONTEXT = 0x08,
	NETWORK_ORDER = 0x10
};

#define INTERNET	4 /* sub-identifiers of 1.3.6.1, before a name's prefix */
#define RESPONSE_LENGTH 8 /* sysUpTime, error, index */

static const uint8_t zeros[RESPONSE_LENGTH];

struct pdu_reader pdu_reader_make(const uint8_t *pdu, size_t length)
{
	return (struct pdu_reader){
		.cursor = cursor_make(pdu + OPENPDU_HEADER, length),
		.header = pdu,
		.network_order = pdu[AT_FLAGS] & NETWORK_ORDER,
	};
}

static uint32_t read_u32(struct pdu_reader *reader)
{
	const uint8_t *octets = cursor_take(&reader->cursor, sizeof(uint32_t));
	uint32_t value = 0;

	if (octets)
		memcpy(&value, octets, sizeof(value));
	return reader->network_order ? be32toh(value) : le32toh(value);
}

static size_t padding(size_t length)
{
	return -length % 4;
}

bool pdu_read_context(struct pdu_reader *reader, const char *context)
{
	size_t wanted = strlen(context);
	const uint8_t *octets;
	uint32_t length;

	if (!(reader->header[AT_FLAGS] & NON_DEFAULT_CONTEXT))
		return wanted == 0;
	length = read_u32(reader);
	octets = cursor_take(&reader->cursor, length);
	cursor_take(&reader->cursor, padding(length));
	return octets && length > 0 && length == wanted && memcmp(octets, context, wanted) == 0;
}

bool pdu_read_name(struct pdu_reader *reader, struct pdu_name *name)
{
	static const unsigned long internet[INTERNET] = {1, 3, 6, 1};
	uint8_t count = cursor_u8(&reader->cursor);
	uint8_t prefix = cursor_u8(&reader->cursor);

	name->include = cursor_u8(&reader->cursor) != 0;
	cursor_u8(&reader->cursor);
	name->length = 0;
	if (prefix) {
		memcpy(name->oids, internet, sizeof(internet));
		name->oids[INTERNET] = prefix;
		name->length = INTERNET + 1;
	}
	if (name->length + count > PDU_NAME_MAX)
		reader->cursor.failed = true;
	for (uint8_t i = 0; i < count && !reader->cursor.failed; i++)
		name->oids[name->length++] = read_u32(reader);
	return !reader->cursor.failed;
}

struct pdu_writer pdu_writer_make(const struct pdu_reader *question, uint8_t *octets, size_t size)
{
	struct pdu_writer writer = {
		.cursor = cursor_writer_make(octets, size),
		.octets = octets,
		.network_order = question->network_order,
	};
	uint8_t header[OPENPDU_HEADER];

	memcpy(header, question->header, sizeof(header));
	header[AT_TYPE] = PDU_RESPONSE;
	header[AT_FLAGS] &= NETWORK_ORDER;
	cursor_put(&writer.cursor, header, sizeof(header));
	cursor_put(&writer.cursor, zeros, RESPONSE_LENGTH);
	return writer;
}

void pdu_put_u32(struct pdu_writer *writer, uint32_t value)
{
	value = writer->network_order ? htobe32(value) : htole32(value);
	cursor_put(&writer->cursor, &value, sizeof(value));
}

void pdu_put_u64(struct pdu_writer *writer, uint64_t value)
{
	value = writer->network_order ? htobe64(value) : htole64(value);
	cursor_put(&writer->cursor, &value, sizeof(value));
}

void pdu_put_octets(struct pdu_writer *writer, const uint8_t *octets, uint32_t length)
{
	pdu_put_u32(writer, length);
	cursor_put(&writer->cursor, octets, length);
	cursor_put(&writer->cursor, zeros, padding(length));
}

void pdu_put_variable(
	struct pdu_writer *writer, uint16_t type, const unsigned long *oids, size_t length)
{
	const uint8_t begin[] = {(uint8_t)length, 0, 0, 0};

	type = writer->network_order ? htobe16(type) : htole16(type);
	cursor_put(&writer->cursor, &type, sizeof(type));
	cursor_put(&writer->cursor, zeros, sizeof(type));
	cursor_put(&writer->cursor, begin, sizeof(begin));
	for (size_t i = 0; i < length; i++)
		pdu_put_u32(writer, (uint32_t)oids[i]);
}

size_t pdu_finish(struct pdu_writer *writer)
{
	struct pdu_writer header = *writer;

	if (writer->cursor.failed)
		return 0;
	header.cursor = cursor_writer_make(writer->octets + OPENPDU_AT_LENGTH, sizeof(uint32_t));
	pdu_put_u32(&header, (uint32_t)(writer->cursor.written - OPENPDU_HEADER));
	return writer->cursor.written;
}
