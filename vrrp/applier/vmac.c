/* SPDX-License-Identifier: ISC */
#include "vrrp/applier/vmac.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "lib/clock.h"
#include "vrrp/applier/macvlan.h"
#include "vrrp/net/netlink.h"

#define RETRY NSEC_PER_SEC
#define PAUSE (20 * NSEC_PER_MSEC) /* between two times that one device is made */
#define BATCH 16		   /* devices a call: each costs some requests */

struct vmac {
	LIST_ENTRY(vmac) in_parent;
	LIST_ENTRY(vmac) in_number;
	TAILQ_ENTRY(vmac) in_queue;
	STAILQ_ENTRY(vmac) in_news;
	void *owner;
	char name[IF_NAMESIZE];
	uint32_t parent; /* numbers of the interfaces */
	uint32_t number;
	uint32_t index; /* of the link that was made, or 0 */
	uint32_t parent_index;
	uint64_t made_at;
	int error;
	uint8_t mac[MACVLAN_MAC];
	uint8_t family;
	bool has_ipv6;
	bool wanted;
	bool on;
	bool decided; /* somebody said whether it shall be on */
	bool queued;
	bool failed; /* in the queue of those that are tried again */
	bool news;
};

TAILQ_HEAD(vmac_queue, vmac);
LIST_HEAD(vmac_list, vmac);

struct vmacs {
	struct monitor *monitor;
	struct journal *journal;
	struct settings *settings;
	const struct predecessor *predecessor;
	struct vmac_list by_parent[APPLIER_INTERFACES];
	struct vmac_list by_number[APPLIER_INTERFACES];
	struct vmac_queue queue;
	struct vmac_queue failed;
	STAILQ_HEAD(, vmac) news;
	uint64_t retry_at;
	int fd;
};

static const enum setting parent_settings[] = {
	SETTING_ARP_IGNORE, SETTING_ARP_ANNOUNCE, SETTING_RP_FILTER};

struct vmacs *vmacs_new(struct monitor *monitor, struct journal *journal, struct settings *settings)
{
	struct vmacs *vmacs = calloc(1, sizeof(*vmacs));

	if (!vmacs)
		return NULL;
	vmacs->monitor = monitor;
	vmacs->journal = journal;
	vmacs->settings = settings;
	TAILQ_INIT(&vmacs->queue);
	TAILQ_INIT(&vmacs->failed);
	STAILQ_INIT(&vmacs->news);
	vmacs->fd = netlink_open(0);
	if (vmacs->fd >= 0)
		return vmacs;
	errno = -vmacs->fd;
	free(vmacs);
	return NULL;
}

/* ---- What is wanted ---- */

static void dequeue(struct vmacs *vmacs, struct vmac *vmac)
{
	if (vmac->queued)
		TAILQ_REMOVE(vmac->failed ? &vmacs->failed : &vmacs->queue, vmac, in_queue);
	vmac->queued = false;
	vmac->failed = false;
}

/* Those to go come before all others, which may need their name or their MAC. */
static void enqueue(struct vmacs *vmacs, struct vmac *vmac, bool first)
{
	struct vmac *next = TAILQ_FIRST(&vmacs->queue);

	if (next == vmac)
		next = TAILQ_NEXT(vmac, in_queue);
	dequeue(vmacs, vmac);
	vmac->queued = true;
	while (first && vmac->wanted && next && !next->wanted)
		next = TAILQ_NEXT(next, in_queue);
	if (first && next)
		TAILQ_INSERT_BEFORE(next, vmac, in_queue);
	else
		TAILQ_INSERT_TAIL(&vmacs->queue, vmac, in_queue);
}

static void need_settings(struct vmacs *vmacs, const struct vmac *vmac, bool needed)
{
	if (vmac->family != VRRP_IPV4)
		return;
	for (size_t i = 0; i < sizeof(parent_settings) / sizeof(parent_settings[0]); i++)
		(needed ? settings_need : settings_release)(
			vmacs->settings, vmac->parent, parent_settings[i]);
}

