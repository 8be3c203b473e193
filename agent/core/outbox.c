/* SPDX-License-Identifier: ISC */
#include "agent/core/outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

void outbox_clear(struct outbox *outbox)
{
	free(outbox->bytes);
	*outbox = (struct outbox){0};
}

int outbox_add(struct outbox *outbox, const char *bytes, size_t length)
{
	size_t waiting = outbox_waiting(outbox);

	if (outbox->sent) {
		memmove(outbox->bytes, outbox->bytes + outbox->sent, waiting);
		outbox->length = waiting;
		outbox->sent = 0;
	}
	if (outbox->length + length > outbox->room) {
		size_t room = (outbox->length + length) * 2;
		char *grown = realloc(outbox->bytes, room);

		if (!grown)
			return -ENOMEM;
		outbox->bytes = grown;
		outbox->room = room;
	}
	memcpy(outbox->bytes + outbox->length, bytes, length);
	outbox->length += length;
	return 0;
}

size_t outbox_waiting(const struct outbox *outbox)
{
	return outbox->length - outbox->sent;
}

int outbox_send(struct outbox *outbox, int fd)
{
	while (outbox_waiting(outbox)) {
		ssize_t part = send(fd, outbox->bytes + outbox->sent, outbox_waiting(outbox),
			MSG_DONTWAIT | MSG_NOSIGNAL);

		if (part < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
		outbox->sent += (size_t)part;
	}
	outbox->length = outbox->sent = 0;
	return 1;
}
