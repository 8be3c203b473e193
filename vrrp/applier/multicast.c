/* SPDX-License-Identifier: ISC */
#include "vrrp/applier/multicast.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "vrrp/net/membership.h"
#include "vrrp/net/neighbour.h"
#include "vrrp/net/netlink.h"

#define RETRY NSEC_PER_SEC
#define BATCH 32 /* interfaces a call: each costs some requests */

/* Switched off, or with another MAC, an interface loses its neighbour entries. */
#define CONCERNS (MONITOR_INDEX | MONITOR_ADMIN | MONITOR_MAC | MONITOR_USABLE | MONITOR_UNSURE)

enum {
	FAMILIES = 2
};

struct multicast_interface {
	uint32_t users[FAMILIES];  /* routers, by family */
	uint32_t wanted[FAMILIES]; /* those of them that listen to the group */
	uint32_t joined[FAMILIES]; /* index of the link on which the group is joined, or 0 */
	bool pinned[FAMILIES];	   /* its neighbour entry there, by us */
	bool renew;		   /* the kernel may have dropped groups */
	bool dirty;
};

struct multicast {
	struct monitor *monitor;
	struct settings *settings;
	struct vrrp_membership *membership;
	int fd; /* for the neighbour entries */
	struct vrrp_address groups[FAMILIES];
	struct multicast_interface interfaces[APPLIER_INTERFACES];
	uint32_t dirty[APPLIER_INTERFACES];
	uint32_t dirty_count;
	uint32_t failed_count; /* the first of the dirty, which are not tried before */
	uint64_t retry_at;
};

static unsigned int family_index(enum vrrp_family family)
{
	return family == VRRP_IPV4 ? 0 : 1;
}

struct multicast *multicast_new(struct monitor *monitor, struct settings *settings)
{
	struct multicast *multicast = calloc(1, sizeof(*multicast));

	if (!multicast)
		return NULL;
	multicast->monitor = monitor;
	multicast->settings = settings;
	multicast->fd = netlink_open(0);
	multicast->membership = vrrp_membership_new();
	if (multicast->fd >= 0 && multicast->membership)
		return multicast;
	if (multicast->fd < 0)
		errno = -multicast->fd;
	return multicast_free(multicast);
}

static void touch(struct multicast *multicast, uint32_t number)
{
	/* If it is waiting to be tried again, so are others, and now is as good as later. */
	if (multicast->interfaces[number].dirty) {
		multicast->retry_at = 0;
		return;
	}
	multicast->interfaces[number].dirty = true;
	multicast->dirty[multicast->dirty_count++] = number;
}

/* ---- Groups ---- */

static void leave(struct multicast *multicast, uint32_t number, unsigned int family)
{
	struct multicast_interface *interface = &multicast->interfaces[number];

	if (interface->joined[family])
		vrrp_membership_leave(multicast->membership, (int)interface->joined[family],
			&multicast->groups[family]);
	if (interface->pinned[family])
		neighbour_unpin(
			multicast->fd, interface->joined[family], &multicast->groups[family]);
	interface->joined[family] = 0;
	interface->pinned[family] = false;
}

/* Without it advertisements are sent all the same, as long as the kernel finds room for one. */
static void pin(struct multicast *multicast, uint32_t number, unsigned int family)
{
	struct multicast_interface *interface = &multicast->interfaces[number];

	if (neighbour_pin(multicast->fd, interface->joined[family], &multicast->groups[family]) > 0)
		interface->pinned[family] = true;
}

static int join(struct multicast *multicast, uint32_t number, unsigned int family, uint32_t index)
{
	int users =
		vrrp_membership_join(multicast->membership, (int)index, &multicast->groups[family]);

	if (users < 0)
		return users;
	multicast->interfaces[number].joined[family] = index;
	return 0;
}

void multicast_set_group(struct multicast *multicast, const struct vrrp_address *group)
{
	unsigned int family = family_index((enum vrrp_family)group->family);

	if (vrrp_address_equal(&multicast->groups[family], group))
		return;
	for (uint32_t number = 0; number < APPLIER_INTERFACES; number++) {
		if (!multicast->interfaces[number].joined[family])
			continue;
		leave(multicast, number, family);
		touch(multicast, number);
	}
	multicast->groups[family] = *group;
}

/* ---- Both ---- */

void multicast_add(
	struct multicast *multicast, uint32_t number, enum vrrp_family family, bool group)
{
	struct multicast_interface *interface = &multicast->interfaces[number];
	bool first = interface->users[family_index(family)]++ == 0;