struct vmac *vmacs_add(struct vmacs *vmacs, const struct vmac_wish *wish, void *owner)
{
	uint32_t number = monitor_number(vmacs->monitor, wish->name);
	struct vmac *vmac;

	if (number == MONITOR_NO_NUMBER || wish->parent == MONITOR_NO_NUMBER) {
		errno = ENOSPC;
		return NULL;
	}
	vmac = calloc(1, sizeof(*vmac));
	if (!vmac)
		return NULL;
	snprintf(vmac->name, sizeof(vmac->name), "%s", wish->name);
	memcpy(vmac->mac, wish->mac, sizeof(vmac->mac));
	vmac->owner = owner;
	vmac->parent = wish->parent;
	vmac->number = number;
	vmac->family = wish->family;
	vmac->has_ipv6 = wish->has_ipv6;
	vmac->wanted = true;
	vmac->decided = !vmacs->predecessor;
	LIST_INSERT_HEAD(&vmacs->by_parent[vmac->parent], vmac, in_parent);
	LIST_INSERT_HEAD(&vmacs->by_number[vmac->number], vmac, in_number);
	need_settings(vmacs, vmac, true);
	enqueue(vmacs, vmac, false);
	return vmac;
}

static void no_news(struct vmacs *vmacs, struct vmac *vmac)
{
	if (vmac->news)
		STAILQ_REMOVE(&vmacs->news, vmac, vmac, in_news);
	vmac->news = false;
}

void vmacs_remove(struct vmacs *vmacs, struct vmac *vmac)
{
	no_news(vmacs, vmac);
	vmac->owner = NULL;
	vmac->wanted = false;
	/* Before a device of that name or MAC that is added after this. */
	enqueue(vmacs, vmac, true);
}

void vmacs_switch(struct vmacs *vmacs, struct vmac *vmac, bool on)
{
	vmac->on = on;
	vmac->decided = true;
	enqueue(vmacs, vmac, true);
}

void vmacs_set_predecessor(struct vmacs *vmacs, const struct predecessor *predecessor)
{
	vmacs->predecessor = predecessor;
	for (uint32_t number = 0; !predecessor && number < APPLIER_INTERFACES; number++) {
		struct vmac *vmac;

		LIST_FOREACH (vmac, &vmacs->by_number[number], in_number)
			if (!vmac->decided)
				vmacs_switch(vmacs, vmac, false);
	}
}

bool vmac_is(const struct vmac *vmac, const struct vmac_wish *wish)
{
	return strcmp(vmac->name, wish->name) == 0 && vmac->parent == wish->parent &&
	       vmac->family == wish->family && vmac->has_ipv6 == wish->has_ipv6 &&
	       memcmp(vmac->mac, wish->mac, sizeof(vmac->mac)) == 0;
}

int vmac_error(const struct vmac *vmac)
{
	return vmac->error;
}

void *vmacs_take_news(struct vmacs *vmacs)
{
	struct vmac *vmac = STAILQ_FIRST(&vmacs->news);

	if (!vmac)
		return NULL;
	no_news(vmacs, vmac);
	return vmac->owner;
}

/* ---- The journal ---- */

/* The index is the parent's: the device's own is not known before it is made. */
static struct journal_record record_of(const struct vmac *vmac)
{
	struct journal_record record = {.kind = JOURNAL_DEVICE, .index = vmac->parent_index};

	snprintf(record.interface, sizeof(record.interface), "%s", vmac->name);
	return record;
}

static void note(struct vmacs *vmacs, const struct vmac *vmac, bool holds)
{
	struct journal_record record = record_of(vmac);

	(holds ? journal_add : journal_strike)(vmacs->journal, &record);
}

void vmacs_describe(const struct vmacs *vmacs, struct journal *journal)
{
	for (uint32_t number = 0; number < APPLIER_INTERFACES; number++) {
		const struct vmac *vmac;

		LIST_FOREACH (vmac, &vmacs->by_number[number], in_number) {
			struct journal_record record = record_of(vmac);

			if (vmac->parent_index)
				journal_add(journal, &record);
		}
	}
}

