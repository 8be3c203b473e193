/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CTL_DOCTOR_SNMPDCONF_H
#define AGENT_CTL_DOCTOR_SNMPDCONF_H

#include <stdbool.h>

#include "agent/ctl/doctor/snmpdrules.h"

/* What of snmpd.conf decides whether a manager sees the virtual routers. */

#define SNMPDCONF_WORD 128

struct snmpdconf {
	bool read; /* the main file could be read */
	bool master;
	bool outside;		     /* it listens on more than the loopback */
	bool sinks;		     /* notifications go somewhere */
	char socket[SNMPDCONF_WORD]; /* agentXSocket, or empty */
	struct snmpd_rules rules;
};

/* Reads the file, what it includes, and the *.conf files of its includeDir folders.  Lines it does
 * not know are passed over: it judges nothing but what is above. */
void snmpdconf_read(struct snmpdconf *conf, const char *path);

/* Where it has snmpd listen for AgentX: addresses with commas between. */
const char *snmpdconf_socket(const struct snmpdconf *conf);

/* Whether that address is among them. */
bool snmpdconf_listens(const struct snmpdconf *conf, const char *address);

#endif
