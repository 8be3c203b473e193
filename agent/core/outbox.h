/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_OUTBOX_H
#define AGENT_CORE_OUTBOX_H

#include <stddef.h>

/* What a socket is to be sent, as it takes it.  Begins as {0}. */
struct outbox {
	char *bytes;
	size_t length, sent, room;
};

void outbox_clear(struct outbox *outbox);

/* Copies `length` octets behind what waits.  0 or -ENOMEM. */
int outbox_add(struct outbox *outbox, const char *bytes, size_t length);

/* How much waits, octets. */
size_t outbox_waiting(const struct outbox *outbox);

/* 1: nothing waits any more; 0: the reader is slow; negative errno: it is gone.  Never blocks. */
int outbox_send(struct outbox *outbox, int fd);

#endif
