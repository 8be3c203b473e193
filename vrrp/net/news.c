/* SPDX-License-Identifier: ISC */
#include "vrrp/net/news.h"

#include "vrrp/net/ifaddress.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

/* A number of 32 bits, where the attribute is there and long enough. */
static bool read_u32(const struct nlattr *attribute, uint32_t *number)
{
	if (!attribute || nla_len(attribute) < (int)sizeof(*number))
		return false;
	memcpy(number, nla_data(attribute), sizeof(*number));
	return true;
}

static bool read_name(const struct nlattr *attribute, char name[IF_NAMESIZE])
{
	const char *text = attribute ? nla_data(attribute) : NULL;
	size_t length = text ? strnlen(text, (size_t)nla_len(attribute)) : 0;

	if (!length || length >= IF_NAMESIZE)
		return false;
	memcpy(name, text, length);
	return true;
}

/* Whether the header leaves room for a body of that size, which is then the caller's to read. */
static bool parse(const struct nlmsghdr *message, size_t body, struct nlattr **attributes, int last)
{
	return message->nlmsg_len >= NLMSG_LENGTH(body) &&
	       nlmsg_parse((struct nlmsghdr *)message, (int)body, attributes, last, NULL) >= 0;
}

bool news_read_link(const struct nlmsghdr *message, struct link_news *news)
{
	const struct ifinfomsg *body = nlmsg_data(message);
	struct nlattr *attributes[IFLA_MAX + 1];
	const struct nlattr *mac;
	uint32_t event = IFLA_EVENT_NONE;

	if ((message->nlmsg_type != RTM_NEWLINK && message->nlmsg_type != RTM_DELLINK) ||
		!parse(message, sizeof(*body), attributes, IFLA_MAX))
		return false;
	/* AF_BRIDGE speaks of ports, not of links. */
	if (body->ifi_family != AF_UNSPEC || body->ifi_index <= 0)
		return false;
	*news = (struct link_news){.index = (uint32_t)body->ifi_index,
		.flags = body->ifi_flags,
		.gone = message->nlmsg_type == RTM_DELLINK,
		.ethernet = body->ifi_type == ARPHRD_ETHER};
	news->has_name = read_name(attributes[IFLA_IFNAME], news->name);
	news->has_mtu = read_u32(attributes[IFLA_MTU], &news->mtu);
	mac = attributes[IFLA_ADDRESS];
	news->has_mac = mac && nla_len(mac) == NEWS_MAC;
	if (news->has_mac)
		memcpy(news->mac, nla_data(mac), NEWS_MAC);
	read_u32(attributes[IFLA_EVENT], &event);
	news->announces = event == IFLA_EVENT_NOTIFY_PEERS || event == IFLA_EVENT_BONDING_FAILOVER;
	return true;
}

bool news_read_address(const struct nlmsghdr *message, struct address_news *news)
{
	const struct ifaddrmsg *body = nlmsg_data(message);
	struct nlattr *attributes[ADDRESS_ATTRIBUTE_MAX + 1];
	const struct nlattr *own;
	enum vrrp_family family;

	if ((message->nlmsg_type != RTM_NEWADDR && message->nlmsg_type != RTM_DELADDR) ||
		!parse(message, sizeof(*body), attributes, ADDRESS_ATTRIBUTE_MAX))
		return false;
	family = body->ifa_family == AF_INET	? VRRP_IPV4
		 : body->ifa_family == AF_INET6 ? VRRP_IPV6
						: VRRP_FAMILY_NONE;
	own = attributes[IFA_LOCAL] ? attributes[IFA_LOCAL] : attributes[IFA_ADDRESS];
	if (!family || !own || (size_t)nla_len(own) < vrrp_address_length(family) ||
		body->ifa_prefixlen > 8 * vrrp_address_length(family))
		return false;
	*news = (struct address_news){.address = vrrp_address_make(family, nla_data(own)),
		.index = body->ifa_index,
		.flags = body->ifa_flags,
		.prefix_length = body->ifa_prefixlen,
		.scope = body->ifa_scope,
		.gone = message->nlmsg_type == RTM_DELADDR};
	read_u32(attributes[IFA_FLAGS], &news->flags);
	if (attributes[IFA_PROTO] && nla_len(attributes[IFA_PROTO]) >= 1)
		news->tag = nla_get_u8(attributes[IFA_PROTO]);
	return true;
}
