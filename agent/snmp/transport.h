/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_TRANSPORT_H
#define AGENT_SNMP_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reaching the AgentX master over a Unix socket without ever being held up by it.  net-snmp's own
 * transport blocks in connect() for as long as a stopped master's backlog is full, in send() while
 * its socket buffer is, and in opening a session until the master has answered: here the session is
 * asked for beforehand, and handed to net-snmp when the master has agreed. */

/* Registers the transport; once, after net-snmp's initialisation has begun. */
void transport_register(void);

/* The address that makes net-snmp use this transport. */
#define TRANSPORT_ADDRESS "vrrp-agentx:connected"

/* Makes the answer to a whole PDU of `length` octets: its length, or 0 if net-snmp is to answer. */
typedef size_t transport_answer(
	void *context, const uint8_t *pdu, size_t length, uint8_t *answer, size_t size);

/* Reads what the master has said, if its socket is `readable`, and says the answers to what is at
 * the front of it.  Whether what comes then is for net-snmp, which takes one PDU each time that it
 * is told that the socket is readable. */
bool transport_serve(transport_answer *answer, void *context, bool readable);

/* The socket of the session there is, or -1. */
int transport_session_fd(void);

/* Connects to the master's socket `path` without waiting and asks for a session; the arguments are
 * those of openpdu_ask().  0, or a negative errno: -EAGAIN, its backlog is full. */
int transport_connect(const char *path, uint8_t timeout, const char *description);

/* 0: the master has answered, and the next session that net-snmp opens will find its answer there.
 * -EAGAIN: not yet.  -EPROTO: what it says is not AgentX; or another negative errno. */
int transport_proceed(void);

/* To be polled for reading until it has answered, or -1. */
int transport_fd(void);

/* Whether there is a socket at `path`, and not the one that was last connected to. */
bool transport_replaced(const char *path);

/* Drops a connection that no session took. */
void transport_discard(void);

#endif
