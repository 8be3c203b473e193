/* SPDX-License-Identifier: ISC */
#include "vrrp/net/socket.h"

#include "lib/socketbuffer.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#define VRRP_HOPS	 255
#define CLASS_SELECTOR_6 IPTOS_CLASS_CS6
#define CONTROL_PRIORITY 6 /* maps to VLAN priority 6 and the first band of a queue */

struct option {
	int level;
	int name;
	int value;
};

/* IP_TOS sets a priority too, so that the common options, with SO_PRIORITY, come last.
 * IP_MULTICAST_ALL lets the socket hear what carriers joined; an unbound raw IPv6 socket does so
 * without IPV6_MULTICAST_ALL. */
static const struct option ipv4_options[] = {
	{IPPROTO_IP, IP_TTL, VRRP_HOPS},
	{IPPROTO_IP, IP_MULTICAST_TTL, VRRP_HOPS},
	{IPPROTO_IP, IP_TRANSPARENT, 1}, /* mcast_src_ip may be an address that nobody holds */
	{IPPROTO_IP, IP_MULTICAST_LOOP, 0},
	{IPPROTO_IP, IP_MULTICAST_ALL, 1},
	{IPPROTO_IP, IP_TOS, CLASS_SELECTOR_6},
	{IPPROTO_IP, IP_PKTINFO, 1},
	{IPPROTO_IP, IP_RECVTTL, 1},
};

static const struct option ipv6_options[] = {
	{IPPROTO_IPV6, IPV6_UNICAST_HOPS, VRRP_HOPS},
	{IPPROTO_IPV6, IPV6_MULTICAST_HOPS, VRRP_HOPS},
	{IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0},
	{IPPROTO_IPV6, IPV6_TCLASS, CLASS_SELECTOR_6},
	{IPPROTO_IPV6, IPV6_RECVPKTINFO, 1},
	{IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1},
};

static const struct option common_options[] = {
	{SOL_SOCKET, SO_PRIORITY, CONTROL_PRIORITY},
	{SOL_SOCKET, SO_RXQ_OVFL, 1},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int set_options(int fd, const struct option *options, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct option *option = &options[i];

		if (setsockopt(fd, option->level, option->name, &option->value,
			    sizeof(option->value)) < 0)
			return -errno;
	}
	return 0;
}

int vrrp_socket_open(int family, int protocol)
{
	int error, fd;

	if (family != AF_INET && family != AF_INET6)
		return -EAFNOSUPPORT;
	fd = socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	if (fd < 0)
		return -errno;
	if (family == AF_INET)
		error = set_options(fd, ipv4_options, COUNT(ipv4_options));
	else
		error = set_options(fd, ipv6_options, COUNT(ipv6_options));
	if (!error)
		error = set_options(fd, common_options, COUNT(common_options));
	if (error) {
		close(fd);
		return error;
	}
	socketbuffer_receive(fd, VRRP_SOCKET_BUFFER);
	socketbuffer_send(fd, VRRP_SOCKET_BUFFER);
	return fd;
}

int vrrp_socket_open_ah(void)
{
	const struct option own_header = {IPPROTO_IP, IP_HDRINCL, 1};
	int fd = vrrp_socket_open(AF_INET, VRRP_AH_IP_PROTOCOL);
	int error = fd < 0 ? fd : set_options(fd, &own_header, 1);

	if (error && fd >= 0)
		close(fd);
	return error ? error : fd;
}

int vrrp_socket_set_timestamps(int fd, bool on)
{
	const struct option option = {SOL_SOCKET, SO_TIMESTAMPNS, on};

	return set_options(fd, &option, 1);
}
