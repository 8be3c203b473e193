/* SPDX-License-Identifier: ISC */
#include "vrrp/net/neighbour.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/ethernet.h>
#include <sys/socket.h>

#include "vrrp/net/netlink.h"
#include "vrrp/net/request.h"

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

static void take_state(void *context, const struct nlmsghdr *message)
{
	const struct ndmsg *body = NLMSG_DATA(message);
	uint16_t *state = context;

	if (message->nlmsg_type == RTM_NEWNEIGH)
		*state = body->ndm_state;
}

/* NUD_*, or 0: there is none. */
static uint16_t state_of(int fd, uint32_t interface, const struct vrrp_address *group)
{
	struct requests requests;
	uint16_t state = 0;

	begin(&requests, RTM_GETNEIGH, 0, interface, group);
	if (send(fd, requests.octets, requests.length, 0) >= 0)
		netlink_read(fd, take_state, &state);
	return state;
}

int neighbour_pin(int fd, uint32_t interface, const struct vrrp_address *group)
{
	struct requests requests;
	uint8_t mac[ETH_ALEN];

	if (state_of(fd, interface, group) & NUD_PERMANENT)
		return 0;
	vrrp_address_group_mac(group, mac);
	begin(&requests, RTM_NEWNEIGH, NUD_PERMANENT, interface, group);
	request_put(&requests, NDA_LLADDR, mac, sizeof(mac));
	requests_send(&requests, fd);
	return requests.errors[0] ? requests.errors[0] : 1;
}

void neighbour_unpin(int fd, uint32_t interface, const struct vrrp_address *group)
{
	struct requests requests;

	begin(&requests, RTM_DELNEIGH, 0, interface, group);
	requests_send(&requests, fd);
}
