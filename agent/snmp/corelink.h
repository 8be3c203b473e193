/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_CORELINK_H
#define AGENT_SNMP_CORELINK_H

#include "agent/snmp/accepted.h"
#include "lib/message.h"

#include <stdbool.h>
#include <stdint.h>

/* The channel to the core process: configuration images come in, questions go out and are waited
 * for.  The core may be replaced at any time. */

/* Room for the name of any Unix socket, or of a host and a port. */
#define CORELINK_SOCKET_SIZE 256

/* And of any SNMP context (SnmpAdminString here, RFC 3415). */
#define CORELINK_CONTEXT_SIZE 33

struct corelink {
	int end;		   /* the channel, -1 while there is no core */
	bool known;		   /* an image has come: the flags below are the configuration's */
	uint32_t flags;		   /* enum image_flag */
	struct accepted *accepted; /* the configuration, where images go to; the owner's */
	bool lost;		   /* an image could not be taken: what is here is out of date */
	char socket[CORELINK_SOCKET_SIZE];   /* snmp_socket; "": the library's default */
	char context[CORELINK_CONTEXT_SIZE]; /* snmp_context; "": the default one */
	int (*await)(int timeout_ms); /* waits for a new core to be attached: 0, or -ETIMEDOUT */
	uint64_t owing; /* the transaction whose last question was not answered in time, or 0 */
};

/* Takes over `end` (-1: none) in place of the channel there was. */
void corelink_attach(struct corelink *link, int end);

/* Receives everything that is there.  0, or -EPIPE: the core is gone (and `end` is -1 now). */
int corelink_receive(struct corelink *link);

/* Sends a message that has no answer.  0 or a negative errno. */
int corelink_send(struct corelink *link, const union message *message);

/* Sends a message and waits at most `timeout_ms` for the SET_RESULT with its id.  0: *outcome is
 * the answer.  -ETIMEDOUT, -EPIPE (no core), or another negative errno. */
int corelink_ask(struct corelink *link, const union message *message, int timeout_ms,
	struct message_outcome *outcome);

/* The same, for questions that the core remembers the outcome of: if it dies over one, its
 * successor is waited for and asked again. */
int corelink_ask_again(struct corelink *link, const union message *message, int timeout_ms,
	struct message_outcome *outcome);

#endif
