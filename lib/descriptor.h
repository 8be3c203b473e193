/* SPDX-License-Identifier: ISC */
#ifndef LIB_DESCRIPTOR_H
#define LIB_DESCRIPTOR_H

#include <unistd.h>

/* Closes a descriptor unless it is negative, which stands for none.  Returns -1, for what held it.
 * Any thread. */
static inline int descriptor_close(int fd)
{
	if (fd >= 0)
		close(fd);
	return -1;
}

#endif
