/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_RTNAMES_H
#define AGENT_CONF_RTNAMES_H

#include <stdint.h>

/* Looks up a name in a file of iproute2 ("rt_tables", "rt_protos") and in those of the folder
 * beside it ("rt_tables.d"), as ip(8) does; the names that need no file are known without.  Returns
 * 0, or -ENOENT.  Reads disk. */
int conf_rtname(const char *file, const char *name, uint32_t maximum, uint32_t *number);

#endif
