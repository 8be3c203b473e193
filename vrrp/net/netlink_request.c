/* SPDX-License-Identifier: ISC */
#include "vrrp/net/netlink_request.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>

#include "vrrp/net/netlink.h"

void requests_clear(struct requests *requests)
{
	static _Atomic uint32_t sequence;

	requests->last = NULL;
	requests->first = atomic_fetch_add(&sequence, REQUESTS_MAX);
	requests->count = 0;
	requests->length = 0;
}

bool requests_have_room(const struct requests *requests)
{
	return requests->count < REQUESTS_MAX &&
	       requests->length + REQUEST_OCTETS <= sizeof(requests->octets);
}

/* Room at the end of the last request, zeroed. */
void *request_append(struct requests *requests, size_t length)
{
	uint8_t *end = (uint8_t *)requests->last + NLMSG_ALIGN(requests->last->nlmsg_len);

	memset(end, 0, NLMSG_ALIGN(length));
	requests->last->nlmsg_len = (uint32_t)(NLMSG_ALIGN(requests->last->nlmsg_len) + length);
	requests->length = (size_t)((uint8_t *)requests->last - requests->octets) +
			   NLMSG_ALIGN(requests->last->nlmsg_len);
	return end;
}

void request_begin(
	struct requests *requests, uint16_t type, uint16_t flags, const void *body, size_t length)
{
	requests->last = (void *)(requests->octets + requests->length);
	*requests->last = (struct nlmsghdr){.nlmsg_len = NLMSG_HDRLEN,
		.nlmsg_type = type,
		.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags),
		.nlmsg_seq = requests->first + requests->count};
	requests->errors[requests->count++] = -EPROTO; /* until it is answered */
	memcpy(request_append(requests, length), body, length);
}

void request_put(struct requests *requests, uint16_t type, const void *data, size_t length)
{
	struct nlattr *attribute = request_append(requests, NLA_HDRLEN + length);

	attribute->nla_type = type;
	attribute->nla_len = (uint16_t)(NLA_HDRLEN + length);
	if (length)
		memcpy((uint8_t *)attribute + NLA_HDRLEN, data, length);
}

void request_put_u8(struct requests *requests, uint16_t type, uint8_t number)
{
	request_put(requests, type, &number, sizeof(number));
}

void request_put_u32(struct requests *requests, uint16_t type, uint32_t number)
{
	request_put(requests, type, &number, sizeof(number));
}

size_t request_nest(struct requests *requests, uint16_t type)
{
	size_t nest = NLMSG_ALIGN(requests->last->nlmsg_len);

	request_put(requests, type, NULL, 0);
	return nest;
}

void request_nest_end(struct requests *requests, size_t nest)
{
	struct nlattr *attribute = (void *)((uint8_t *)requests->last + nest);

	attribute->nla_len = (uint16_t)(requests->last->nlmsg_len - nest);
}

void request_take_back(struct requests *requests)
{
	requests->length = (size_t)((uint8_t *)requests->last - requests->octets);
	requests->last = NULL;
	requests->count--;
}

const void *request_body(const struct requests *requests, size_t *length)
{
	*length = requests->last->nlmsg_len - NLMSG_HDRLEN;
	return (uint8_t *)requests->last + NLMSG_HDRLEN;
}

static void take_answer(void *context, const struct nlmsghdr *message)
{
	struct requests *requests = context;
	uint32_t number = message->nlmsg_seq - requests->first;
	const struct nlmsgerr *answer = nlmsg_data(message);

	if (message->nlmsg_type == NLMSG_ERROR && number < requests->count)
		requests->errors[number] = answer->error;
}

void requests_send(struct requests *requests, int fd)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	int error = 0;

	if (!requests->count)
		return;
	if (sendto(fd, requests->octets, requests->length, 0, (struct sockaddr *)&kernel,
		    sizeof(kernel)) < 0)
		error = -errno;
	/* All answers are there when the call returns. */
	if (!error)
		error = netlink_read(fd, take_answer, requests);
	for (unsigned int i = 0; i < requests->count; i++)
		if (error && requests->errors[i] == -EPROTO)
			requests->errors[i] = error;
}
