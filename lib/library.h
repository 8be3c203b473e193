/* SPDX-License-Identifier: ISC */
#ifndef LIB_LIBRARY_H
#define LIB_LIBRARY_H

#include <stddef.h>

/* Shared libraries that one process of several uses.  Linked, they would cost the start and the
 * memory of each of them, and of every configuration test. */

/* The applier loads it; core says when it can't (ACCEPT_FAILED with -ELIBACC). */
#define LIBRARY_NFTABLES "libnftables.so.1"

/* Where to put the address of a function, in the table of whoever calls it. */
struct library_function {
	const char *name;
	void *place;
};

/* Loads the library for as long as the process lives, and finds its functions.  NULL, or what is
 * wrong, in words, until the next call.  May block on the disk. */
const char *library_load(const char *name, const struct library_function *functions, size_t count);

/* What is wrong with the library, for one that another process could not load: NULL, or in words,
 * until the next call.  May block on the disk. */
const char *library_problem(const char *name);

/* The same for a while, until library_close().  NULL: it can't be had, or lacks a function. */
void *library_open(const char *name, const struct library_function *functions, size_t count);

/* Its functions are gone.  Takes NULL. */
void library_close(void *library);

#endif
