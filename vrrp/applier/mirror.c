/* SPDX-License-Identifier: ISC */
#include "vrrp/applier/mirror.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vrrp/net/hash.h"

static uint32_t name_bucket(const char *name)
{
	return hash_octets(HASH_START, name, strlen(name)) % MIRROR_LINK_BUCKETS;
}

static uint32_t address_bucket(uint32_t index, const struct vrrp_address *address)
{
	uint32_t hash = hash_octets(HASH_START, &index, sizeof(index));

	return hash_octets(hash, address, sizeof(*address)) % MIRROR_ADDRESS_BUCKETS;
}

struct mirror_link *mirror_link(const struct mirror *mirror, uint32_t index)
{
	struct mirror_link *link;

	LIST_FOREACH (link, &mirror->by_index[index % MIRROR_LINK_BUCKETS], by_index)
		if (link->index == index)
			return link;
	return NULL;
}

struct mirror_link *mirror_link_named(const struct mirror *mirror, const char *name)
{
	struct mirror_link *link;

	LIST_FOREACH (link, &mirror->by_name[name_bucket(name)], by_name)
		if (strcmp(link->name, name) == 0)
			return link;
	return NULL;
}

struct mirror_link *mirror_add_link(struct mirror *mirror, uint32_t index)
{
	struct mirror_link *link = calloc(1, sizeof(*link));

	if (!link)
		return NULL;
	link->index = index;
	link->number = UINT32_MAX;
	TAILQ_INIT(&link->addresses);
	LIST_INSERT_HEAD(&mirror->by_index[index % MIRROR_LINK_BUCKETS], link, by_index);
	return link;
}

void mirror_name_link(struct mirror *mirror, struct mirror_link *link, const char *name)
{
	if (link->name[0])
		LIST_REMOVE(link, by_name);
	snprintf(link->name, sizeof(link->name), "%s", name);
	LIST_INSERT_HEAD(&mirror->by_name[name_bucket(link->name)], link, by_name);
}

void mirror_remove_link(struct mirror_link *link)
{
	while (!TAILQ_EMPTY(&link->addresses))
		mirror_remove_address(TAILQ_FIRST(&link->addresses));
	LIST_REMOVE(link, by_index);
	if (link->name[0])
		LIST_REMOVE(link, by_name);
	free(link);
}

struct mirror_address *mirror_address(const struct mirror *mirror, uint32_t index,
	const struct vrrp_address *address, int prefix_length)
{
	struct mirror_address *entry;

	LIST_FOREACH (entry, &mirror->addresses[address_bucket(index, address)], in_bucket)
		if (entry->link->index == index && vrrp_address_equal(&entry->address, address) &&
			(prefix_length < 0 || entry->prefix_length == prefix_length))
			return entry;
	return NULL;
}

bool mirror_holds(const struct mirror *mirror, const struct vrrp_address *address, uint32_t without)
{
	const struct mirror_address *entry;
	const struct mirror_link *link;

	for (unsigned int i = 0; i < MIRROR_LINK_BUCKETS; i++) {
		LIST_FOREACH (link, &mirror->by_index[i], by_index) {
			entry = mirror_address(mirror, link->index, address, -1);
			if (entry && !(entry->flags & without))
				return true;
		}
	}
	return false;
}

struct mirror_address *mirror_add_address(struct mirror *mirror, struct mirror_link *link,
	const struct vrrp_address *address, uint8_t prefix_length)
{
	struct mirror_address *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return NULL;
	entry->link = link;
	entry->address = *address;
	entry->prefix_length = prefix_length;
	LIST_INSERT_HEAD(
		&mirror->addresses[address_bucket(link->index, address)], entry, in_bucket);
	TAILQ_INSERT_TAIL(&link->addresses, entry, in_link);
	return entry;
}

void mirror_remove_address(struct mirror_address *address)
{
	LIST_REMOVE(address, in_bucket);
	TAILQ_REMOVE(&address->link->addresses, address, in_link);
	free(address);
}

void mirror_clear(struct mirror *mirror)
{
	for (unsigned int i = 0; i < MIRROR_LINK_BUCKETS; i++)
		while (!LIST_EMPTY(&mirror->by_index[i]))
			mirror_remove_link(LIST_FIRST(&mirror->by_index[i]));
}
