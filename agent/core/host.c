/* SPDX-License-Identifier: ISC */
#include "agent/core/host.h"

#include "vrrp/net/address.h"
#include "vrrp/net/netlink.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One address on one interface; compared octet by octet, so that unused octets are zero. */
struct held {
	char interface[IF_NAMESIZE];
	uint8_t family;
	uint8_t bytes[16];
};

struct host {
	struct held *held; /* sorted */
	size_t count;
	size_t room;
	bool incomplete; /* memory was short */
};

static int compare(const void *left, const void *right)
{
	return memcmp(left, right, sizeof(struct held));
}

static struct held *append(struct host *host)
{
	if (host->count == host->room) {
		size_t room = host->room ? host->room * 2 : 64;
		struct held *more = realloc(host->held, room * sizeof(*more));

		if (!more) {
			host->incomplete = true;
			return NULL;
		}
		host->held = more;
		host->room = room;
	}
	memset(&host->held[host->count], 0, sizeof(*host->held));
	return &host->held[host->count++];
}

static void take_address(void *context, const struct nlmsghdr *message)
{
	const struct ifaddrmsg *body = nlmsg_data(message);
	const struct nlattr *attribute;
	struct nlattr *attributes[IFA_MAX + 1] = {0};
	struct held *held;

	if (message->nlmsg_type != RTM_NEWADDR ||
		nlmsg_parse((struct nlmsghdr *)message, sizeof(*body), attributes, IFA_MAX, NULL) <
			0)
		return;
	attribute = attributes[IFA_LOCAL] ? attributes[IFA_LOCAL] : attributes[IFA_ADDRESS];
	if (!attribute || nla_len(attribute) > (int)sizeof(held->bytes) ||
		(attributes[IFA_PROTO] && nla_get_u8(attributes[IFA_PROTO]) == ADDRESS_TAG))
		return;
	held = append(context);
	if (!held)
		return;
	held->family = body->ifa_family;
	memcpy(held->bytes, nla_data(attribute), (size_t)nla_len(attribute));
	if (!if_indextoname(body->ifa_index, held->interface))
		((struct host *)context)->count--;
}

struct host *host_look(void)
{
	struct host *host = calloc(1, sizeof(*host));
	int fd = netlink_open(0);
	int error = fd;

	if (host && fd >= 0)
		error = netlink_dump(fd, RTM_GETADDR, take_address, host);
	if (fd >= 0)
		close(fd);
	if (!host || error || host->incomplete)
		return host_free(host);
	qsort(host->held, host->count, sizeof(*host->held), compare);
	return host;
}

struct host *host_free(struct host *host)
{
	if (!host)
		return NULL;
	free(host->held);
	free(host);
	return NULL;
}

static bool is_local(void *context, const char *interface, const struct ip_address *address)
{
	const struct host *host = context;
	struct held key = {.family = (uint8_t)address->family};

	strncpy(key.interface, interface, sizeof(key.interface) - 1);
	memcpy(key.bytes, &address->v6, address->family == AF_INET ? 4 : 16);
	return bsearch(&key, host->held, host->count, sizeof(key), compare) != NULL;
}

static bool is_primary(const struct held *held, const char *interface, int family)
{
	bool link_local = held->bytes[0] == 0xfe && (held->bytes[1] & 0xc0) == 0x80; /* fe80::/10 */

	return held->family == family && strcmp(held->interface, interface) == 0 &&
	       (family == AF_INET || link_local);
}

bool host_has_primary(const struct host *host, const char *interface, int family)
{
	for (size_t i = 0; i < host->count; i++) {
		if (is_primary(&host->held[i], interface, family))
			return true;
	}
	return false;
}

static bool has_interface(void *context, const char *interface)
{
	return if_nametoindex(interface) != 0;
}

struct conf_host host_questions(struct host *host)
{
	return (struct conf_host){
		.is_local_address = host ? is_local : NULL,
		.has_interface = has_interface,
		.context = host,
	};
}
