/* SPDX-License-Identifier: ISC */
#ifndef LIB_CALLFILTER_H
#define LIB_CALLFILTER_H

#include <stdbool.h>

/* The second half of lib/confine.h: a seccomp filter of the calling thread, for good.  A call that
 * it refuses fails with EPERM, and one that is newer than the filter with ENOSYS, as on an older
 * kernel.  `network`: files can be read, and sockets of IPv4, IPv6 and netlink made; otherwise
 * neither.  0 or a negative errno: -EOPNOTSUPP for a processor whose calls are not known here. */
int callfilter_install(bool network);

#endif