void vmacs_undo(struct vmacs *vmacs, const struct journal_record *record)
{
	uint32_t index = macvlan_find(record->interface, record->index);
	uint32_t number = monitor_number(vmacs->monitor, record->interface);
	const struct vmac *vmac;

	if (number == MONITOR_NO_NUMBER)
		return;
	LIST_FOREACH (vmac, &vmacs->by_number[number], in_number)
		if (vmac->index == index)
			return;
	if (index)
		macvlan_delete(vmacs->fd, index);
}

/* ---- One device ---- */

static void forget_device(struct vmacs *vmacs, struct vmac *vmac)
{
	if (vmac->parent_index)
		note(vmacs, vmac, false);
	vmac->index = 0;
	vmac->parent_index = 0;
}

static int delete_device(struct vmacs *vmacs, struct vmac *vmac)
{
	int error = vmac->index ? macvlan_delete(vmacs->fd, vmac->index) : 0;

	if (error && error != -ENODEV)
		return error;
	forget_device(vmacs, vmac);
	return 0;
}

static int fail_to_make(struct vmacs *vmacs, struct vmac *vmac, int error)
{
	forget_device(vmacs, vmac);
	return error;
}

/* Takes over what a predecessor program made. */
static bool adopt_device(struct vmacs *vmacs, struct vmac *vmac)
{
	const struct applier_interface *link = monitor_interface(vmacs->monitor, vmac->number);
	uint32_t parent = monitor_interface(vmacs->monitor, vmac->parent)->index;

	if (!predecessor_has_device(vmacs->predecessor, parent, vmac->name) ||
		macvlan_find(vmac->name, parent) != link->index ||
		memcmp(link->mac, vmac->mac, sizeof(vmac->mac)) != 0)
		return false;
	vmac->index = link->index;
	vmac->parent_index = parent;
	note(vmacs, vmac, true);
	return true;
}

static int make_device(struct vmacs *vmacs, struct vmac *vmac, uint64_t now)
{
	const struct applier_interface *parent = monitor_interface(vmacs->monitor, vmac->parent);
	int error;

	if (monitor_interface(vmacs->monitor, vmac->number)->index)
		return adopt_device(vmacs, vmac) ? 0 : -EEXIST;
	if (vmac->made_at && now < vmac->made_at + PAUSE)
		return -EAGAIN;
	vmac->parent_index = parent->index;
	note(vmacs, vmac, true);
	journal_flush(vmacs->journal);
	error = macvlan_create(vmacs->fd, vmac->name, parent->index, vmac->mac);
	if (error)
		return fail_to_make(vmacs, vmac, error);
	vmac->made_at = now;
	vmac->index = macvlan_find(vmac->name, parent->index);
	if (!vmac->index)
		return fail_to_make(vmacs, vmac, -EAGAIN);
	error = macvlan_configure(vmacs->fd, vmac->name, vmac->index, parent->name, vmac->has_ipv6);
	if (error)
		delete_device(vmacs, vmac);
	monitor_read(vmacs->monitor);
	return error;
}

/* Whether the link that was made is still there and as it was made. */
static bool is_intact(const struct vmacs *vmacs, const struct vmac *vmac)
{
	const struct applier_interface *link = monitor_interface(vmacs->monitor, vmac->number);
	uint32_t parent = monitor_interface(vmacs->monitor, vmac->parent)->index;

	return vmac->index && link->index == vmac->index && vmac->parent_index == parent &&
	       memcmp(link->mac, vmac->mac, sizeof(vmac->mac)) == 0;
}

static int switch_device(struct vmacs *vmacs, struct vmac *vmac)
{
	int error;

	if (!vmac->decided || monitor_is_on(vmacs->monitor, vmac->number) == vmac->on ||
		(vmac->on && !monitor_is_on(vmacs->monitor, vmac->parent)))
		return 0;
	error = macvlan_switch(vmacs->fd, vmac->index, vmac->on);
	monitor_read(vmacs->monitor);
	/* News of its end are on the way. */
	return error == -ENODEV || error == -ENETDOWN ? 0 : error;
}

