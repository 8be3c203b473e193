/* SPDX-License-Identifier: ISC */
#include "vrrp/net/membership.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUCKETS 256

/* A socket that holds memberships and receives nothing: no packet is sent to its port, for it has
 * none. */
struct carrier {
	LIST_ENTRY(carrier) link;
	enum vrrp_family family;
	int fd;
	unsigned int groups;
	bool full;
};

struct group {
	LIST_ENTRY(group) link;
	int interface;
	struct vrrp_address address;
	unsigned int users;
	struct carrier *carrier; /* NULL: not joined at present */
};

LIST_HEAD(group_list, group);

struct vrrp_membership {
	struct group_list buckets[BUCKETS]; /* by interface */
	LIST_HEAD(, carrier) carriers;
};

static struct group_list *bucket(struct vrrp_membership *membership, int interface)
{
	return &membership->buckets[(unsigned int)interface % BUCKETS];
}

struct vrrp_membership *vrrp_membership_new(void)
{
	return calloc(1, sizeof(struct vrrp_membership));
}

static void close_carrier(struct carrier *carrier)
{
	LIST_REMOVE(carrier, link);
	close(carrier->fd);
	free(carrier);
}

struct vrrp_membership *vrrp_membership_free(struct vrrp_membership *membership)
{
	if (!membership)
		return NULL;
	for (unsigned int i = 0; i < BUCKETS; i++) {
		struct group_list *list = &membership->buckets[i];

		while (!LIST_EMPTY(list)) {
			struct group *group = LIST_FIRST(list);

			LIST_REMOVE(group, link);
			free(group);
		}
	}
	while (!LIST_EMPTY(&membership->carriers))
		close_carrier(LIST_FIRST(&membership->carriers));
	free(membership);
	return NULL;
}

static int carrier_request(const struct carrier *carrier, const struct group *group, int option)
{
	const bool ipv4 = group->address.family == VRRP_IPV4;
	struct group_req request = {.gr_interface = (uint32_t)group->interface};
	struct sockaddr_in ipv4_group = {.sin_family = AF_INET};
	struct sockaddr_in6 ipv6_group = {.sin6_family = AF_INET6};

	memcpy(&ipv4_group.sin_addr, group->address.bytes, sizeof(ipv4_group.sin_addr));
	memcpy(&ipv6_group.sin6_addr, group->address.bytes, sizeof(ipv6_group.sin6_addr));
	if (ipv4)
		memcpy(&request.gr_group, &ipv4_group, sizeof(ipv4_group));
	else
		memcpy(&request.gr_group, &ipv6_group, sizeof(ipv6_group));
	if (setsockopt(carrier->fd, ipv4 ? IPPROTO_IP : IPPROTO_IPV6, option, &request,
		    sizeof(request)) < 0)
		return -errno;
	return 0;
}

static struct carrier *open_carrier(struct vrrp_membership *membership, enum vrrp_family family)
{
	struct carrier *carrier = calloc(1, sizeof(*carrier));

	if (!carrier)
		return NULL;
	carrier->family = family;
	carrier->fd =
		socket(family == VRRP_IPV4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (carrier->fd < 0) {
		free(carrier);
		return NULL;
	}
	LIST_INSERT_HEAD(&membership->carriers, carrier, link);
	return carrier;
}

/* What the kernel says when a socket may hold no more groups: igmp_max_memberships for IPv4,
 * optmem_max for IPv6. */
static bool is_full(int error)
{
	return error == -ENOBUFS || error == -ENOMEM;
}

static int join_by(struct carrier *carrier, struct group *group)
{
	int error = carrier_request(carrier, group, MCAST_JOIN_GROUP);

	if (error) {
		carrier->full = is_full(error);
		return error;
	}
	carrier->groups++;
	group->carrier = carrier;
	return 0;
}

static int join_kernel(struct vrrp_membership *membership, struct group *group)
{
	struct carrier *carrier;
	int error;

	LIST_FOREACH (carrier, &membership->carriers, link) {
		if (carrier->family != group->address.family || carrier->full)
			continue;
		error = join_by(carrier, group);
		if (!is_full(error))
			return error;
	}
	carrier = open_carrier(membership, group->address.family);
	if (!carrier)
		return -errno;
	error = join_by(carrier, group);
	if (error)
		close_carrier(carrier);
	return error;
}

/* The kernel's answer is not looked at: the interface may be gone, and the socket's own entry goes
 * in any case. */
static void leave_kernel(struct group *group)
{
	struct carrier *carrier = group->carrier;

	if (!carrier)
		return;
	carrier_request(carrier, group, MCAST_LEAVE_GROUP);
	group->carrier = NULL;
	carrier->full = false;
	if (--carrier->groups == 0)
		close_carrier(carrier);
}

static struct group *find_group(
	struct vrrp_membership *membership, int interface, const struct vrrp_address *address)
{
	struct group *group;

	LIST_FOREACH (group, bucket(membership, interface), link) {
		if (group->interface == interface && vrrp_address_equal(&group->address, address))
			return group;
	}
	return NULL;
}

static void remove_group(struct group *group)
{
	leave_kernel(group);
	LIST_REMOVE(group, link);
	free(group);
}

int vrrp_membership_join(
	struct vrrp_membership *membership, int interface, const struct vrrp_address *address)
{
	struct group *group = find_group(membership, interface, address);
	int error;

	if (interface <= 0) /* the kernel would choose an interface */
		return -ENODEV;
	if (group && group->carrier)
		return (int)++group->users;
	if (!group) {
		group = calloc(1, sizeof(*group));
		if (!group)
			return -ENOMEM;
		group->interface = interface;
		group->address = *address;
		LIST_INSERT_HEAD(bucket(membership, interface), group, link);
	}
	error = join_kernel(membership, group);
	if (!error)
		return (int)++group->users;
	if (group->users == 0)
		remove_group(group);
	return error;
}

int vrrp_membership_leave(
	struct vrrp_membership *membership, int interface, const struct vrrp_address *address)
{
	struct group *group = find_group(membership, interface, address);

	if (!group)
		return -ENOENT;
	if (--group->users > 0)
		return (int)group->users;
	remove_group(group);
	return 0;
}

int vrrp_membership_forget(struct vrrp_membership *membership, int interface)
{
	struct group *group, *next;
	int forgotten = 0;

	for (group = LIST_FIRST(bucket(membership, interface)); group; group = next) {
		next = LIST_NEXT(group, link);
		if (group->interface != interface)
			continue;
		remove_group(group);
		forgotten++;
	}
	return forgotten;
}

size_t vrrp_membership_sockets(const struct vrrp_membership *membership, int *sockets, size_t room)
{
	const struct carrier *carrier;
	size_t count = 0;

	LIST_FOREACH (carrier, &membership->carriers, link) {
		if (count < room)
			sockets[count] = carrier->fd;
		count++;
	}
	return count;
}

int vrrp_membership_renew(struct vrrp_membership *membership, int interface)
{
	struct group *group;
	int error, result = 0;

	LIST_FOREACH (group, bucket(membership, interface), link) {
		if (group->interface != interface)
			continue;
		leave_kernel(group);
		error = join_kernel(membership, group);
		if (error)
			result = error;
	}
	return result;
}
