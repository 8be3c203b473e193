/* SPDX-License-Identifier: ISC */
#ifndef TESTS_SNMP_FIELDS_H
#define TESTS_SNMP_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Structures of the status board and the event ring, filled from KEY=VALUE words. */

enum kind {
	NUMBER,
	OCTETS,
	TEXT
};

struct field {
	const char *name;
	enum kind kind;
	size_t offset, size;
};

/* Ended by a field without a name. */
extern const struct field router_fields[];
extern const struct field engine_fields[];
extern const struct field event_fields[];

/* "KEY=VALUE ..." into a structure.  false: a word is not of that form, or no field has that name.
 * The words are taken apart. */
bool put_fields(const struct field *fields, void *structure, char *words);

/* The value of `key` ("count=") in a line, cut out of it; or `otherwise`. */
uint64_t take_option(char *words, const char *key, uint64_t otherwise);

#endif
