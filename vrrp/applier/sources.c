/* SPDX-License-Identifier: ISC */
#include "vrrp/applier/sources.h"

#include <stdlib.h>

#include "vrrp/net/hash.h"

#define BUCKETS 1024

struct sources {
	const struct monitor *monitor;
	void (*changed)(void *context, struct source_use *use);
	void *context;
	LIST_HEAD(, source_use) uses[BUCKETS];
};

static uint32_t bucket_of(const struct vrrp_address *address)
{
	return hash_octets(HASH_START, address, sizeof(*address)) % BUCKETS;
}

struct sources *sources_new(const struct monitor *monitor,
	void (*changed)(void *context, struct source_use *use), void *context)
{
	struct sources *sources = calloc(1, sizeof(*sources));

	if (!sources)
		return NULL;
	sources->monitor = monitor;
	sources->changed = changed;
	sources->context = context;
	return sources;
}

struct sources *sources_free(struct sources *sources)
{
	free(sources);
	return NULL;
}

void sources_watch(
	struct sources *sources, struct source_use *use, const struct vrrp_address *address)
{
	if (vrrp_address_is_set(&use->address))
		LIST_REMOVE(use, in_bucket);
	use->address = *address;
	use->held = false;
	if (!vrrp_address_is_set(address))
		return;
	LIST_INSERT_HEAD(&sources->uses[bucket_of(address)], use, in_bucket);
	use->held = monitor_holds(sources->monitor, address);
}

static void look_again(struct sources *sources, struct source_use *use, bool held)
{
	if (use->held == held)
		return;
	use->held = held;
	sources->changed(sources->context, use);
}

void sources_address_changed(struct sources *sources, const struct vrrp_address *address)
{
	struct source_use *use;
	bool known = false, held = false;

	LIST_FOREACH (use, &sources->uses[bucket_of(address)], in_bucket) {
		if (!vrrp_address_equal(&use->address, address))
			continue;
		if (!known)
			held = monitor_holds(sources->monitor, address);
		known = true;
		look_again(sources, use, held);
	}
}

void sources_unsure(struct sources *sources)
{
	struct source_use *use;

	for (unsigned int i = 0; i < BUCKETS; i++)
		LIST_FOREACH (use, &sources->uses[i], in_bucket)
			look_again(sources, use, monitor_holds(sources->monitor, &use->address));
}
