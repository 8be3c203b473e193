/* SPDX-License-Identifier: ISC */
#include "vrrp/net/ifaddress.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "vrrp/net/netlink_request.h"

#define FOREVER UINT32_MAX

static uint32_t flags_of(const struct image_address *address)
{
	uint32_t flags = 0;

	if (address->family == IMAGE_IPV6 && !(address->flags & IMAGE_ADDRESS_DAD))
		flags |= IFA_F_NODAD;
	if (address->flags & IMAGE_ADDRESS_HOME)
		flags |= IFA_F_HOMEADDRESS;
	if (address->flags & IMAGE_ADDRESS_NO_ROUTE)
		flags |= IFA_F_NOPREFIXROUTE;
	return flags;
}

static void put_lifetime(struct requests *requests, const struct image_address *address)
{
	struct ifa_cacheinfo lifetime = {.ifa_prefered = address->preferred, .ifa_valid = FOREVER};

	if (!(address->flags & IMAGE_ADDRESS_PREFERRED)) {
		if (address->family != IMAGE_IPV6 || address->prefix_length != 128)
			return;
		lifetime.ifa_prefered = 0;
	}
	request_put(requests, IFA_CACHEINFO, &lifetime, sizeof(lifetime));
}

static void put_details(struct requests *requests, const struct image_address *address)
{
	const uint32_t flags = flags_of(address);

	request_put_u8(requests, IFA_PROTO, ADDRESS_TAG);
	if (address->flags & IMAGE_ADDRESS_BROADCAST)
		request_put(
			requests, IFA_BROADCAST, address->broadcast, sizeof(address->broadcast));
	if (address->family == IMAGE_IPV4 && address->label[0])
		request_put(requests, IFA_LABEL, address->label, strlen(address->label) + 1);
	if (flags)
		request_put_u32(requests, IFA_FLAGS, flags);
	put_lifetime(requests, address);
}

static void put_request(struct requests *requests, const struct address_change *change)
{
	const struct image_address *address = change->address;
	size_t length = address->family == IMAGE_IPV4 ? 4 : 16;
	const struct ifaddrmsg body = {
		.ifa_family = address->family == IMAGE_IPV4 ? AF_INET : AF_INET6,
		.ifa_prefixlen = address->prefix_length,
		.ifa_scope = address->scope,
		.ifa_index = change->index,
	};

	request_begin(requests, change->add ? RTM_NEWADDR : RTM_DELADDR,
		change->add ? NLM_F_CREATE | NLM_F_EXCL : 0, &body, sizeof(body));
	request_put(requests, IFA_LOCAL, address->address, length);
	request_put(requests, IFA_ADDRESS, address->address, length);
	if (change->add)
		put_details(requests, address);
}

void address_apply(int fd, struct address_change *changes, unsigned int count)
{
	struct requests requests;

	requests_clear(&requests);
	for (unsigned int i = 0; i < count; i++)
		put_request(&requests, &changes[i]);
	requests_send(&requests, fd);
	for (unsigned int i = 0; i < count; i++)
		changes[i].error = requests.errors[i];
}
