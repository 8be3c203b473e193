/* SPDX-License-Identifier: ISC */
#include "agent/snmp/corelink.h"

#include "lib/channel.h"
#include "lib/clock.h"
#include "lib/image.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

void corelink_attach(struct corelink *link, int end)
{
	if (link->end >= 0)
		close(link->end);
	link->end = end;
	link->owing = 0;
}

static void take_text(char *to, size_t size, const struct image *image, uint32_t string)
{
	memset(to, 0, size);
	if (string)
		strncpy(to, image_string(image, string), size - 1);
}

/* What of an image is global is kept here. */
static void take_image(struct corelink *link, int fd)
{
	const struct image *image;

	if (fd < 0 || accepted_take(link->accepted, fd) < 0) {
		link->lost = true;
		return;
	}
	image = accepted_image(link->accepted);
	link->flags = image_header(image)->flags;
	take_text(link->socket, sizeof(link->socket), image, image_header(image)->snmp_socket);
	take_text(link->context, sizeof(link->context), image, image_header(image)->snmp_context);
	link->known = true;
}

/* One message: 1 if there was one (in *message), 0 if none is there, or -EPIPE. */
static int receive_one(struct corelink *link, union message *message)
{
	int attached;
	int result;

	if (link->end < 0)
		return -EPIPE;
	result = channel_receive(link->end, message, &attached);
	if (result == -EMFILE)
		link->lost = true;
	if (result == -EBADMSG || result == -EMFILE) {
		message_init(message, MESSAGE_INVALID, 0);
		return 1;
	}
	if (result < 0) {
		corelink_attach(link, -1);
		return -EPIPE;
	}
	if (result == 1 && message->head.type == MESSAGE_IMAGE)
		take_image(link, attached);
	if (attached >= 0)
		close(attached);
	return result;
}

int corelink_receive(struct corelink *link)
{
	union message message;
	int result;

	do {
		result = receive_one(link, &message);
	} while (result == 1);
	return result;
}

int corelink_send(struct corelink *link, const union message *message)
{
	return link->end < 0 ? -EPIPE : channel_send(link->end, message, -1);
}

/* Waits until something is there or the time is up. */
static int wait_readable(int fd, uint64_t until)
{
	struct pollfd poller = {.fd = fd, .events = POLLIN};
	uint64_t now = clock_now();
	int ready;

	if (now >= until)
		return -ETIMEDOUT;
	ready = poll(&poller, 1, (int)((until - now) / NSEC_PER_MSEC) + 1);
	return ready < 0 && errno != EINTR ? -errno : 0;
}

/* Whether a message is the answer to the question `id`.  An earlier question of the same
 * transaction that was not waited for is answered first. */
static bool answers(struct corelink *link, const union message *message, uint64_t id)
{
	if (message->head.type != MESSAGE_SET_RESULT || message->head.id != id)
		return false;
	if (link->owing != id)
		return true;
	link->owing = 0;
	return false;
}

int corelink_ask(struct corelink *link, const union message *message, int timeout_ms,
	struct message_outcome *outcome)
{
	uint64_t until = clock_now() + (uint64_t)timeout_ms * NSEC_PER_MSEC;
	union message answer;
	int result = corelink_send(link, message);

	while (result == 0) {
		result = receive_one(link, &answer);
		if (result == 1 && answers(link, &answer, message->head.id)) {
			*outcome = answer.outcome;
			return 0;
		}
		if (result == 1)
			result = 0;
		else if (result == 0)
			result = wait_readable(link->end, until);
	}
	if (result == -ETIMEDOUT)
		link->owing = message->head.id;
	return result;
}

int corelink_ask_again(struct corelink *link, const union message *message, int timeout_ms,
	struct message_outcome *outcome)
{
	uint64_t until = clock_now() + (uint64_t)timeout_ms * NSEC_PER_MSEC;
	int result;

	for (;;) {
		uint64_t now = clock_now();
		int left = now < until ? (int)((until - now) / NSEC_PER_MSEC) : 0;

		result = link->end < 0 ? -EPIPE : corelink_ask(link, message, left, outcome);
		if (result != -EPIPE || !link->await || left == 0)
			return result;
		corelink_attach(link, -1);
		now = clock_now();
		left = now < until ? (int)((until - now) / NSEC_PER_MSEC) : 0;
		if (link->await(left) != 0)
			return result;
	}
}
