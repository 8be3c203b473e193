/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CTL_DOCTOR_MASTERPING_H
#define AGENT_CTL_DOCTOR_MASTERPING_H

enum masterping {
	MASTERPING_ANSWERED,
	MASTERPING_SILENT,  /* somebody listens, and says nothing */
	MASTERPING_ABSENT,  /* nobody listens */
	MASTERPING_UNKNOWN, /* it can't be asked from here */
};

/* Asks the AgentX master at a Unix socket whether it lives, without opening a session.  Takes a
 * second at most. */
enum masterping masterping_ask(const char *path);

#endif
