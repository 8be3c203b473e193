/* SPDX-License-Identifier: ISC */
#include "vrrp/applier/ownership.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "vrrp/net/ifaddress.h"
#include "vrrp/net/netlink.h"

#define RETRY_LOST (20 * NSEC_PER_MSEC) /* between two times that one address is put back */

struct ownership {
	struct monitor *monitor;
	struct journal *journal;
	struct owned_book *book;
	const struct predecessor *predecessor;
	int fd;
};

struct ownership *ownership_new(
	struct monitor *monitor, struct journal *journal, struct owned_book *book)
{
	struct ownership *ownership = calloc(1, sizeof(*ownership));

	if (!ownership)
		return NULL;
	ownership->monitor = monitor;
	ownership->journal = journal;
	ownership->book = book;
	ownership->fd = netlink_open(0);
	if (ownership->fd < 0) {
		errno = -ownership->fd;
		free(ownership);
		return NULL;
	}
	return ownership;
}

void ownership_set_predecessor(struct ownership *ownership, const struct predecessor *predecessor)
{
	ownership->predecessor = predecessor;
}

struct ownership *ownership_free(struct ownership *ownership)
{
	if (!ownership)
		return NULL;
	close(ownership->fd);
	free(ownership);
	return NULL;
}

/* ---- The journal ---- */

static struct journal_record record_of(const struct ownership *ownership, const struct owned *owned)
{
	struct journal_record record = {.kind = JOURNAL_ADDRESS,
		.index = owned->index,
		.address = owned->address,
		.prefix_length = owned->set.prefix_length};
	const char *name = monitor_name(ownership->monitor, owned->index);

	snprintf(record.interface, sizeof(record.interface), "%s",
		name ? name : owned->wish.interface);
	return record;
}

static void note(struct ownership *ownership, const struct owned *owned, bool holds)
{
	struct journal_record record = record_of(ownership, owned);

	if (holds)
		journal_add(ownership->journal, &record);
	else
		journal_strike(ownership->journal, &record);
}

void ownership_describe(struct ownership *ownership, struct journal *journal)
{
	for (unsigned int i = 0; i < OWNED_BUCKETS; i++) {
		const struct owned *owned;

		LIST_FOREACH (owned, &ownership->book->buckets[i], in_bucket) {
			struct journal_record record;

			if (owned->state != OWNED_OURS && owned->changing != OWNED_CHANGE_ADD)
				continue;
			record = record_of(ownership, owned);
			journal_add(journal, &record);
		}
	}
}

/* ---- What is to be done for one address ---- */

enum step {
	STEP_SETTLE, /* nothing, or nothing can be: `error` */
	STEP_WAIT,
	STEP_ADD,
	STEP_REMOVE
};

static bool is_as_wished(const struct ownership *ownership, const struct owned *owned)
{
	return owned->number != MONITOR_NO_NUMBER &&
	       owned->index == monitor_interface(ownership->monitor, owned->number)->index &&
	       memcmp(&owned->set, &owned->wish, sizeof(owned->set)) == 0;
}

/* An address that is there without our having set it is ours if
 * - the predecessor handed it over to us;
 * - it bears our tag, because it was set again while it was thought lost;
 * - it bears our tag, because a program set it whose journal is gone. */
static void adopt(struct ownership *ownership, struct owned *owned, uint32_t index, uint8_t prefix)
{
	owned->state = OWNED_OURS;
	owned->index = index;
	owned->set = owned->wish;
	owned->set.prefix_length = prefix;
	owned->lost = false;
	note(ownership, owned, true);
}

static enum step plan_addition(
	struct ownership *ownership, struct owned *owned, uint64_t now, int *error)
{
	uint32_t index = owned->number == MONITOR_NO_NUMBER
				 ? 0
				 : monitor_interface(ownership->monitor, owned->number)->index;
	enum monitor_presence presence;
	uint8_t prefix = 0;

	owned->state = OWNED_ABSENT;
	if (!index) {
		*error = owned->number == MONITOR_NO_NUMBER ? -ENOSPC : -ENODEV;
		return STEP_SETTLE;
	}
	presence = monitor_presence(ownership->monitor, index, &owned->address, &prefix);
	if (presence == MONITOR_TAGGED ||
		(presence == MONITOR_PRESENT && predecessor_has_address(ownership->predecessor,
							index, &owned->address, prefix))) {
		adopt(ownership, owned, index, prefix);
		return is_as_wished(ownership, owned) ? STEP_SETTLE : STEP_REMOVE;
	}
	if (presence != MONITOR_ABSENT) {
		owned->state = OWNED_STRANGER;
		owned->lost = false;
		return STEP_SETTLE;
	}
	if (!monitor_is_on(ownership->monitor, owned->number)) {
		*error = -ENETDOWN;
		return STEP_SETTLE;
	}
	if (owned->lost && now < owned->retry_at)
		return STEP_WAIT;
	owned->index = index;
	owned->set = owned->wish;
	return STEP_ADD;
}

