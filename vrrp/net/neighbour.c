/* SPDX-License-Identifier: ISC */
#include "vrrp/net/neighbour.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/ethernet.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "vrrp/net/ifaddress.h"
#include "vrrp/net/netlink.h"
#include "vrrp/net/netlink_request.h"

struct entry {
	bool is_permanent;
	bool is_ours; /* it bears our tag, which the kernel keeps since 5.0 */
};

static void begin(struct requests *requests, uint16_t type, uint16_t state, uint32_t interface,
	const struct vrrp_address *group)
{
	const struct ndmsg body = {.ndm_family = group->family == VRRP_IPV4 ? AF_INET : AF_INET6,
		.ndm_ifindex = (int)interface,
		.ndm_state = state};

	requests_clear(requests);
	request_begin(requests, type, type == RTM_NEWNEIGH ? NLM_F_CREATE | NLM_F_REPLACE : 0,
		&body, sizeof(body));
	request_put(requests, NDA_DST, group->bytes,
		vrrp_address_length((enum vrrp_family)group->family));
}

static void take_entry(void *context, const struct nlmsghdr *message)
{
	const struct ndmsg *body = NLMSG_DATA(message);
	const struct nlattr *protocol;
	struct entry *entry = context;

	if (message->nlmsg_type != RTM_NEWNEIGH)
		return;
	protocol = nlmsg_find_attr((struct nlmsghdr *)message, sizeof(*body), NDA_PROTOCOL);
	entry->is_permanent = body->ndm_state & NUD_PERMANENT;
	entry->is_ours = protocol && nla_len(protocol) >= 1 && nla_get_u8(protocol) == ADDRESS_TAG;
}

static struct entry entry_of(int fd, uint32_t interface, const struct vrrp_address *group)
{
	struct requests requests;
	struct entry entry = {0};

	begin(&requests, RTM_GETNEIGH, 0, interface, group);
	if (send(fd, requests.octets, requests.length, 0) >= 0)
		netlink_read(fd, take_entry, &entry);
	return entry;
}

int neighbour_pin(int fd, uint32_t interface, const struct vrrp_address *group)
{
	const struct entry entry = entry_of(fd, interface, group);
	struct requests requests;
	uint8_t mac[ETH_ALEN];

	if (entry.is_permanent)
		return entry.is_ours ? 1 : 0;
	vrrp_address_group_mac(group, mac);
	begin(&requests, RTM_NEWNEIGH, NUD_PERMANENT, interface, group);
	request_put(&requests, NDA_LLADDR, mac, sizeof(mac));
	request_put_u8(&requests, NDA_PROTOCOL, ADDRESS_TAG);
	requests_send(&requests, fd);
	return requests.errors[0] ? requests.errors[0] : 1;
}

void neighbour_unpin(int fd, uint32_t interface, const struct vrrp_address *group)
{
	struct requests requests;

	begin(&requests, RTM_DELNEIGH, 0, interface, group);
	requests_send(&requests, fd);
}
