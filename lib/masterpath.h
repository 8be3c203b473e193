/* SPDX-License-Identifier: ISC */
#ifndef LIB_MASTERPATH_H
#define LIB_MASTERPATH_H

#include <stddef.h>
#include <string.h>

/* Where Debian's snmpd listens, and net-snmp looks, if nobody says otherwise. */
#define MASTERPATH_DEFAULT "/var/agentx/master"

/* The path of the Unix socket that an AgentX address means: a path, or one with "unix:" before it.
 * NULL: it is another kind of address. */
static inline const char *masterpath_of(const char *address)
{
	if (strncmp(address, "unix:", 5) == 0)
		return address + 5;
	return address[0] == '/' ? address : NULL;
}

#endif
