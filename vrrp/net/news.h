/* SPDX-License-Identifier: ISC */
#ifndef VRRP_NET_NEWS_H
#define VRRP_NET_NEWS_H

#include <linux/netlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "vrrp/protocol/address.h"

/* What a route netlink message says of a link or an address.  Pure: any thread. */

#define NEWS_MAC 6

struct link_news {
	uint32_t index;
	uint32_t flags; /* IFF_* */
	uint32_t mtu;
	char name[IF_NAMESIZE];
	uint8_t mac[NEWS_MAC];
	bool gone;
	bool has_name;
	bool has_mtu;
	bool has_mac;
	bool ethernet;
	bool announces; /* its neighbours should hear of it anew: a bond's change of path */
};

struct address_news {
	struct vrrp_address address; /* of this host, where the two ends of a link have one each */
	uint32_t index;
	uint32_t flags; /* IFA_F_* */
	uint8_t prefix_length;
	uint8_t scope;
	uint8_t tag; /* IFA_PROTO, 0: none */
	bool gone;
};

/* The message has as many octets as its header says.  False: it is of another type, about something
 * else (a port of a bridge, a family that is none of ours), or mangled. */
bool news_read_link(const struct nlmsghdr *message, struct link_news *news);
bool news_read_address(const struct nlmsghdr *message, struct address_news *news);

#endif
