/* SPDX-License-Identifier: ISC */
#ifndef LIB_LANDLOCK_H
#define LIB_LANDLOCK_H

#include <stdbool.h>

/* The first half of lib/confine.h: Landlock for the calling thread, for good, as far as the kernel
 * has it.  `network`: it goes on reading files and connecting; otherwise neither.  The version that
 * the kernel has, or a negative errno: -ENOSYS, -EOPNOTSUPP (switched off at boot) and others. */
int landlock_restrict(bool network);

/* From this version on (Linux 6.12) signals and abstract sockets are refused as well. */
#define LANDLOCK_SCOPES 6

#endif
