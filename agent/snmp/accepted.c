/* SPDX-License-Identifier: ISC */
#include "agent/snmp/accepted.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define NO_ADDRESS UINT32_MAX

/* An image stays mapped for as long as a slot or the globals need it. */
struct document {
	struct image *image;
	uint32_t users;
};

struct slot {
	struct accepted_router content; /* router NULL: free */
	struct document *document;
	uint32_t *sorted;
};

struct accepted {
	struct document *latest;
	struct document *whole; /* the last that was one: it alone has the static addresses */
	struct slot slots[IMAGE_SLOTS];
	uint32_t members[IMAGE_SLOTS]; /* slots of those in groups, by group and place */
	uint32_t member_count;
};

struct accepted *accepted_new(void)
{
	return calloc(1, sizeof(struct accepted));
}

static void release(struct document *document)
{
	if (!document || --document->users > 0)
		return;
	image_close(document->image);
	free(document);
}

static void clear(struct slot *slot)
{
	release(slot->document);
	free(slot->sorted);
	*slot = (struct slot){.document = NULL};
}

struct accepted *accepted_free(struct accepted *accepted)
{
	if (!accepted)
		return NULL;
	for (uint32_t i = 0; i < IMAGE_SLOTS; i++)
		clear(&accepted->slots[i]);
	release(accepted->latest);
	release(accepted->whole);
	free(accepted);
	return NULL;
}

static int compare_octets(const struct image *image, uint32_t left, uint32_t right)
{
	const struct image_address *addresses = image_addresses(image);

	return memcmp(
		addresses[left].address, addresses[right].address, sizeof(addresses->address));
}

static int compare_addresses(const void *left, const void *right, void *image)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
	int order = compare_octets(image, a, b);

	return order ? order : (a > b) - (a < b);
}

static size_t append_span(uint32_t *numbers, size_t count, struct image_span span)
{
	for (uint32_t i = 0; i < span.count; i++)
		numbers[count++] = span.first + i;
	return count;
}

/* Ended by NO_ADDRESS. Of those that are the same the first stays: that in service. */
static uint32_t *sort(const struct image *image, const struct image_router *router)
{
	size_t count = (size_t)router->addresses.count + router->dormant.count, kept = 0;
	uint32_t *sorted = calloc(count + 1, sizeof(*sorted));

	if (!sorted)
		return NULL;
	append_span(sorted, append_span(sorted, 0, router->addresses), router->dormant);
	qsort_r(sorted, count, sizeof(*sorted), compare_addresses, (void *)image);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || compare_octets(image, sorted[kept - 1], sorted[i]) != 0)
			sorted[kept++] = sorted[i];
	sorted[kept] = NO_ADDRESS;
	return sorted;
}

/* The orders of all routers of an image, made before anything changes.  NULL: out of memory. */
static uint32_t **sort_all(const struct image *image)
{
	uint32_t count = image_header(image)->routers.count;
	uint32_t **all = calloc(count + 1u, sizeof(*all));
	bool good = all != NULL;

	for (uint32_t i = 0; good && i < count; i++) {
		all[i] = sort(image, &image_routers(image)[i]);
		good = all[i] != NULL;
	}
	if (good || !all)
		return all;
	for (uint32_t i = 0; i < count; i++)
		free(all[i]);
	free(all);
	return NULL;
}

static void fill(struct slot *slot, struct document *document, const struct image_router *router,
	uint32_t *sorted)
{
	uint32_t count = 0;

	while (sorted[count] != NO_ADDRESS)
		count++;
	clear(slot);
	document->users++;
	*slot = (struct slot){
		.content = {document->image, router, sorted, count},
		.document = document,
		.sorted = sorted,
	};
}

static void replace(struct document **place, struct document *document)
{
	release(*place);
	document->users++;
	*place = document;
}

static const struct image_router *member(const struct accepted *accepted, uint32_t slot)
{
	return accepted->slots[slot].content.router;
}

static int compare_members(const void *left, const void *right, void *accepted)
{
	const struct image_router *one = member(accepted, *(const uint32_t *)left);
	const struct image_router *other = member(accepted, *(const uint32_t *)right);

	if (one->group != other->group)
		return one->group < other->group ? -1 : 1;
	return (one->group_place > other->group_place) - (one->group_place < other->group_place);
}

static void sort_members(struct accepted *accepted)
{
	accepted->member_count = 0;
	for (uint32_t slot = 0; slot < IMAGE_SLOTS; slot++) {
		const struct image_router *router = member(accepted, slot);

		if (router && router->group)
			accepted->members[accepted->member_count++] = slot;
	}
	qsort_r(accepted->members, accepted->member_count, sizeof(accepted->members[0]),
		compare_members, accepted);
}

