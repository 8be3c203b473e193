/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_IFINDEX_H
#define AGENT_SNMP_IFINDEX_H

#include <net/if.h>
#include <stdbool.h>

/* The kernel's numbers of interfaces, by which SNMP's rows are named: what if_nametoindex(3) does,
 * by one socket that stays, since a confined process can't make any (lib/confine.h).  It is one of
 * netlink, by which nothing can be sent to anybody but the kernel. */

/* Makes the socket; to be called before the process is confined, or is done at the first look.  0
 * or a negative errno. */
int ifindex_open(void);

/* 0: there is no such interface. */
unsigned int ifindex_of(const char *name);

bool ifindex_name(unsigned int index, char name[static IF_NAMESIZE]);

#endif
