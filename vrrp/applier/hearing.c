/* SPDX-License-Identifier: ISC */
#include "vrrp/applier/hearing.h"

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

struct ear {
	uint32_t users[FAMILIES];  /* routers, by family */
	uint32_t wanted[FAMILIES]; /* those of them that listen to the group */
	uint32_t joined[FAMILIES]; /* index of the link on which the group is joined, or 0 */
	bool pinned[FAMILIES];	   /* its neighbour entry there, by us */
	bool renew;		   /* the kernel may have dropped groups */
	bool dirty;
};

struct hearing {
	struct monitor *monitor;
	struct settings *settings;
	struct vrrp_membership *membership;
	int fd; /* for the neighbour entries */
	struct vrrp_address groups[FAMILIES];
	struct ear ears[APPLIER_INTERFACES];
	uint32_t dirty[APPLIER_INTERFACES];
	uint32_t dirty_count;
	uint32_t failed_count; /* the first of the dirty, which are not tried before */
	uint64_t retry_at;
};

static unsigned int place(enum vrrp_family family)
{
	return family == VRRP_IPV4 ? 0 : 1;
}

struct hearing *hearing_new(struct monitor *monitor, struct settings *settings)
{
	struct hearing *hearing = calloc(1, sizeof(*hearing));

	if (!hearing)
		return NULL;
	hearing->monitor = monitor;
	hearing->settings = settings;
	hearing->fd = netlink_open(0);
	hearing->membership = vrrp_membership_new();
	if (hearing->fd >= 0 && hearing->membership)
		return hearing;
	if (hearing->fd < 0)
		errno = -hearing->fd;
	return hearing_free(hearing);
}

static void touch(struct hearing *hearing, uint32_t number)
{
	/* If it is waiting to be tried again, so are others, and now is as good as later. */
	if (hearing->ears[number].dirty) {
		hearing->retry_at = 0;
		return;
	}
	hearing->ears[number].dirty = true;
	hearing->dirty[hearing->dirty_count++] = number;
}

/* ---- Groups ---- */

static void leave(struct hearing *hearing, uint32_t number, unsigned int family)
{
	struct ear *ear = &hearing->ears[number];

	if (ear->joined[family])
		vrrp_membership_leave(
			hearing->membership, (int)ear->joined[family], &hearing->groups[family]);
	if (ear->pinned[family])
		neighbour_unpin(hearing->fd, ear->joined[family], &hearing->groups[family]);
	ear->joined[family] = 0;
	ear->pinned[family] = false;
}

/* Without it advertisements are sent all the same, as long as the kernel finds room for one. */
static void pin(struct hearing *hearing, uint32_t number, unsigned int family)
{
	struct ear *ear = &hearing->ears[number];

	if (neighbour_pin(hearing->fd, ear->joined[family], &hearing->groups[family]) > 0)
		ear->pinned[family] = true;
}

static int join(struct hearing *hearing, uint32_t number, unsigned int family, uint32_t index)
{
	int users = vrrp_membership_join(hearing->membership, (int)index, &hearing->groups[family]);

	if (users < 0)
		return users;
	hearing->ears[number].joined[family] = index;
	return 0;
}

void hearing_set_group(struct hearing *hearing, const struct vrrp_address *group)
{
	unsigned int family = place((enum vrrp_family)group->family);

	if (vrrp_address_equal(&hearing->groups[family], group))
		return;
	for (uint32_t number = 0; number < APPLIER_INTERFACES; number++) {
		if (!hearing->ears[number].joined[family])
			continue;
		leave(hearing, number, family);
		touch(hearing, number);
	}
	hearing->groups[family] = *group;
}

/* ---- Both ---- */

void hearing_add(struct hearing *hearing, uint32_t number, enum vrrp_family family, bool group)
{
	struct ear *ear = &hearing->ears[number];
	bool first = ear->users[place(family)]++ == 0;

	if (first && family == VRRP_IPV4)
		settings_need(hearing->settings, number, SETTING_ACCEPT_LOCAL);
	if (group)
		first |= ear->wanted[place(family)]++ == 0;
	if (first)
		touch(hearing, number);
}