/* Routers that share an address may have it differently.  The way it is stays good as long as one
 * of those who want it has it so. */
static void choose_wish(struct owned *owned)
{
	const struct owned_use *use, *chosen = NULL;

	LIST_FOREACH (use, &owned->uses, in_address) {
		if (!use->group->wanted)
			continue;
		if (!chosen || memcmp(&use->wish, &owned->set, sizeof(use->wish)) == 0)
			chosen = use;
	}
	if (chosen)
		owned->wish = chosen->wish;
}

static enum step plan(struct ownership *ownership, struct owned *owned, uint64_t now, int *error)
{
	*error = 0;
	choose_wish(owned);
	if (owned->state == OWNED_OURS && (!owned->wanted || !is_as_wished(ownership, owned)))
		return STEP_REMOVE;
	if (owned->state == OWNED_OURS)
		return STEP_SETTLE;
	if (owned->wanted && owned->abandoned)
		return STEP_SETTLE;
	if (owned->wanted)
		return plan_addition(ownership, owned, now, error);
	owned->abandoned = false;
	owned->state = OWNED_ABSENT;
	owned->lost = false;
	return STEP_SETTLE;
}

/* ---- What came of it ---- */

static void mark_fresh(struct owned *owned)
{
	struct owned_use *use;

	LIST_FOREACH (use, &owned->uses, in_address) {
		if (!use->group->wanted)
			continue;
		use->group->fresh = true;
		if (owned->lost)
			use->group->restored++;
	}
}

/* The kernel says that it is there already, and the mirror did not. */
static bool is_ours_after_all(const struct ownership *ownership, const struct owned *owned)
{
	switch (monitor_presence(ownership->monitor, owned->index, &owned->address, NULL)) {
	case MONITOR_TAGGED:
		return true;
	case MONITOR_STRANGER:
		return false;
	case MONITOR_ABSENT:
	case MONITOR_PRESENT:
		break;
	}
	return owned->lost;
}

static void finish_addition(
	struct ownership *ownership, struct owned *owned, int error, uint64_t now)
{
	if (error == -EEXIST && is_ours_after_all(ownership, owned))
		error = 0;
	if (error) {
		note(ownership, owned, false);
		owned->state = error == -EEXIST ? OWNED_STRANGER : OWNED_ABSENT;
		owned->lost = owned->lost && error != -EEXIST;
		owned_settle(ownership->book, owned, error == -EEXIST ? 0 : error);
		return;
	}
	mark_fresh(owned);
	owned->state = owned->again ? OWNED_ABSENT : OWNED_OURS;
	owned->set_at = now;
	if (owned->lost)
		owned->retry_at = now + RETRY_LOST;
	owned->lost = owned->again;
	if (owned->again)
		note(ownership, owned, false);
	/* It may no longer be what is wanted: then it stays in the queue. */
	else if (owned->wanted && is_as_wished(ownership, owned))
		owned_settle(ownership->book, owned, 0);
}

static void finish_removal(struct ownership *ownership, struct owned *owned, int error)
{
	if (error && error != -EADDRNOTAVAIL && error != -ENODEV && error != -ENXIO) {
		owned_settle(ownership->book, owned, error);
		return;
	}
	note(ownership, owned, false);
	owned->state = OWNED_ABSENT;
	owned->lost = false;
	if (!owned->wanted)
		owned_settle(ownership->book, owned, 0);
}

/* The kernel's answer was lost: the mirror, read anew, tells what became of the request.  What did
 * not come about stays in the queue. */
static bool look_up_outcome(const struct ownership *ownership, struct owned *owned, int *error)
{
	enum monitor_presence presence =
		monitor_presence(ownership->monitor, owned->index, &owned->address, NULL);
	bool added = owned->changing == OWNED_CHANGE_ADD;

	*error = added && presence == MONITOR_STRANGER ? -EEXIST : 0;
	return added == (presence != MONITOR_ABSENT);
}

static void finish(struct ownership *ownership, struct owned *owned, int error, uint64_t now)
{
	bool known = error != -ENOBUFS || look_up_outcome(ownership, owned, &error);
	enum owned_change change = (enum owned_change)owned->changing;

	owned->changing = OWNED_CHANGE_NONE;
	if (!known)
		return;
	if (change == OWNED_CHANGE_ADD)
		finish_addition(ownership, owned, error, now);
	else
		finish_removal(ownership, owned, error);
}

/* ---- Batches ---- */

struct batch {
	struct address_change changes[ADDRESS_CHANGES_MAX];
	struct owned *owned[ADDRESS_CHANGES_MAX];
	unsigned int count;
	uint64_t wait; /* the first time at which something that waits is due */
};

