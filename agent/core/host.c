/* SPDX-License-Identifier: ISC */
#include "agent/core/host.h"

#include "lib/descriptor.h"
#include "vrrp/net/ifaddress.h"
#include "vrrp/net/netlink.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct link {
	char name[IF_NAMESIZE];
	int index;
};

/* One address on one interface; compared octet by octet, so that unused octets are zero. */
struct held {
	char interface[IF_NAMESIZE];
	uint8_t family;
	uint8_t bytes[16];
};

struct list {
	void *items;
	size_t count;
	size_t room;
};

struct host {
	struct list links; /* sorted by name */
	struct list held;  /* sorted */
	bool incomplete;   /* memory was short */
};

static int by_index(const void *left, const void *right)
{
	const struct link *a = left, *b = right;

	return (a->index > b->index) - (a->index < b->index);
}

static int by_name(const void *left, const void *right)
{
	return memcmp(left, right, IF_NAMESIZE);
}

static int compare(const void *left, const void *right)
{
	return memcmp(left, right, sizeof(struct held));
}

/* A new item, all zero. */
static void *append(struct host *host, struct list *list, size_t size)
{
	char *item;

	if (list->count == list->room) {
		size_t room = list->room ? list->room * 2 : 64;
		void *more = reallocarray(list->items, room, size);

		if (!more) {
			host->incomplete = true;
			return NULL;
		}
		list->items = more;
		list->room = room;
	}
	item = (char *)list->items + list->count++ * size;
	return memset(item, 0, size);
}

static void sort(struct list *list, size_t size, comparison_fn_t order)
{
	if (list->count > 1)
		qsort(list->items, list->count, size, order);
}

static const void *find(
	const struct list *list, const void *key, size_t size, comparison_fn_t order)
{
	return list->count ? bsearch(key, list->items, list->count, size, order) : NULL;
}

static void take_link(void *context, const struct nlmsghdr *message)
{
	const struct ifinfomsg *body = nlmsg_data(message);
	struct host *host = context;
	struct nlattr *attributes[IFLA_MAX + 1] = {0};
	struct link *link;

	if (message->nlmsg_type != RTM_NEWLINK ||
		nlmsg_parse((struct nlmsghdr *)message, sizeof(*body), attributes, IFLA_MAX, NULL) <
			0 ||
		!attributes[IFLA_IFNAME])
		return;
	link = append(host, &host->links, sizeof(*link));
	if (!link)
		return;
	link->index = body->ifi_index;
	strncpy(link->name, nla_get_string(attributes[IFLA_IFNAME]), sizeof(link->name) - 1);
}

static void take_address(void *context, const struct nlmsghdr *message)
{
	const struct ifaddrmsg *body = nlmsg_data(message);
	struct host *host = context;
	const struct link wanted = {.index = (int)body->ifa_index}, *link;
	const struct nlattr *attribute;
	struct nlattr *attributes[ADDRESS_ATTRIBUTE_MAX + 1] = {0};
	struct held *held;

	if (message->nlmsg_type != RTM_NEWADDR ||
		nlmsg_parse((struct nlmsghdr *)message, sizeof(*body), attributes,
			ADDRESS_ATTRIBUTE_MAX, NULL) < 0)
		return;
	attribute = attributes[IFA_LOCAL] ? attributes[IFA_LOCAL] : attributes[IFA_ADDRESS];
	if (!attribute || nla_len(attribute) > (int)sizeof(held->bytes) ||
		(attributes[IFA_PROTO] && nla_get_u8(attributes[IFA_PROTO]) == ADDRESS_TAG))
		return;
	link = find(&host->links, &wanted, sizeof(wanted), by_index);
	held = link ? append(host, &host->held, sizeof(*held)) : NULL;
	if (!held)
		return;
	memcpy(held->interface, link->name, sizeof(held->interface));
	held->family = body->ifa_family;
	memcpy(held->bytes, nla_data(attribute), (size_t)nla_len(attribute));
}

/* The kernel is asked twice in all, and not for each name. */
static int look(struct host *host, int fd)
{
	int error = netlink_dump(fd, RTM_GETLINK, take_link, host);

	if (error)
		return error;
	sort(&host->links, sizeof(struct link), by_index);
	error = netlink_dump(fd, RTM_GETADDR, take_address, host);
	if (error)
		return error;
	sort(&host->links, sizeof(struct link), by_name);
	sort(&host->held, sizeof(struct held), compare);
	return host->incomplete ? -ENOMEM : 0;
}

struct host *host_look(void)
{
	struct host *host = calloc(1, sizeof(*host));
	int fd = host ? netlink_open(0) : -1;

	if (fd < 0 || look(host, fd) < 0)
		host = host_free(host);
	descriptor_close(fd);
	return host;
}

struct host *host_free(struct host *host)
{
	if (!host)
		return NULL;
	free(host->links.items);
	free(host->held.items);
	free(host);
	return NULL;
}

static bool is_local(void *context, const char *interface, const struct ip_address *address)
{
	const struct host *host = context;
	struct held key = {.family = (uint8_t)address->family};
	const struct held *held = host->held.items;

	memcpy(key.bytes, &address->v6, address->family == AF_INET ? 4 : 16);
	if (interface) {
		strncpy(key.interface, interface, sizeof(key.interface) - 1);
		return find(&host->held, &key, sizeof(key), compare) != NULL;
	}
	for (size_t i = 0; i < host->held.count; i++)
		if (held[i].family == key.family &&
			memcmp(held[i].bytes, key.bytes, sizeof(key.bytes)) == 0)
			return true;
	return false;
}

static bool is_primary(const struct held *held, const char *interface, int family)
{
	bool link_local = held->bytes[0] == 0xfe && (held->bytes[1] & 0xc0) == 0x80; /* fe80::/10 */

	return held->family == family && strcmp(held->interface, interface) == 0 &&
	       (family == AF_INET || link_local);
}

bool host_has_primary(const struct host *host, const char *interface, int family)
{
	const struct held *held = host->held.items;

	for (size_t i = 0; i < host->held.count; i++) {
		if (is_primary(&held[i], interface, family))
			return true;
	}
	return false;
}

static bool has_interface(void *context, const char *interface)
{
	const struct host *host = context;
	char key[IF_NAMESIZE] = {0};

	strncpy(key, interface, sizeof(key) - 1);
	return find(&host->links, key, sizeof(struct link), by_name) != NULL;
}

struct conf_host host_questions(struct host *host)
{
	return (struct conf_host){
		.is_local_address = host ? is_local : NULL,
		.has_interface = host ? has_interface : NULL,
		.context = host,
	};
}
