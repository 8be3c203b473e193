/* SPDX-License-Identifier: ISC */
#include "vrrp/net/address.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>

#include "vrrp/net/netlink.h"

#define REQUEST_MAX 160 /* octets of the longest request */
#define FOREVER	    UINT32_MAX

struct batch {
	struct address_change *changes;
	unsigned int count;
	uint32_t first; /* sequence number of the first */
	size_t length;
	_Alignas(struct nlmsghdr) uint8_t octets[ADDRESS_CHANGES_MAX * REQUEST_MAX];
};

static void put_attribute(struct nlmsghdr *request, uint16_t type, const void *data, size_t length)
{
	struct nlattr *attribute = (void *)((uint8_t *)request + NLMSG_ALIGN(request->nlmsg_len));

	attribute->nla_type = type;
	attribute->nla_len = (uint16_t)(NLA_HDRLEN + length);
	memcpy((uint8_t *)attribute + NLA_HDRLEN, data, length);
	request->nlmsg_len =
		(uint32_t)(NLMSG_ALIGN(request->nlmsg_len) + NLA_ALIGN(attribute->nla_len));
}

static void put_details(struct nlmsghdr *request, const struct image_address *address)
{
	const struct ifa_cacheinfo deprecated = {.ifa_prefered = 0, .ifa_valid = FOREVER};
	const uint8_t tag = ADDRESS_TAG;
	const uint32_t flags = IFA_F_NODAD;

	put_attribute(request, IFA_PROTO, &tag, sizeof(tag));
	if (address->flags & IMAGE_ADDRESS_BROADCAST)
		put_attribute(
			request, IFA_BROADCAST, address->broadcast, sizeof(address->broadcast));
	if (address->family == IMAGE_IPV4 && address->label[0])
		put_attribute(request, IFA_LABEL, address->label, strlen(address->label) + 1);
	if (address->family == IMAGE_IPV6)
		put_attribute(request, IFA_FLAGS, &flags, sizeof(flags));
	if (address->family == IMAGE_IPV6 && address->prefix_length == 128)
		put_attribute(request, IFA_CACHEINFO, &deprecated, sizeof(deprecated));
}

static void put_request(struct batch *batch, unsigned int number)
{
	const struct address_change *change = &batch->changes[number];
	const struct image_address *address = change->address;
	size_t length = address->family == IMAGE_IPV4 ? 4 : 16;
	struct nlmsghdr *request = (void *)(batch->octets + batch->length);
	struct ifaddrmsg *body = nlmsg_data(request);

	memset(request, 0, REQUEST_MAX);
	request->nlmsg_len = NLMSG_LENGTH(sizeof(*body));
	request->nlmsg_type = change->add ? RTM_NEWADDR : RTM_DELADDR;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	request->nlmsg_seq = batch->first + number;
	if (change->add)
		request->nlmsg_flags |= NLM_F_CREATE | NLM_F_EXCL;
	body->ifa_family = address->family == IMAGE_IPV4 ? AF_INET : AF_INET6;
	body->ifa_prefixlen = address->prefix_length;
	body->ifa_scope = address->scope;
	body->ifa_index = change->index;
	put_attribute(request, IFA_LOCAL, address->address, length);
	put_attribute(request, IFA_ADDRESS, address->address, length);
	if (change->add)
		put_details(request, address);
	batch->length += NLMSG_ALIGN(request->nlmsg_len);
}

static void take_answer(void *context, const struct nlmsghdr *message)
{
	struct batch *batch = context;
	uint32_t number = message->nlmsg_seq - batch->first;
	const struct nlmsgerr *answer = nlmsg_data(message);

	if (message->nlmsg_type == NLMSG_ERROR && number < batch->count)
		batch->changes[number].error = answer->error;
}

void address_apply(int fd, struct address_change *changes, unsigned int count)
{
	static _Atomic uint32_t sequence;
	struct batch batch = {
		.changes = changes, .count = count, .first = atomic_fetch_add(&sequence, count)};
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	int error = 0;

	for (unsigned int i = 0; i < count; i++) {
		changes[i].error = -EPROTO; /* until it is answered */
		put_request(&batch, i);
	}
	if (sendto(fd, batch.octets, batch.length, 0, (struct sockaddr *)&kernel, sizeof(kernel)) <
		0)
		error = -errno;
	/* All answers are there when the call returns. */
	if (!error)
		error = netlink_read(fd, take_answer, &batch);
	for (unsigned int i = 0; i < count; i++)
		if (error && changes[i].error == -EPROTO)
			changes[i].error = error;
}