static void take(struct ownership *ownership, struct batch *batch, struct owned *owned, bool add)
{
	batch->owned[batch->count] = owned;
	batch->changes[batch->count++] =
		(struct address_change){.address = &owned->set, .index = owned->index, .add = add};
	owned->changing = add ? OWNED_CHANGE_ADD : OWNED_CHANGE_REMOVE;
	owned->again = false;
	if (add)
		note(ownership, owned, true);
}

static void fill(struct ownership *ownership, struct batch *batch, uint64_t now)
{
	struct owned *owned = TAILQ_FIRST(&ownership->book->queue), *next;

	for (; owned && batch->count < ADDRESS_CHANGES_MAX; owned = next) {
		int error;

		next = TAILQ_NEXT(owned, in_queue);
		switch (plan(ownership, owned, now, &error)) {
		case STEP_SETTLE:
			owned_settle(ownership->book, owned, error);
			break;
		case STEP_WAIT:
			if (owned->retry_at < batch->wait)
				batch->wait = owned->retry_at;
			break;
		case STEP_ADD:
			take(ownership, batch, owned, true);
			break;
		case STEP_REMOVE:
			take(ownership, batch, owned, false);
			break;
		}
	}
}

uint64_t ownership_work(struct ownership *ownership, uint64_t now)
{
	struct batch batch = {.wait = UINT64_MAX};

	fill(ownership, &batch, now);
	if (!batch.count)
		return batch.wait;
	/* A journal that can't be written is no reason to leave a router without its addresses: it
	 * is written anew with the next batch. */
	journal_flush(ownership->journal);
	address_apply(ownership->fd, batch.changes, batch.count);
	for (unsigned int i = 0; i < batch.count; i++) {
		if (batch.changes[i].error == -EPROTO)
			batch.changes[i].error = -ENOBUFS;
		if (batch.changes[i].error == -ENOBUFS)
			monitor_doubt(ownership->monitor);
	}
	monitor_read(ownership->monitor);
	for (unsigned int i = 0; i < batch.count; i++)
		finish(ownership, batch.owned[i], batch.changes[i].error, now);
	return TAILQ_EMPTY(&ownership->book->queue) ? batch.wait : 0;
}

/* ---- What the monitor tells ---- */

static void look_again(struct ownership *ownership, struct owned *owned)
{
	if (owned->wanted || owned->state == OWNED_OURS)
		owned_enqueue(ownership->book, owned);
}

void ownership_interface_changed(struct ownership *ownership, uint32_t number, unsigned int changes)
{
	struct owned *owned;

	if (!(changes & (MONITOR_INDEX | MONITOR_ADMIN | MONITOR_USABLE)))
		return;
	LIST_FOREACH (owned, &ownership->book->interfaces[number], in_interface)
		look_again(ownership, owned);
}

void ownership_link_gone(struct ownership *ownership, uint32_t number, uint32_t index)
{
	struct owned *owned;

	LIST_FOREACH (owned, &ownership->book->interfaces[number], in_interface) {
		if (owned->state != OWNED_OURS || owned->index != index || owned->changing)
			continue;
		note(ownership, owned, false);
		owned->state = OWNED_ABSENT;
		owned_enqueue(ownership->book, owned);
	}
}

static void lose(struct ownership *ownership, struct owned *owned)
{
	note(ownership, owned, false);
	owned->state = OWNED_ABSENT;
	/* What goes with the interface that is switched off was taken by nobody. */
	owned->lost = monitor_is_on(ownership->monitor, owned->number);
	owned->abandoned = owned->lost && owned->set.flags & IMAGE_ADDRESS_NO_TRACK;
	owned_enqueue(ownership->book, owned);
}

void ownership_address_gone(struct ownership *ownership, uint32_t number, uint32_t index,
	const struct vrrp_address *address, uint8_t prefix_length)
{
	struct owned *owned = owned_find(ownership->book, number, address);

	if (!owned)
		return;
	if (owned->changing == OWNED_CHANGE_ADD)
		owned->again = owned->index == index && owned->set.prefix_length == prefix_length;
	else if (owned->state == OWNED_OURS && !owned->changing && owned->index == index &&
		 owned->set.prefix_length == prefix_length)
		lose(ownership, owned);
	else if (owned->state == OWNED_STRANGER)
		look_again(ownership, owned);
}

void ownership_resynced(struct ownership *ownership)
{
	for (unsigned int i = 0; i < OWNED_BUCKETS; i++) {
		struct owned *owned;

		LIST_FOREACH (owned, &ownership->book->buckets[i], in_bucket) {
			if (owned->state == OWNED_OURS && !owned->changing &&
				monitor_presence(ownership->monitor, owned->index, &owned->address,
					NULL) == MONITOR_ABSENT)
				lose(ownership, owned);
			look_again(ownership, owned);
		}
	}
}

bool ownership_is_ours(struct ownership *ownership, uint32_t number,
	const struct vrrp_address *address, uint8_t prefix_length)
{
	const struct owned *owned = owned_find(ownership->book, number, address);

	return owned && owned->state == OWNED_OURS && owned->set.prefix_length == prefix_length;
}
