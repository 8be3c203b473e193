/* SPDX-License-Identifier: ISC */
#include "vrrp/applier/wanted_addresses.h"

#include <errno.h>
#include <stdlib.h>

#include "vrrp/net/hash.h"

struct owned_book *owned_book_new(struct monitor *monitor)
{
	struct owned_book *book = calloc(1, sizeof(*book));

	if (!book)
		return NULL;
	book->monitor = monitor;
	TAILQ_INIT(&book->queue);
	TAILQ_INIT(&book->done);
	return book;
}

struct owned_book *owned_book_free(struct owned_book *book)
{
	if (!book)
		return NULL;
	for (unsigned int i = 0; i < OWNED_BUCKETS; i++) {
		while (!LIST_EMPTY(&book->buckets[i])) {
			struct owned *owned = LIST_FIRST(&book->buckets[i]);

			LIST_REMOVE(owned, in_bucket);
			free(owned);
		}
	}
	free(book);
	return NULL;
}

static struct owned_list *bucket(
	struct owned_book *book, uint32_t number, const struct vrrp_address *address)
{
	uint32_t hash = hash_octets(HASH_START, &number, sizeof(number));

	return &book->buckets[hash_octets(hash, address, sizeof(*address)) % OWNED_BUCKETS];
}

static struct owned_list *interface_list(struct owned_book *book, uint32_t number)
{
	return number == MONITOR_NO_NUMBER ? &book->nowhere : &book->interfaces[number];
}

struct owned *owned_find(
	struct owned_book *book, uint32_t number, const struct vrrp_address *address)
{
	struct owned *owned;

	LIST_FOREACH (owned, bucket(book, number, address), in_bucket)
		if (owned->number == number && vrrp_address_equal(&owned->address, address))
			return owned;
	return NULL;
}

static struct owned *find_or_make(struct owned_book *book, const struct image_address *wish)
{
	uint32_t number = monitor_number(book->monitor, wish->interface);
	struct vrrp_address address =
		vrrp_address_make((enum vrrp_family)wish->family, wish->address);
	struct owned *owned = owned_find(book, number, &address);

	if (owned)
		return owned;
	owned = calloc(1, sizeof(*owned));
	if (!owned)
		return NULL;
	owned->number = number;
	owned->address = address;
	owned->wish = *wish;
	LIST_INSERT_HEAD(bucket(book, number, &address), owned, in_bucket);
	LIST_INSERT_HEAD(interface_list(book, number), owned, in_interface);
	return owned;
}

static void forget_if_unused(struct owned *owned)
{
	if (!LIST_EMPTY(&owned->uses) || owned->queued || owned->changing ||
		owned->state == OWNED_OURS)
		return;
	LIST_REMOVE(owned, in_bucket);
	LIST_REMOVE(owned, in_interface);
	free(owned);
}

static void list_done(struct owned_book *book, struct owned_group *group)
{
	if (group->done || group->unsettled)
		return;
	group->done = true;
	TAILQ_INSERT_TAIL(&book->done, group, in_done);
}

struct owned_group *owned_take_done(struct owned_book *book)
{
	struct owned_group *group;

	while ((group = TAILQ_FIRST(&book->done)) != NULL) {
		TAILQ_REMOVE(&book->done, group, in_done);
		group->done = false;
		/* Listed, and something began to wait again since: it is listed again then. */
		if (!group->unsettled)
			return group;
	}
	return NULL;
}

void owned_enqueue(struct owned_book *book, struct owned *owned)
{
	struct owned_use *use;

	if (owned->queued)
		return;
	owned->queued = true;
	TAILQ_INSERT_TAIL(&book->queue, owned, in_queue);
	LIST_FOREACH (use, &owned->uses, in_address)
		use->group->unsettled++;
}

void owned_settle(struct owned_book *book, struct owned *owned, int error)
{
	struct owned_use *use;

	owned->error = error;
	owned->queued = false;
	TAILQ_REMOVE(&book->queue, owned, in_queue);
	LIST_FOREACH (use, &owned->uses, in_address) {
		use->group->unsettled--;
		list_done(book, use->group);
	}
	forget_if_unused(owned);
}

static void link_use(struct owned_use *use, struct owned *owned, struct owned_group *group,
	const struct image_address *wish)
{
	use->address = owned;
	use->group = group;
	use->wish = *wish;
	LIST_INSERT_HEAD(&owned->uses, use, in_address);
	if (owned->queued)
		group->unsettled++;
}

/* Takes the uses of a group back; the addresses nobody uses any more go by themselves, and those
 * that others want are made as these have them. */
static void unlink_uses(
	struct owned_book *book, struct owned_use *uses, uint32_t count, bool wanted)
{
	for (uint32_t i = 0; i < count; i++) {
		struct owned *owned = uses[i].address;

		LIST_REMOVE(&uses[i], in_address);
		if (owned->queued)
			uses[i].group->unsettled--;
		if (wanted) {
			owned->wanted--;
			owned_enqueue(book, owned);
		}
		forget_if_unused(owned);
	}
}

/* Finds or makes the addresses first, so that a lack of memory changes nothing. */
static struct owned_use *make_uses(struct owned_book *book, struct owned_group *group,
	const struct image_address *addresses, uint32_t count)
{
	struct owned_use *uses = calloc(count ? count : 1, sizeof(*uses));

	for (uint32_t i = 0; uses && i < count; i++) {
		struct owned *owned = find_or_make(book, &addresses[i]);

		if (owned) {
			link_use(&uses[i], owned, group, &addresses[i]);
			continue;
		}
		unlink_uses(book, uses, i, false);
		free(uses);
		return NULL;
	}
	return uses;
}

int owned_set(struct owned_book *book, struct owned_group *group,
	const struct image_address *addresses, uint32_t count)
{
	struct owned_use *old = group->uses;
	uint32_t old_count = group->count;
	struct owned_use *uses = make_uses(book, group, addresses, count);

	if (!uses)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++) {
		struct owned *owned = uses[i].address;

		if (!group->wanted)
			continue;
		owned->wanted++;
		owned_enqueue(book, owned);
	}
	group->uses = uses;
	group->count = count;
	if (old)
		unlink_uses(book, old, old_count, group->wanted);
	free(old);
	list_done(book, group);
	return 0;
}

void owned_clear(struct owned_book *book, struct owned_group *group)
{
	if (group->uses)
		unlink_uses(book, group->uses, group->count, group->wanted);
	free(group->uses);
	if (group->done)
		TAILQ_REMOVE(&book->done, group, in_done);
	*group = (struct owned_group){0};
}

void owned_want(struct owned_book *book, struct owned_group *group, bool wanted)
{
	bool changed = group->wanted != wanted;

	group->wanted = wanted;
	for (uint32_t i = 0; i < group->count; i++) {
		struct owned *owned = group->uses[i].address;

		if (changed && wanted)
			owned->wanted++;
		else if (changed)
			owned->wanted--;
		owned_enqueue(book, owned);
	}
	list_done(book, group);
}

int owned_error(const struct owned_group *group)
{
	for (uint32_t i = 0; i < group->count; i++)
		if (group->uses[i].address->error)
			return group->uses[i].address->error;
	return 0;
}

void owned_each_group(struct owned_book *book, uint32_t number,
	void (*visit)(void *context, struct owned_group *group), void *context)
{
	struct owned *owned;
	struct owned_use *use;

	LIST_FOREACH (owned, &book->interfaces[number], in_interface)
		LIST_FOREACH (use, &owned->uses, in_address)
			visit(context, use->group);
}
