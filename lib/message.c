/* SPDX-License-Identifier: ISC */
#include "lib/message.h"

#include "lib/cpulatency.h"
#include "lib/image.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static const struct {
	const char *name;
	size_t size;
} types[MESSAGE_TYPE_COUNT] = {[MESSAGE_INVALID] = {"INVALID", 0},
#define X(name, body, text) [MESSAGE_##name] = {#name, sizeof(body)},
	MESSAGES(X)
#undef X
};

void message_init(union message *message, enum message_type type, uint64_t id)
{
	memset(message, 0, types[type].size);
	message->head.type = type;
	message->head.size = (uint32_t)types[type].size;
	message->head.id = id;
}

/* As the kernel takes names, without control characters: it is written into configurations. */
static bool interface_ok(const char *name, size_t size)
{
	size_t length = strnlen(name, size);

	if (length == 0 || length == size || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return false;
	for (size_t i = 0; i < length; i++) {
		if ((unsigned char)name[i] <= ' ' || name[i] == 0x7f || name[i] == '/' ||
			name[i] == ':')
			return false;
	}
	return true;
}

static bool set_ok(const struct message_set *set)
{
	if (!set->count || set->count > MESSAGE_CHANGES_MAX)
		return false;
	for (uint32_t i = 0; i < set->count; i++) {
		const struct message_change *change = &set->changes[i];

		if (!interface_ok(change->interface, sizeof(change->interface)) ||
			(change->family != IMAGE_IPV4 && change->family != IMAGE_IPV6) ||
			!change->vrid || change->attribute >= ATTRIBUTE_COUNT)
			return false;
	}
	return true;
}

static bool trackers_ok(const struct message_trackers *trackers)
{
	if (!trackers->count || trackers->count > MESSAGE_TRACKERS_MAX)
		return false;
	for (uint32_t i = 0; i < trackers->count; i++) {
		const struct tracker_report *report = &trackers->reports[i];

		if (report->slot >= IMAGE_TRACKERS || report->state >= TRACKER_STATE_COUNT ||
			report->result >= TRACKER_RESULT_COUNT)
			return false;
	}
	return true;
}

static bool outcome_ok(const struct message_outcome *outcome)
{
	return outcome->error < MESSAGE_ERROR_COUNT &&
	       memchr(outcome->text, '\0', sizeof(outcome->text));
}

static bool body_ok(const union message *message)
{
	switch (message->head.type) {
	case MESSAGE_SET_PREPARE:
		return set_ok(&message->set);
	case MESSAGE_TRACKERS:
		return trackers_ok(&message->trackers);
	case MESSAGE_RELOADED:
	case MESSAGE_IMAGE_RESULT:
	case MESSAGE_SET_RESULT:
		return outcome_ok(&message->outcome);
	case MESSAGE_SOURCE:
		return memchr(message->source.agentx, '\0', sizeof(message->source.agentx)) &&
		       message->source.rt_priority <= 99 && message->source.cpusched.nice >= -20 &&
		       message->source.cpusched.nice <= 19 &&
		       message->source.shutdown <= SHUTDOWN_SECONDS_MAX &&
		       (message->source.cpu_latency <= CPULATENCY_MAX ||
			       message->source.cpu_latency == CPULATENCY_NONE);
	case MESSAGE_PROCESSES_WANTED:
		return message->processes.force <= 1;
	case MESSAGE_PROCESSES:
	case MESSAGE_CONNECTED:
		return message->refusal.error <= 0;
	case MESSAGE_PEER:
		return message->peer.role < PEER_ROLE_COUNT;
	case MESSAGE_CHANNEL:
		return message->channel.role < PEER_ROLE_COUNT && message->channel.fd >= 0;
	default:
		return true;
	}
}

int message_check(const union message *message, size_t size)
{
	const struct message_head *head = &message->head;

	if (size < sizeof(*head) || head->type == MESSAGE_INVALID ||
		head->type >= MESSAGE_TYPE_COUNT || head->size != size ||
		size != types[head->type].size || !body_ok(message))
		return -EBADMSG;
	return 0;
}

const char *message_type_name(uint32_t type)
{
	return types[type < MESSAGE_TYPE_COUNT ? type : MESSAGE_INVALID].name;
}