static void release(struct vmacs *vmacs, struct vmac *vmac)
{
	dequeue(vmacs, vmac);
	need_settings(vmacs, vmac, false);
	settings_attend(vmacs->settings, vmac->parent);
	LIST_REMOVE(vmac, in_parent);
	LIST_REMOVE(vmac, in_number);
	free(vmac);
}

static int attend(struct vmacs *vmacs, struct vmac *vmac, uint64_t now)
{
	int error;

	if (!is_intact(vmacs, vmac)) {
		error = delete_device(vmacs, vmac);
		if (error)
			return error;
	}
	if (!monitor_interface(vmacs->monitor, vmac->parent)->index)
		return 0;
	/* First, so that the parent never answers for the device. */
	settings_attend(vmacs->settings, vmac->parent);
	error = vmac->index ? 0 : make_device(vmacs, vmac, now);
	return error ? error : switch_device(vmacs, vmac);
}

static void set_error(struct vmacs *vmacs, struct vmac *vmac, int error)
{
	if (error == -EAGAIN || vmac->error == error)
		return;
	vmac->error = error;
	if (!vmac->news)
		STAILQ_INSERT_TAIL(&vmacs->news, vmac, in_news);
	vmac->news = true;
}

static void try_again(struct vmacs *vmacs, struct vmac *vmac, uint64_t now)
{
	dequeue(vmacs, vmac);
	if (TAILQ_EMPTY(&vmacs->failed))
		vmacs->retry_at = now + RETRY;
	vmac->queued = true;
	vmac->failed = true;
	TAILQ_INSERT_TAIL(&vmacs->failed, vmac, in_queue);
}

static void work_on(struct vmacs *vmacs, struct vmac *vmac, uint64_t now)
{
	int error;

	dequeue(vmacs, vmac);
	if (!vmac->wanted) {
		if (delete_device(vmacs, vmac))
			try_again(vmacs, vmac, now);
		else
			release(vmacs, vmac);
		return;
	}
	error = attend(vmacs, vmac, now);
	set_error(vmacs, vmac, error);
	if (error)
		try_again(vmacs, vmac, now);
}

uint64_t vmacs_work(struct vmacs *vmacs, uint64_t now)
{
	struct vmac *vmac;

	while (now >= vmacs->retry_at && (vmac = TAILQ_FIRST(&vmacs->failed)) != NULL)
		enqueue(vmacs, vmac, false);
	for (int i = 0; i < BATCH && (vmac = TAILQ_FIRST(&vmacs->queue)) != NULL; i++)
		work_on(vmacs, vmac, now);
	if (!TAILQ_EMPTY(&vmacs->queue))
		return 0;
	return TAILQ_EMPTY(&vmacs->failed) ? UINT64_MAX : vmacs->retry_at;
}

/* ---- What the monitor tells ---- */

void vmacs_interface_changed(struct vmacs *vmacs, uint32_t number, unsigned int changes)
{
	struct vmac *vmac;

	if (!(changes & (MONITOR_INDEX | MONITOR_ADMIN | MONITOR_MAC | MONITOR_UNSURE)))
		return;
	LIST_FOREACH (vmac, &vmacs->by_number[number], in_number)
		enqueue(vmacs, vmac, false);
	if (!(changes & (MONITOR_INDEX | MONITOR_ADMIN)))
		return;
	LIST_FOREACH (vmac, &vmacs->by_parent[number], in_parent)
		enqueue(vmacs, vmac, false);
}

struct vmacs *vmacs_free(struct vmacs *vmacs)
{
	if (!vmacs)
		return NULL;
	for (uint32_t number = 0; number < APPLIER_INTERFACES; number++) {
		while (!LIST_EMPTY(&vmacs->by_number[number])) {
			struct vmac *vmac = LIST_FIRST(&vmacs->by_number[number]);

			delete_device(vmacs, vmac);
			release(vmacs, vmac);
		}
	}
	close(vmacs->fd);
	free(vmacs);
	return NULL;
}