	if (first && family == VRRP_IPV4)
		settings_need(multicast->settings, number, SETTING_ACCEPT_LOCAL);
	if (group)
		first |= interface->wanted[family_index(family)]++ == 0;
	if (first)
		touch(multicast, number);
}

void multicast_remove(
	struct multicast *multicast, uint32_t number, enum vrrp_family family, bool group)
{
	struct multicast_interface *interface = &multicast->interfaces[number];
	bool last = --interface->users[family_index(family)] == 0;

	if (last && family == VRRP_IPV4)
		settings_release(multicast->settings, number, SETTING_ACCEPT_LOCAL);
	if (group)
		last |= --interface->wanted[family_index(family)] == 0;
	if (last)
		touch(multicast, number);
}

void multicast_changed(struct multicast *multicast, uint32_t number, unsigned int changes)
{
	struct multicast_interface *interface = &multicast->interfaces[number];

	if (!(changes & CONCERNS))
		return;
	if (changes & (MONITOR_USABLE | MONITOR_UNSURE))
		interface->renew = true;
	touch(multicast, number);
}

void multicast_link_gone(struct multicast *multicast, uint32_t number, uint32_t index)
{
	struct multicast_interface *interface = &multicast->interfaces[number];

	vrrp_membership_forget(multicast->membership, (int)index);
	for (unsigned int family = 0; family < FAMILIES; family++) {
		if (interface->joined[family] != index)
			continue;
		interface->joined[family] = 0;
		interface->pinned[family] = false;
	}
	settings_link_gone(multicast->settings, number, index);
	touch(multicast, number);
}

static void undo_elsewhere(struct multicast *multicast, uint32_t number, uint32_t index)
{
	struct multicast_interface *interface = &multicast->interfaces[number];

	for (unsigned int family = 0; family < FAMILIES; family++)
		if (interface->joined[family] &&
			(!interface->wanted[family] || interface->joined[family] != index))
			leave(multicast, number, family);
}

static int attend(struct multicast *multicast, uint32_t number)
{
	struct multicast_interface *interface = &multicast->interfaces[number];
	uint32_t index = monitor_interface(multicast->monitor, number)->index;
	int error, result = settings_attend(multicast->settings, number);

	undo_elsewhere(multicast, number, index);
	if (!index)
		return result;
	if (interface->renew && (interface->joined[0] || interface->joined[1])) {
		error = vrrp_membership_renew(multicast->membership, (int)index);
		if (error)
			result = error;
		settings_renew(multicast->settings, number);
	}
	if (!result)
		interface->renew = false;
	for (unsigned int family = 0; family < FAMILIES; family++) {
		if (!interface->wanted[family])
			continue;
		error = interface->joined[family] ? 0 : join(multicast, number, family, index);
		if (error)
			result = error;
		else
			pin(multicast, number, family);
	}
	return result;
}

size_t multicast_sockets(const struct multicast *multicast, int *sockets, size_t room)
{
	return vrrp_membership_sockets(multicast->membership, sockets, room);
}

uint64_t multicast_work(struct multicast *multicast, uint64_t now)
{
	uint32_t count = multicast->dirty_count;
	uint32_t first = now < multicast->retry_at ? multicast->failed_count : 0;
	uint32_t end = count - first > BATCH ? first + BATCH : count;
	uint32_t kept = first;

	for (uint32_t i = first; i < end; i++) {
		uint32_t number = multicast->dirty[i];

		multicast->interfaces[number].dirty = false;
		if (attend(multicast, number) == 0)
			continue;
		multicast->interfaces[number].dirty = true;
		multicast->dirty[kept++] = number;
	}
	if (kept > first)
		multicast->retry_at = now + RETRY;
	multicast->failed_count = kept;
	memmove(&multicast->dirty[kept], &multicast->dirty[end],
		(count - end) * sizeof(multicast->dirty[0]));
	multicast->dirty_count = kept + count - end;
	if (count > end)
		return 0;
	return kept ? multicast->retry_at : UINT64_MAX;
}

struct multicast *multicast_free(struct multicast *multicast)
{
	if (!multicast)
		return NULL;
	for (uint32_t number = 0; number < APPLIER_INTERFACES; number++)
		for (unsigned int family = 0; family < FAMILIES; family++)
			leave(multicast, number, family);
	vrrp_membership_free(multicast->membership);
	if (multicast->fd >= 0)
		close(multicast->fd);
	free(multicast);
	return NULL;
}
