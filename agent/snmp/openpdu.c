/* SPDX-License-Identifier: ISC */
#include "agent/snmp/openpdu.h"

#include "lib/cursor.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* RFC 2741, section 6.1. */
#define VERSION		1
#define OPEN		1
#define RESPONSE	18
#define NETWORK_ORDER	0x10
#define AT_FLAGS	2
#define RESPONSE_LENGTH 8 /* sysUpTime, error, index; without variables */

static void put_u32(struct cursor_writer *writer, uint32_t value)
{
	cursor_put_u16(writer, (uint16_t)(value >> 16));
	cursor_put_u16(writer, (uint16_t)value);
}

size_t openpdu_ask(uint8_t *octets, size_t size, uint8_t timeout, const char *description)
{
	static const uint8_t padding[4];
	struct cursor_writer writer = cursor_writer_make(octets, size);
	size_t length = strlen(description);
	size_t padded = (length + 3) & ~(size_t)3;

	cursor_put_u8(&writer, VERSION);
	cursor_put_u8(&writer, OPEN);
	cursor_put_u8(&writer, NETWORK_ORDER);
	cursor_put_u8(&writer, 0);
	put_u32(&writer, 0); /* session, transaction, packet */
	put_u32(&writer, 0);
	put_u32(&writer, 0);
	put_u32(&writer, (uint32_t)(12 + padded));
	cursor_put_u8(&writer, timeout);
	cursor_put(&writer, padding, 3);
	put_u32(&writer, 0); /* no object identifier */
	put_u32(&writer, (uint32_t)length);
	cursor_put(&writer, description, length);
	cursor_put(&writer, padding, padded - length);
	return writer.failed ? 0 : writer.written;
}

static bool is_network_order(const uint8_t *header)
{
	return header[AT_FLAGS] & NETWORK_ORDER;
}

uint32_t openpdu_u32(const uint8_t *header, size_t at)
{
	bool network_order = is_network_order(header);
	uint32_t value = 0;

	for (size_t i = 0; i < 4; i++)
		value = value << 8 | header[at + (network_order ? i : 3 - i)];
	return value;
}

int openpdu_answer(const uint8_t *octets, size_t length)
{
	uint32_t payload;

	if ((length > 0 && octets[0] != VERSION) || (length > 1 && octets[1] != RESPONSE) ||
		(length > 2 && octets[2] & ~NETWORK_ORDER))
		return -EPROTO;
	if (length < OPENPDU_HEADER)
		return 0;
	payload = openpdu_u32(octets, OPENPDU_AT_LENGTH);
	if (payload < RESPONSE_LENGTH || payload % 4 ||
		payload > OPENPDU_ANSWER_MAX - OPENPDU_HEADER)
		return -EPROTO;
	return length < OPENPDU_HEADER + payload ? 0 : (int)(OPENPDU_HEADER + payload);
}

void openpdu_fit(uint8_t *answer, const uint8_t *question)
{
	/* transaction and packet */
	bool swap = is_network_order(answer) != is_network_order(question);

	for (size_t i = 0; i < 8; i++)
		answer[OPENPDU_AT_TRANSACTION + i] =
			question[OPENPDU_AT_TRANSACTION + (swap ? i ^ 3 : i)];
}
