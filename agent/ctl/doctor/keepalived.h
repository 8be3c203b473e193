/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CTL_DOCTOR_KEEPALIVED_H
#define AGENT_CTL_DOCTOR_KEEPALIVED_H

#include <stdint.h>

enum keepalived {
	KEEPALIVED_NONE,
	KEEPALIVED_RUNS,
	KEEPALIVED_SERVES_SNMP, /* it was started with -x */
};

/* Whether a keepalived runs in the network namespace of that number (as stat(2) has it of
 * /proc/PID/ns/net); what the caller may not see does not count. */
enum keepalived keepalived_look(uint64_t network);

#endif
