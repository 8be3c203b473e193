/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_RECEPTION_LAB_H
#define TESTS_UNIT_RECEPTION_LAB_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/protocol-lab.h"

/* What is taken and what is not: the R ids of the conformance table.  The router is Active at 100;
 * a frame of priority 200 makes it Backup if and only if it was taken.  Each frame has a twin, the
 * same before it was spoilt, that must be taken.  After each, no counter but the one meant moved.
 */

#define V4 VRRP_IPV4
#define V6 VRRP_IPV6

enum verdict {
	DROPPED,    /* and counted */
	NOTED,	    /* counted and taken */
	TAKEN,	    /* nothing is wrong with it */
	NOT_FOR_US, /* the look-up by VRID finds nobody */
};

struct row {
	const char *id;
	const char *text;
	uint8_t version;
	enum vrrp_family family;
	enum verdict verdict;
	enum vrrp_drop drop;
	void (*spoil)(struct frame *frame);
	void (*set_up)(struct lab *lab);
	bool keep_checksum; /* as it was, instead of the right one */
};

#define ROW(row_id, row_text, row_version, row_family, row_verdict, row_drop, row_spoil, ...) \
	{                                                                                     \
		.id = row_id, .text = row_text, .version = row_version, .family = row_family, \
		.verdict = row_verdict, .drop = VRRP_DROP_##row_drop, .spoil = row_spoil,     \
		__VA_ARGS__                                                                   \
	}

/* Runs each row and its twin, then the other tests.  What main() returns. */
int reception_run(const char *group, const struct row *rows, size_t count,
	const struct CMUnitTest *others, size_t other_count);

/* Only the counter of `drop` has moved, by one, and nothing at all for NONE. */
void reception_assert_counted(const struct lab *lab, enum vrrp_drop drop);

void reception_set_length(struct frame *frame, size_t length);

/* The last one is missing. */
void reception_drop_octet(struct frame *frame);

#endif