void hearing_remove(struct hearing *hearing, uint32_t number, enum vrrp_family family, bool group)
{
	struct ear *ear = &hearing->ears[number];
	bool last = --ear->users[place(family)] == 0;

	if (last && family == VRRP_IPV4)
		settings_release(hearing->settings, number, SETTING_ACCEPT_LOCAL);
	if (group)
		last |= --ear->wanted[place(family)] == 0;
	if (last)
		touch(hearing, number);
}

void hearing_changed(struct hearing *hearing, uint32_t number, unsigned int changes)
{
	struct ear *ear = &hearing->ears[number];

	if (!(changes & CONCERNS))
		return;
	if (changes & (MONITOR_USABLE | MONITOR_UNSURE))
		ear->renew = true;
	touch(hearing, number);
}

void hearing_link_gone(struct hearing *hearing, uint32_t number, uint32_t index)
{
	struct ear *ear = &hearing->ears[number];

	vrrp_membership_forget(hearing->membership, (int)index);
	for (unsigned int family = 0; family < FAMILIES; family++) {
		if (ear->joined[family] != index)
			continue;
		ear->joined[family] = 0;
		ear->pinned[family] = false;
	}
	settings_link_gone(hearing->settings, number, index);
	touch(hearing, number);
}

static void undo_elsewhere(struct hearing *hearing, uint32_t number, uint32_t index)
{
	struct ear *ear = &hearing->ears[number];

	for (unsigned int family = 0; family < FAMILIES; family++)
		if (ear->joined[family] && (!ear->wanted[family] || ear->joined[family] != index))
			leave(hearing, number, family);
}

static int attend(struct hearing *hearing, uint32_t number)
{
	struct ear *ear = &hearing->ears[number];
	uint32_t index = monitor_interface(hearing->monitor, number)->index;
	int error, result = settings_attend(hearing->settings, number);

	undo_elsewhere(hearing, number, index);
	if (!index)
		return result;
	if (ear->renew && (ear->joined[0] || ear->joined[1])) {
		error = vrrp_membership_renew(hearing->membership, (int)index);
		if (error)
			result = error;
		settings_renew(hearing->settings, number);
	}
	if (!result)
		ear->renew = false;
	for (unsigned int family = 0; family < FAMILIES; family++) {
		if (!ear->wanted[family])
			continue;
		error = ear->joined[family] ? 0 : join(hearing, number, family, index);
		if (error)
			result = error;
		else
			pin(hearing, number, family);
	}
	return result;
}

size_t hearing_sockets(const struct hearing *hearing, int *sockets, size_t room)
{
	return vrrp_membership_sockets(hearing->membership, sockets, room);
}

uint64_t hearing_work(struct hearing *hearing, uint64_t now)
{
	uint32_t count = hearing->dirty_count;
	uint32_t first = now < hearing->retry_at ? hearing->failed_count : 0;
	uint32_t end = count - first > BATCH ? first + BATCH : count;
	uint32_t kept = first;

	for (uint32_t i = first; i < end; i++) {
		uint32_t number = hearing->dirty[i];

		hearing->ears[number].dirty = false;
		if (attend(hearing, number) == 0)
			continue;
		hearing->ears[number].dirty = true;
		hearing->dirty[kept++] = number;
	}
	if (kept > first)
		hearing->retry_at = now + RETRY;
	hearing->failed_count = kept;
	memmove(&hearing->dirty[kept], &hearing->dirty[end],
		(count - end) * sizeof(hearing->dirty[0]));
	hearing->dirty_count = kept + count - end;
	if (count > end)
		return 0;
	return kept ? hearing->retry_at : UINT64_MAX;
}

struct hearing *hearing_free(struct hearing *hearing)
{
	if (!hearing)
		return NULL;
	for (uint32_t number = 0; number < APPLIER_INTERFACES; number++)
		for (unsigned int family = 0; family < FAMILIES; family++)
			leave(hearing, number, family);
	vrrp_membership_free(hearing->membership);
	if (hearing->fd >= 0)
		close(hearing->fd);
	free(hearing);
	return NULL;
}
