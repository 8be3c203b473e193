/* SPDX-License-Identifier: ISC */
#ifndef LIB_FULLIO_H
#define LIB_FULLIO_H

#include <stddef.h>
#include <sys/types.h>

/* Reading and writing of all that is meant, where the kernel may do less at a time: files and
 * memory, which may be waited for.  Any thread. */

/* Reads up to the end of the file, `size` octets at most.  How many, or a negative errno. */
ssize_t fullio_read(int fd, void *bytes, size_t size);

/* 0 or a negative errno: some of it may have been written. */
int fullio_write(int fd, const void *bytes, size_t size);

#endif