static void take(struct accepted *accepted, struct document *document, uint32_t *const *sorted)
{
	const struct image_header *header = image_header(document->image);
	const struct image_router *routers = image_routers(document->image);
	const uint32_t *removed = image_removed(document->image);

	if (!header->base_generation) {
		for (uint32_t i = 0; i < IMAGE_SLOTS; i++)
			clear(&accepted->slots[i]);
	}
	for (uint32_t i = 0; i < header->removed.count; i++)
		clear(&accepted->slots[removed[i]]);
	for (uint32_t i = 0; i < header->routers.count; i++)
		fill(&accepted->slots[routers[i].slot], document, &routers[i], sorted[i]);
	replace(&accepted->latest, document);
	if (!header->base_generation)
		replace(&accepted->whole, document);
	if (!header->base_generation || accepted->member_count > 0)
		sort_members(accepted);
}

/* A delta is of use only against the configuration that it changes. */
static bool follows(const struct accepted *accepted, const struct image *image)
{
	uint64_t base = image_header(image)->base_generation;

	return !base ||
	       (accepted->latest && image_header(accepted->latest->image)->generation == base);
}

int accepted_take(struct accepted *accepted, int fd)
{
	struct document *document = calloc(1, sizeof(*document));
	uint32_t **sorted = NULL;
	int error = 0;

	if (!document)
		return -ENOMEM;
	document->users = 1;
	document->image = image_open(fd);
	if (!document->image)
		error = -errno;
	else if (!follows(accepted, document->image))
		error = -ESTALE;
	else if (!(sorted = sort_all(document->image)))
		error = -ENOMEM;
	if (!error)
		take(accepted, document, sorted);
	free(sorted);
	release(document);
	return error;
}

const struct image *accepted_image(const struct accepted *accepted)
{
	return accepted->latest ? accepted->latest->image : NULL;
}

const struct image_address *accepted_statics(const struct accepted *accepted, size_t *count)
{
	const struct image *image = accepted->whole ? accepted->whole->image : NULL;

	*count = image ? image_header(image)->static_addresses.count : 0;
	return image ? image_addresses(image) + image_header(image)->static_addresses.first : NULL;
}

const struct image *accepted_whole(const struct accepted *accepted)
{
	return accepted->whole ? accepted->whole->image : NULL;
}

const struct image_group *accepted_group_from(const struct accepted *accepted, uint32_t slot)
{
	const struct image *image = accepted_whole(accepted);
	const struct image_group *groups = image ? image_groups(image) : NULL;
	uint32_t low = 0, high = image ? image_header(image)->groups.count : 0;
	const uint32_t count = high;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (groups[middle].slot < slot)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count ? &groups[low] : NULL;
}

const struct image_group *accepted_group(const struct accepted *accepted, uint32_t slot)
{
	const struct image_group *group = accepted_group_from(accepted, slot);

	return group && group->slot == slot ? group : NULL;
}

const char *accepted_group_name(const struct accepted *accepted, uint32_t slot)
{
	const struct image_group *group = accepted_group(accepted, slot);

	return group ? image_string(accepted_whole(accepted), group->name) : NULL;
}

const struct accepted_router *accepted_member(
	const struct accepted *accepted, uint32_t slot, size_t nth)
{
	uint32_t low = 0, high = accepted->member_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (member(accepted, accepted->members[middle])->group < slot + 1)
			low = middle + 1;
		else
			high = middle;
	}
	if (nth >= accepted->member_count - low)
		return NULL;
	low += (uint32_t)nth;
	if (member(accepted, accepted->members[low])->group != slot + 1)
		return NULL;
	return &accepted->slots[accepted->members[low]].content;
}

const struct accepted_router *accepted_slot(const struct accepted *accepted, uint32_t slot)
{
	if (slot >= IMAGE_SLOTS || !accepted->slots[slot].content.router)
		return NULL;
	return &accepted->slots[slot].content;
}

const struct accepted_router *accepted_find(
	const struct accepted *accepted, uint32_t slot, const struct status_router *router)
{
	const struct accepted_router *found = accepted_slot(accepted, slot);

	if (!found || found->router->vrid != router->vrid ||
		found->router->family != router->family ||
		strncmp(found->router->interface, router->interface, sizeof(router->interface)) !=
			0)
		return NULL;
	return found;
}

size_t accepted_address_count(const struct accepted_router *router)
{
	return router->sorted_count;
}

const struct image_address *accepted_address(const struct accepted_router *router, size_t nth)
{
	return &image_addresses(router->image)[router->sorted[nth]];
}

bool accepted_is_in_service(
	const struct accepted_router *router, const struct image_address *address)
{
	size_t number = (size_t)(address - image_addresses(router->image));

	return number - router->router->addresses.first < router->router->addresses.count;
}

size_t accepted_listed_count(const struct accepted_router *router)
{
	return (size_t)router->router->addresses.count + router->router->excluded.count;
}

const struct image_address *accepted_listed_address(
	const struct accepted_router *router, size_t nth)
{
	return &image_addresses(router->image)[router->router->addresses.first + nth];
}
