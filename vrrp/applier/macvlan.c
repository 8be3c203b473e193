/* SPDX-License-Identifier: ISC */
#include "vrrp/applier/macvlan.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <netlink/route/link/macvlan.h>
#include <netlink/socket.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vrrp/applier/settings.h"
#include "vrrp/net/netlink_request.h"

#define RP_FILTER_LOOSE 2

static int send_one(int fd, struct requests *requests)
{
	requests_send(requests, fd);
	return requests->errors[0];
}

static void begin(struct requests *requests, uint16_t type, uint16_t flags, uint32_t index)
{
	const struct ifinfomsg body = {.ifi_family = AF_UNSPEC, .ifi_index = (int)index};

	requests_clear(requests);
	request_begin(requests, type, flags, &body, sizeof(body));
}

int macvlan_create(int fd, const char *name, uint32_t parent, const uint8_t mac[MACVLAN_MAC])
{
	static const char kind[] = "macvlan";
	struct requests requests;
	size_t info, data;

	begin(&requests, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0);
	request_put(&requests, IFLA_IFNAME, name, strlen(name) + 1);
	request_put(&requests, IFLA_ADDRESS, mac, MACVLAN_MAC);
	request_put_u32(&requests, IFLA_LINK, parent);
	info = request_nest(&requests, IFLA_LINKINFO);
	request_put(&requests, IFLA_INFO_KIND, kind, sizeof(kind));
	data = request_nest(&requests, IFLA_INFO_DATA);
	request_put_u32(&requests, IFLA_MACVLAN_MODE, MACVLAN_MODE_VEPA);
	request_nest_end(&requests, data);
	request_nest_end(&requests, info);
	return send_one(fd, &requests);
}

uint32_t macvlan_find(const char *name, uint32_t parent)
{
	struct nl_sock *sock = nl_socket_alloc();
	struct rtnl_link *link = NULL;
	uint32_t index = 0;

	if (sock && nl_connect(sock, NETLINK_ROUTE) == 0 &&
		rtnl_link_get_kernel(sock, 0, name, &link) == 0) {
		if (rtnl_link_is_macvlan(link) && (uint32_t)rtnl_link_get_link(link) == parent)
			index = (uint32_t)rtnl_link_get_ifindex(link);
		rtnl_link_put(link);
	}
	nl_socket_free(sock);
	return index;
}

int macvlan_delete(int fd, uint32_t index)
{
	struct requests requests;

	begin(&requests, RTM_DELLINK, 0, index);
	return send_one(fd, &requests);
}

int macvlan_switch(int fd, uint32_t index, bool on)
{
	const struct ifinfomsg body = {.ifi_family = AF_UNSPEC,
		.ifi_index = (int)index,
		.ifi_flags = on ? IFF_UP : 0,
		.ifi_change = IFF_UP};
	struct requests requests;

	requests_clear(&requests);
	request_begin(&requests, RTM_NEWLINK, 0, &body, sizeof(body));
	return send_one(fd, &requests);
}

/* ---- Settings ---- */

static int open_setting(const char *family, const char *name, const char *setting, int flags)
{
	char path[128];

	snprintf(path, sizeof(path), "/proc/sys/net/%s/conf/%s/%s", family, name, setting);
	return open(path, flags | O_CLOEXEC);
}

static bool is_set(const char *family, const char *name, const char *setting)
{
	int fd = open_setting(family, name, setting, O_RDONLY);
	char value = '0';

	if (fd < 0)
		return false;
	if (read(fd, &value, 1) != 1)
		value = '0';
	close(fd);
	return value != '0';
}

/* IPv6 has no other way than the file; a kernel without IPv6 has no file. */
static int write_ipv6(const char *name, const char *setting, bool value)
{
	int fd = open_setting("ipv6", name, setting, O_WRONLY);
	int error = 0;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (write(fd, value ? "1" : "0", 1) != 1)
		error = -errno;
	close(fd);
	return error;
}

/* Replies to packets that came by the device leave by the parent, as their route says, so that a
 * strict filter would drop all: none, or loose where the setting for all interfaces is strict. */
static uint32_t rp_filter(void)
{
	return settings_common_rp_filter() ? RP_FILTER_LOOSE : 0;
}

static int configure_ipv4(int fd, uint32_t index, const char *parent)
{
	const struct {
		uint16_t setting;
		uint32_t value;
	} settings[] = {
		{IPV4_DEVCONF_ARP_IGNORE, 1},
		{IPV4_DEVCONF_ARP_ANNOUNCE, 2},
		{IPV4_DEVCONF_RP_FILTER, rp_filter()},
		{IPV4_DEVCONF_ACCEPT_LOCAL, 1},
		{IPV4_DEVCONF_PROMOTE_SECONDARIES, 1},
		{IPV4_DEVCONF_FORWARDING, is_set("ipv4", parent, "forwarding")},
	};
	struct requests requests;
	size_t specific, inet, conf;

	begin(&requests, RTM_NEWLINK, 0, index);
	specific = request_nest(&requests, IFLA_AF_SPEC);
	inet = request_nest(&requests, AF_INET);
	conf = request_nest(&requests, IFLA_INET_CONF);
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		request_put_u32(&requests, settings[i].setting, settings[i].value);
	request_nest_end(&requests, conf);
	request_nest_end(&requests, inet);
	request_nest_end(&requests, specific);
	return send_one(fd, &requests);
}

static int make_no_link_local(int fd, uint32_t index)
{
	struct requests requests;
	size_t specific, inet6;

	begin(&requests, RTM_NEWLINK, 0, index);
	specific = request_nest(&requests, IFLA_AF_SPEC);
	inet6 = request_nest(&requests, AF_INET6);
	request_put_u8(&requests, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	request_nest_end(&requests, inet6);
	request_nest_end(&requests, specific);
	return send_one(fd, &requests);
}

static int configure_ipv6(int fd, const char *name, uint32_t index, const char *parent)
{
	int error = make_no_link_local(fd, index);

	/* A kernel without IPv6. */
	if (error == -EAFNOSUPPORT)
		return 0;
	/* A router advertisement would make addresses of the virtual MAC. */
	if (!error)
		error = write_ipv6(name, "accept_ra", false);
	if (!error)
		error = write_ipv6(name, "autoconf", false);
	if (!error && is_set("ipv6", parent, "forwarding"))
		error = write_ipv6(name, "forwarding", true);
	return error;
}

int macvlan_configure(int fd, const char *name, uint32_t index, const char *parent, bool has_ipv6)
{
	int error = configure_ipv4(fd, index, parent);

	if (error)
		return error;
	return has_ipv6 ? configure_ipv6(fd, name, index, parent)
			: write_ipv6(name, "disable_ipv6", true);
}
