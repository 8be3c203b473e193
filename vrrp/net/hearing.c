/* SPDX-License-Identifier: ISC */
#include "vrrp/net/hearing.h"

#include <errno.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "vrrp/net/accept_local.h"
#include "vrrp/net/membership.h"

#define RETRY NSEC_PER_SEC
#define BATCH 32 /* interfaces a call: each costs some requests */

enum {
	FAMILIES = 2
};

struct ear {
	uint32_t users[FAMILIES];  /* routers, by family */
	uint32_t wanted[FAMILIES]; /* those of them that listen to the group */
	uint32_t joined[FAMILIES]; /* index of the link on which the group is joined, or 0 */
	uint32_t asked;		   /* index of the link whose accept_local was looked at, or 0 */
	bool switched;		   /* it was off, and is on now */
	bool renew;		   /* the kernel may have dropped groups */
	bool dirty;
};

struct hearing {
	struct monitor *monitor;
	struct journal *journal;
	const struct former *former;
	struct vrrp_membership *membership;
	struct nl_sock *sock;
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

struct hearing *hearing_new(struct monitor *monitor, struct journal *journal)
{
	struct hearing *hearing = calloc(1, sizeof(*hearing));

	if (!hearing)
		return NULL;
	hearing->monitor = monitor;
	hearing->journal = journal;
	hearing->membership = vrrp_membership_new();
	hearing->sock = nl_socket_alloc();
	if (!hearing->membership || !hearing->sock ||
		nl_connect(hearing->sock, NETLINK_ROUTE) < 0) {
		hearing_free(hearing);
		errno = ENOMEM;
		return NULL;
	}
	return hearing;
}

void hearing_set_former(struct hearing *hearing, const struct former *former)
{
	hearing->former = former;
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

/* ---- accept_local ---- */

static struct journal_record record_of(const struct hearing *hearing, uint32_t number)
{
	struct journal_record record = {
		.kind = JOURNAL_ACCEPT_LOCAL, .index = hearing->ears[number].asked};

	snprintf(record.interface, sizeof(record.interface), "%s",
		monitor_interface(hearing->monitor, number)->name);
	return record;
}

static int switch_on(struct hearing *hearing, uint32_t number, uint32_t index)
{
	struct ear *ear = &hearing->ears[number];
	struct vrrp_accept_local before;
	struct journal_record record;
	int error = vrrp_accept_local_get(hearing->sock, (int)index, &before);

	if (error)
		return error;
	ear->asked = index;
	ear->switched = !before.accept_local || former_has_accept_local(hearing->former, index);
	if (before.accept_local && !ear->switched)
		return 0;
	record = record_of(hearing, number);
	journal_add(hearing->journal, &record);
	journal_flush(hearing->journal);
	error = vrrp_accept_local_set(hearing->sock, (int)index, 1);
	if (error) {
		ear->switched = false;
		journal_strike(hearing->journal, &record);
		ear->asked = 0;
	}
	return error;
}

/* gone: the link no longer exists. */
static void switch_off(struct hearing *hearing, uint32_t number, bool gone)
{
	struct ear *ear = &hearing->ears[number];
	struct journal_record record = record_of(hearing, number);

	if (ear->switched) {
		if (!gone)
			vrrp_accept_local_set(hearing->sock, (int)ear->asked, 0);
		journal_strike(hearing->journal, &record);
	}
	ear->switched = false;
	ear->asked = 0;
}

void hearing_undo(struct hearing *hearing, const struct journal_record *record)
{
	const char *name = monitor_name(hearing->monitor, record->index);

	for (uint32_t number = 0; number < APPLIER_INTERFACES; number++)
		if (hearing->ears[number].switched && hearing->ears[number].asked == record->index)
			return;
	if (name && strcmp(name, record->interface) == 0)
		vrrp_accept_local_set(hearing->sock, (int)record->index, 0);
}

void hearing_describe(struct hearing *hearing, struct journal *journal)
{
	for (uint32_t number = 0; number < APPLIER_INTERFACES; number++) {
		struct journal_record record;

		if (!hearing->ears[number].switched)
			continue;
		record = record_of(hearing, number);
		journal_add(journal, &record);
	}
}

/* ---- Groups ---- */

static void leave(struct hearing *hearing, uint32_t number, unsigned int family)
{
	struct ear *ear = &hearing->ears[number];

	if (ear->joined[family])
		vrrp_membership_leave(
			hearing->membership, (int)ear->joined[family], &hearing->groups[family]);
	ear->joined[family] = 0;
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

	if (group)
		first |= ear->wanted[place(family)]++ == 0;
	if (first)
		touch(hearing, number);
}

void hearing_remove(struct hearing *hearing, uint32_t number, enum vrrp_family family, bool group)
{
	struct ear *ear = &hearing->ears[number];
	bool last = --ear->users[place(family)] == 0;

	if (group)
		last |= --ear->wanted[place(family)] == 0;
	if (last)
		touch(hearing, number);
}

void hearing_changed(struct hearing *hearing, uint32_t number, unsigned int changes)
{
	struct ear *ear = &hearing->ears[number];

	if (!(changes & (MONITOR_INDEX | MONITOR_USABLE | MONITOR_UNSURE)))
		return;
	if (changes & (MONITOR_USABLE | MONITOR_UNSURE))
		ear->renew = true;
	touch(hearing, number);
}

void hearing_link_gone(struct hearing *hearing, uint32_t number, uint32_t index)
{
	struct ear *ear = &hearing->ears[number];

	vrrp_membership_forget(hearing->membership, (int)index);
	for (unsigned int family = 0; family < FAMILIES; family++)
		if (ear->joined[family] == index)
			ear->joined[family] = 0;
	if (ear->asked == index)
		switch_off(hearing, number, true);
	touch(hearing, number);
}

static void undo_elsewhere(struct hearing *hearing, uint32_t number, uint32_t index)
{
	struct ear *ear = &hearing->ears[number];

	for (unsigned int family = 0; family < FAMILIES; family++)
		if (ear->joined[family] && (!ear->wanted[family] || ear->joined[family] != index))
			leave(hearing, number, family);
	if (ear->asked && (!ear->users[0] || ear->asked != index))
		switch_off(hearing, number, false);
}

static int attend(struct hearing *hearing, uint32_t number)
{
	struct ear *ear = &hearing->ears[number];
	uint32_t index = monitor_interface(hearing->monitor, number)->index;
	int error, result = 0;

	undo_elsewhere(hearing, number, index);
	if (!index)
		return 0;
	if (ear->renew && (ear->joined[0] || ear->joined[1])) {
		result = vrrp_membership_renew(hearing->membership, (int)index);
		/* What it is now says nothing about what it was. */
		if (ear->switched)
			vrrp_accept_local_set(hearing->sock, (int)index, 1);
	}
	if (!result)
		ear->renew = false;
	for (unsigned int family = 0; family < FAMILIES; family++) {
		if (!ear->wanted[family] || ear->joined[family])
			continue;
		error = join(hearing, number, family, index);
		if (error)
			result = error;
	}
	if (ear->users[0] && !ear->asked) {
		error = switch_on(hearing, number, index);
		if (error)
			result = error;
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
	for (uint32_t number = 0; number < APPLIER_INTERFACES && hearing->sock; number++)
		if (hearing->ears[number].asked)
			switch_off(hearing, number, false);
	vrrp_membership_free(hearing->membership);
	nl_socket_free(hearing->sock);
	free(hearing);
	return NULL;
}
