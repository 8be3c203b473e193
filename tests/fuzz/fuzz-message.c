/* SPDX-License-Identifier: ISC */
/* A datagram of arbitrary octets on a channel: received as a well-formed message, or refused. */
#include "lib/channel.h"
#include "lib/image.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool are_safe(const struct message_trackers *trackers)
{
	for (uint32_t i = 0; i < trackers->count; i++) {
		const struct tracker_report *report = &trackers->reports[i];

		if (i >= MESSAGE_TRACKERS_MAX || report->slot >= IMAGE_TRACKERS ||
			report->state >= TRACKER_STATE_COUNT ||
			report->result >= TRACKER_RESULT_COUNT)
			return false;
	}
	return trackers->count > 0;
}

/* What a receiver relies on. */
static bool is_safe(const union message *message)
{
	const struct message_head *head = &message->head;

	if (head->type == MESSAGE_INVALID || head->type >= MESSAGE_TYPE_COUNT ||
		!strcmp(message_type_name(head->type), "INVALID"))
		return false;
	if (head->type == MESSAGE_SOURCE)
		return memchr(message->source.agentx, 0, sizeof(message->source.agentx));
	if (head->type == MESSAGE_PEER)
		return message->peer.role < PEER_ROLE_COUNT;
	if (head->type == MESSAGE_CHANNEL)
		return message->channel.role < PEER_ROLE_COUNT && message->channel.fd >= 0;
	if (head->type == MESSAGE_SET_RESULT || head->type == MESSAGE_IMAGE_RESULT ||
		head->type == MESSAGE_RELOADED)
		return memchr(message->outcome.text, 0, sizeof(message->outcome.text)) &&
		       message->outcome.error < MESSAGE_ERROR_COUNT;
	if (head->type == MESSAGE_TRACKERS)
		return are_safe(&message->trackers);
	if (head->type != MESSAGE_SET_PREPARE)
		return true;
	for (uint32_t i = 0; i < message->set.count; i++) {
		const struct message_change *change = &message->set.changes[i];

		if (i >= MESSAGE_CHANGES_MAX || !change->vrid ||
			strnlen(change->interface, 16) % 16 == 0)
			return false;
	}
	return message->set.count > 0;
}

/* In memory of just that size, so that looking further is caught. */
static int check_alone(const uint8_t *data, size_t size)
{
	union message *message = calloc(1, size ? size : 1);
	int result;

	if (!message)
		abort();
	if (size)
		memcpy(message, data, size);
	result = message_check(message, size);
	free(message);
	return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int ends[2] = {-1, -1};
	union message message;
	int attached;
	int alone = check_alone(data, size);
	int got;

	if (ends[0] < 0 && channel_pair(ends) < 0)
		abort();
	if (size == 0 || send(ends[0], data, size, MSG_NOSIGNAL) != (ssize_t)size)
		return 0;
	got = channel_receive(ends[1], &message, &attached);
	if (attached != -1 || (got == 1) != (alone == 0) || (got == 1 && !is_safe(&message)))
		abort();
	return 0;
}
