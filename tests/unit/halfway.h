/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_HALFWAY_H
#define TESTS_UNIT_HALFWAY_H

#include <stddef.h>

/* A writer that is stopped in the middle of what it writes: a child process copies from a source
 * whose second half can't be read, and dies there.  What it shares with this process stays as it
 * was at that moment. */

/* Calls write(context, source) in a child; the source is `size` octets of 0xff of which the last
 * `missing` can't be read.  Fails the test unless the child dies of that. */
void die_halfway(void (*write)(void *context, const void *source), void *context, size_t size,
	size_t missing);

#endif
