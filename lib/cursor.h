/* SPDX-License-Identifier: ISC */
#ifndef LIB_CURSOR_H
#define LIB_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Checked reading and writing of octets in network order.  A step that does not fit moves nothing,
 * gives zero or NULL, and leaves `failed` set for good: a parser reads a whole header and asks
 * once.  The buffer stays the caller's. */

struct cursor {
	const uint8_t *at;
	size_t left;
	bool failed;
};

static inline struct cursor cursor_make(const void *data, size_t length)
{
	return (struct cursor){.at = data, .left = length};
}

/* The next `length` octets in place, or NULL. */
static inline const uint8_t *cursor_take(struct cursor *cursor, size_t length)
{
	const uint8_t *taken = cursor->at;

	if (cursor->failed || length > cursor->left) {
		cursor->failed = true;
		return NULL;
	}
	if (length > 0)
		cursor->at += length;
	cursor->left -= length;
	return taken;
}

static inline uint8_t cursor_u8(struct cursor *cursor)
{
	const uint8_t *octets = cursor_take(cursor, 1);

	return octets ? octets[0] : 0;
}

static inline uint16_t cursor_u16(struct cursor *cursor)
{
	const uint8_t *octets = cursor_take(cursor, 2);

	return octets ? (uint16_t)(octets[0] << 8 | octets[1]) : 0;
}

struct cursor_writer {
	uint8_t *at;
	size_t left;
	size_t written;
	bool failed;
};

static inline struct cursor_writer cursor_writer_make(void *data, size_t size)
{
	return (struct cursor_writer){.at = data, .left = size};
}

static inline void cursor_put(struct cursor_writer *writer, const void *data, size_t length)
{
	if (writer->failed || length > writer->left) {
		writer->failed = true;
		return;
	}
	if (length > 0) {
		memcpy(writer->at, data, length);
		writer->at += length;
	}
	writer->left -= length;
	writer->written += length;
}

static inline void cursor_put_u8(struct cursor_writer *writer, uint8_t value)
{
	cursor_put(writer, &value, 1);
}

static inline void cursor_put_u16(struct cursor_writer *writer, uint16_t value)
{
	const uint8_t octets[2] = {(uint8_t)(value >> 8), (uint8_t)value};

	cursor_put(writer, octets, sizeof(octets));
}

#endif
