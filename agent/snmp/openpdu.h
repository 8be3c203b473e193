/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_OPENPDU_H
#define AGENT_SNMP_OPENPDU_H

#include <stddef.h>
#include <stdint.h>

/* AgentX's Open exchange (RFC 2741, sections 6.2.1 and 6.2.16) as octets.  net-snmp opens a session
 * by a call that waits; asked and answered here beforehand, that call finds its answer there
 * already.  Pure. */

#define OPENPDU_QUESTION_MAX 128
#define OPENPDU_ANSWER_MAX   1024

/* Of every PDU: its header's length, and where some of its words are. */
#define OPENPDU_HEADER	       20
#define OPENPDU_AT_TRANSACTION 8
#define OPENPDU_AT_LENGTH      16

/* A word of a whole header, in the byte order that it says. */
uint32_t openpdu_u32(const uint8_t *header, size_t at);

/* Writes an Open PDU: the master shall wait `timeout` seconds for an answer of ours; `description`
 * is what it may call us.  Its length, or 0 if it does not fit. */
size_t openpdu_ask(uint8_t *octets, size_t size, uint8_t timeout, const char *description);

/* What the master has said so far: the answer's length once it is whole, 0 while more must come, or
 * -EPROTO if that is no Response.  Whether it agrees is not looked at. */
int openpdu_answer(const uint8_t *octets, size_t length);

/* Makes an answer to our question one to `question`, another PDU: both have whole headers. */
void openpdu_fit(uint8_t *answer, const uint8_t *question);

#endif
