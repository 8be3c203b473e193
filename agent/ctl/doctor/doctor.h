/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CTL_DOCTOR_DOCTOR_H
#define AGENT_CTL_DOCTOR_DOCTOR_H

#include <stdbool.h>

#define DOCTOR_SNMPD_CONF "/etc/snmp/snmpd.conf"

/* Looks for what commonly keeps a failover pair, or its management, from working, and says what to
 * do: one finding a line, or a document.  `snmpd_conf` is the file snmpd was started with.  The
 * exit status: 0, or 1 if there is a problem or the agent does not answer. */
int doctor_command(const char *socket, bool json, const char *snmpd_conf);

#endif
