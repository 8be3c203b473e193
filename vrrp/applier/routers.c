/* SPDX-License-Identifier: ISC */
#include "vrrp/applier/routers.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "vrrp/applier/sources.h"
#include "vrrp/protocol/limits.h"

/* How long the engine's wish to announce is the answer to a result that was announced already. */
#define SAME_WISH NSEC_PER_SEC

struct slot {
	struct owned_group addresses;
	struct routed_group routing;
	struct burst_router burst;
	struct source_use source;
	struct vmac *vmac; /* its device, or NULL */
	uint32_t number;   /* of its interface, or MONITOR_NO_NUMBER */
	uint8_t family;
	uint8_t vrid;
	bool present;
	bool promotes;	   /* asks for promote_secondaries */
	bool listens;	   /* to the group */
	bool own;	   /* what is wished */
	bool unanswered;   /* a wish has not been answered by a result */
	bool announce_due; /* when the addresses are settled */
	bool asked;	   /* the engine wished the announcement that is due */
	bool resumed;	   /* the addresses are there already, if all is well */
	bool taken_over;   /* owning was wished, so that the engine waits for the result */
	int error;	   /* of taking over its configuration */
	uint32_t own_count;
	uint32_t announce_count;
	uint32_t lower_count;
	uint64_t answered_until; /* an announcement wished before that has been made */
	struct applier_result told;
};

struct routers {
	struct routers_parts parts;
	struct owned_group static_addresses;
	struct routed_group static_routing;
	int static_error; /* as it was told last */
	uint32_t owning;  /* routers that shall hold their addresses */
	struct sources *sources;
	uint32_t count;
	uint32_t end; /* no slot from here on was ever used, or is even in memory */
	bool resuming;
	struct slot slot[];
};

/* What was told last is told again with the change, lest it look like the answer to a wish. */
static void source_changed(void *context, struct source_use *use)
{
	struct routers *routers = context;
	struct slot *slot = (struct slot *)((char *)use - offsetof(struct slot, source));

	slot->told.source_held = use->held;
	exchange_post(routers->parts.exchange, &slot->told);
}

struct routers *routers_new(uint32_t count, const struct routers_parts *parts)
{
	struct routers *routers = calloc(1, sizeof(*routers) + count * sizeof(routers->slot[0]));

	if (!routers)
		return NULL;
	routers->parts = *parts;
	routers->sources = sources_new(parts->monitor, source_changed, routers);
	if (!routers->sources)
		return routers_free(routers);
	routers->count = count;
	return routers;
}

struct routers *routers_free(struct routers *routers)
{
	if (!routers)
		return NULL;
	for (uint32_t i = 0; i < routers->end; i++) {
		free(routers->slot[i].addresses.uses);
		free(routers->slot[i].routing.uses);
	}
	free(routers->static_addresses.uses);
	free(routers->static_routing.uses);
	sources_free(routers->sources);
	free(routers);
	return NULL;
}

void routers_set_resuming(struct routers *routers, bool resuming)
{
	routers->resuming = resuming;
}

static struct slot *slot_of(struct owned_group *group)
{
	return (struct slot *)((char *)group - offsetof(struct slot, addresses));
}

/* ---- Images ---- */

/* Adds or takes away what the router needs to hear its peers. */
static void listen_for(struct routers *routers, const struct slot *slot, bool on)
{
	if (slot->number == MONITOR_NO_NUMBER)
		return;
	if (on)
		multicast_add(routers->parts.multicast, slot->number,
			(enum vrrp_family)slot->family, slot->listens);
	else
		multicast_remove(routers->parts.multicast, slot->number,
			(enum vrrp_family)slot->family, slot->listens);
}

static void set_promotes(struct routers *routers, struct slot *slot, bool promotes)
{
	if (slot->number == MONITOR_NO_NUMBER || promotes == slot->promotes)
		return;
	(promotes ? settings_need : settings_release)(
		routers->parts.settings, slot->number, SETTING_PROMOTE_SECONDARIES);
	settings_attend(routers->parts.settings, slot->number);
	slot->promotes = promotes;
}

static void remove_device(struct routers *routers, struct slot *slot)
{
	if (slot->vmac)
		vmacs_remove(routers->parts.vmacs, slot->vmac);
	slot->vmac = NULL;
}

static bool has_ipv6(const struct image *image, const struct image_router *router)
{
	const struct image_address *address = image_addresses(image) + router->addresses.first;
	uint32_t count = router->addresses.count + router->excluded.count;

	for (uint32_t i = 0; i < count; i++)
		if (address[i].family == IMAGE_IPV6)
			return true;
	return router->family == IMAGE_IPV6;
}

/* Returns 0 or a negative errno. */
static int set_device(struct routers *routers, struct slot *slot, const struct image *image,
	const struct image_router *router)
{
	const struct vmac_wish wish = {.name = router->vmac,
		.parent = slot->number,
		.mac = router->mac,
		.family = (enum vrrp_family)router->family,
		.has_ipv6 = has_ipv6(image, router)};

	if (slot->vmac && router->vmac[0] && vmac_is(slot->vmac, &wish))
		return 0;
	remove_device(routers, slot);
	if (!router->vmac[0])
		return 0;
	slot->vmac = vmacs_add(routers->parts.vmacs, &wish, slot);
	if (!slot->vmac)
		return -errno;
	if (slot->own)
		vmacs_switch(routers->parts.vmacs, slot->vmac, true);
	return 0;
}

static void remove_router(struct routers *routers, struct slot *slot)
{
	if (!slot->present)
		return;
	routers->owning -= slot->own;
	burst_stop(routers->parts.burst, &slot->burst);
	accept_drop(routers->parts.accept, slot->told.slot, NULL, 0);
	routed_clear(routers->parts.routed, &slot->routing);
	remove_device(routers, slot);
	owned_clear(routers->parts.owned, &slot->addresses);
	listen_for(routers, slot, false);
	set_promotes(routers, slot, false);
	sources_watch(routers->sources, &slot->source, &(struct vrrp_address){0});
	/* The counts of wishes stay: what was wished before is not about the slot's next router. */
	*slot = (struct slot){
		.own_count = slot->own_count,
		.announce_count = slot->announce_count,
		.lower_count = slot->lower_count,
		.told.slot = slot->told.slot,
	};
}

static void add_router(struct routers *routers, struct slot *slot,
	const struct image_router *router, uint32_t number)
{
	slot->present = true;
	slot->told.slot = router->slot;
	slot->number = number;
	slot->family = router->family;
	slot->vrid = router->vrid;
	slot->burst.group = &slot->addresses;
	slot->routing.slot = slot->told.slot;
	slot->burst.number = number;
	slot->listens = router->peers.count == 0;
	listen_for(routers, slot, true);
}

static void read_source(
	struct routers *routers, struct slot *slot, const struct image_router *router)
{
	struct vrrp_address source = {0};

	if (router->source_family)
		source = vrrp_address_make((enum vrrp_family)router->source_family, router->source);
	if (vrrp_address_equal(&slot->source.address, &source))
		return;
	sources_watch(routers->sources, &slot->source, &source);
	source_changed(routers, &slot->source);
}

/* Unicast peers may take the place of the group, or the other way round. */
static void read_listening(
	struct routers *routers, struct slot *slot, const struct image_router *router)
{
	const bool listens = router->peers.count == 0;

	if (slot->listens == listens)
		return;
	listen_for(routers, slot, false);
	slot->listens = listens;
	listen_for(routers, slot, true);
}

/* A router that has announced its addresses goes on refreshing them as the image has it now. */
static void read_announcing(
	struct routers *routers, struct slot *slot, const struct image_router *router, uint64_t now)
{
	const bool other_refresh = slot->burst.refresh != router->garp_refresh;

	slot->burst.repeat = router->garp_repeat;
	slot->burst.delay = router->garp_delay;
	slot->burst.refresh = router->garp_refresh;
	slot->burst.refresh_repeat = router->garp_refresh_repeat;
	slot->burst.lower_repeat = router->garp_lower_repeat;
	slot->burst.lower_delay = router->garp_lower_delay;
	if (other_refresh && slot->own && !slot->announce_due)
		burst_resume(routers->parts.burst, &slot->burst, now);
}

/* The owner of the addresses always does. */
static bool accepts(const struct image_router *router)
{
	return router->flags & (IMAGE_ROUTER_ACCEPT | IMAGE_ROUTER_DISABLED) ||
	       router->priority == VRRP_PRIORITY_OWNER;
}

static void read_router(struct routers *routers, const struct image *image,
	const struct image_router *router, uint64_t now)
{
	struct slot *slot = &routers->slot[router->slot];
	uint32_t number = monitor_number(routers->parts.monitor, router->interface);
	const struct image_track *track = image_tracks(image) + router->tracks.first;
	int error;

	if (slot->present && (slot->number != number || slot->family != router->family ||
				     slot->vrid != router->vrid))
		remove_router(routers, slot);
	if (!slot->present)
		add_router(routers, slot, router, number);
	if (router->slot >= routers->end)
		routers->end = router->slot + 1;
	read_listening(routers, slot, router);
	read_source(routers, slot, router);
	for (uint32_t i = 0; i < router->tracks.count; i++)
		monitor_number(routers->parts.monitor, track[i].interface);
	set_promotes(routers, slot, router->flags & IMAGE_ROUTER_PROMOTE);
	read_announcing(routers, slot, router, now);
	error = set_device(routers, slot, image, router);
	slot->error = owned_set(routers->parts.owned, &slot->addresses,
		image_addresses(image) + router->addresses.first,
		router->addresses.count + router->excluded.count);
	if (!slot->error)
		slot->error = error;
	if (!slot->error)
		slot->error = accept_drop(routers->parts.accept, router->slot,
			image_addresses(image) + router->addresses.first,
			accepts(router) ? 0 : router->addresses.count + router->excluded.count);
	if (!slot->error)
		slot->error = routed_set(routers->parts.routed, &slot->routing, image,
			router->routes, router->rules);
}

static void set_group(struct routers *routers, enum vrrp_family family, const uint8_t *octets)
{
	struct vrrp_address group = vrrp_address_make(family, octets);

	if (vrrp_address_is_multicast(&group))
		multicast_set_group(routers->parts.multicast, &group);
}

static void read_statics(struct routers *routers, const struct image *image)
{
	const struct image_header *header = image_header(image);

	if (!routers->static_addresses.wanted) {
		routers->static_routing.slot = NOTES_NO_SLOT;
		owned_want(routers->parts.owned, &routers->static_addresses, true);
		routed_want(routers->parts.routed, &routers->static_routing, true);
	}
	owned_set(routers->parts.owned, &routers->static_addresses,
		image_addresses(image) + header->static_addresses.first,
		header->static_addresses.count);
	routed_set(routers->parts.routed, &routers->static_routing, image, header->static_routes,
		header->static_rules);
}

void routers_tell(struct routers *routers, const struct owned *owned, const struct note *note)
{
	const struct owned_use *use;
	struct note copy = *note;

	LIST_FOREACH (use, &owned->uses, in_address) {
		if (!use->group->wanted)
			continue;
		copy.slot = use->group == &routers->static_addresses
				    ? NOTES_NO_SLOT
				    : slot_of(use->group)->told.slot;
		notes_post(routers->parts.notes, &copy);
	}
}

bool routers_hold(const struct routers *routers)
{
	return routers->owning || routers->static_addresses.count;
}

void routers_give_up_statics(struct routers *routers)
{
	routed_clear(routers->parts.routed, &routers->static_routing);
	owned_clear(routers->parts.owned, &routers->static_addresses);
}

/* The slots rise in the image. */
static void remove_absent(
	struct routers *routers, const struct image_router *named, uint32_t named_count)
{
	uint32_t next = 0;

	for (uint32_t number = 0; number < routers->end; number++) {
		if (next < named_count && named[next].slot == number)
			next++;
		else
			remove_router(routers, &routers->slot[number]);
	}
}

void routers_read_image(struct routers *routers, const struct image *image, uint64_t now)
{
	const struct image_header *header = image_header(image);
	const struct image_router *named = image_routers(image);
	const uint32_t *removed = image_removed(image);

	if (!header->base_generation)
		read_statics(routers, image);
	set_group(routers, VRRP_IPV4, header->group4);
	set_group(routers, VRRP_IPV6, header->group6);
	burst_set_paces(routers->parts.burst, image);
	accept_shape(routers->parts.accept, header->firewall_priority,
		header->flags & IMAGE_FIREWALL_COUNTERS);
	for (uint32_t i = 0; i < header->routers.count; i++)
		if (named[i].slot < routers->count)
			read_router(routers, image, &named[i], now);
	for (uint32_t i = 0; i < header->removed.count; i++)
		if (removed[i] < routers->count)
			remove_router(routers, &routers->slot[removed[i]]);
	if (!header->base_generation)
		remove_absent(routers, named, header->routers.count);
}

/* ---- Wishes ---- */

static void read_own(struct routers *routers, struct slot *slot, bool own)
{
	if (own && !slot->own) {
		slot->resumed = routers->resuming;
		slot->announce_due = !slot->resumed;
		slot->taken_over = true;
	}
	if (!own) {
		burst_stop(routers->parts.burst, &slot->burst);
		slot->announce_due = false;
		slot->asked = false;
		slot->resumed = false;
		slot->taken_over = false;
		slot->answered_until = 0;
	}
	routers->owning += own && !slot->own;
	routers->owning -= !own && slot->own;
	slot->own = own;
	slot->unanswered = true;
	if (slot->vmac)
		vmacs_switch(routers->parts.vmacs, slot->vmac, own);
	owned_want(routers->parts.owned, &slot->addresses, own);
	routed_want(routers->parts.routed, &slot->routing, own);
}

static void read_announce(struct routers *routers, struct slot *slot, uint64_t now)
{
	bool answered = now < slot->answered_until;

	if (!slot->own)
		return;
	slot->answered_until = 0;
	if (slot->announce_due)
		slot->asked = true;
	else if (!answered)
		burst_start(routers->parts.burst, &slot->burst);
}

void routers_read_wish(struct routers *routers, const struct wish *wish, uint64_t now)
{
	struct slot *slot = &routers->slot[wish->slot];
	bool own = wish->own_count != slot->own_count;
	bool announce = wish->announce_count != slot->announce_count;
	bool lower = wish->lower_count != slot->lower_count;

	slot->own_count = wish->own_count;
	slot->announce_count = wish->announce_count;
	slot->lower_count = wish->lower_count;
	if (!slot->present)
		return;
	if (own)
		read_own(routers, slot, wish->own);
	if (announce)
		read_announce(routers, slot, now);
	else if (lower && slot->own && !slot->announce_due)
		burst_lower(routers->parts.burst, &slot->burst, now);
}

/* ---- Results ---- */

static void settle_announcement(struct routers *routers, struct slot *slot, int error, uint64_t now)
{
	if (slot->addresses.fresh && slot->own)
		slot->announce_due = true;
	slot->addresses.fresh = false;
	if (slot->resumed && !slot->announce_due && !error)
		burst_resume(routers->parts.burst, &slot->burst, now);
	slot->resumed &= error != 0;
	/* What waits for its interface is announced when it comes. */
	if (!slot->announce_due || (error && error != -ENODEV && error != -ENETDOWN))
		return;
	burst_start(routers->parts.burst, &slot->burst);
	slot->answered_until = slot->taken_over && !slot->asked ? now + SAME_WISH : 0;
	slot->announce_due = false;
	slot->asked = false;
	slot->taken_over = false;
}

static void settle_result(struct routers *routers, struct slot *slot, int error)
{
	struct applier_result result = {.slot = slot->told.slot,
		.owned = slot->own,
		.error = error,
		.source_held = slot->source.held,
		.restored = slot->addresses.restored};

	if (!slot->unanswered && result.owned == slot->told.owned &&
		result.error == slot->told.error && result.restored == slot->told.restored)
		return;
	slot->unanswered = false;
	slot->told = result;
	exchange_post(routers->parts.exchange, &result);
}

/* The first of them that could not be set. */
static void settle_statics(struct routers *routers)
{
	const struct owned_group *group = &routers->static_addresses;
	int error = owned_error(group);

	if (error && error != routers->static_error)
		for (uint32_t i = 0; i < group->count; i++) {
			const struct owned *owned = group->uses[i].address;

			if (owned->error != error)
				continue;
			notes_post(routers->parts.notes, &(struct note){.kind = NOTE_STATIC_FAILED,
								 .slot = NOTES_NO_SLOT,
								 .item = i,
								 .error = error,
								 .address = owned->address});
			break;
		}
	if (!error && routers->static_error && group->count)
		notes_post(routers->parts.notes,
			&(struct note){.kind = NOTE_STATIC_SET, .slot = NOTES_NO_SLOT});
	routers->static_error = error;
}

static int error_of(const struct slot *slot)
{
	if (slot->error)
		return slot->error;
	if (slot->vmac && vmac_error(slot->vmac))
		return vmac_error(slot->vmac);
	return owned_error(&slot->addresses);
}

void routers_settle(struct routers *routers, uint64_t now)
{
	struct owned_group *group;
	struct slot *changed;

	while ((changed = vmacs_take_news(routers->parts.vmacs)) != NULL)
		owned_want(routers->parts.owned, &changed->addresses, changed->own);

	while ((group = owned_take_done(routers->parts.owned)) != NULL) {
		struct slot *slot = slot_of(group);
		int error;

		if (group == &routers->static_addresses) {
			settle_statics(routers);
			continue;
		}
		error = error_of(slot);
		settle_announcement(routers, slot, error, now);
		settle_result(routers, slot, error);
	}
}

static void announce_group(void *context, struct owned_group *group)
{
	struct routers *routers = context;
	struct slot *slot = slot_of(group);

	if (group == &routers->static_addresses)
		return;
	if (slot->own && !slot->announce_due)
		burst_start(routers->parts.burst, &slot->burst);
}

void routers_address_changed(struct routers *routers, const struct vrrp_address *address)
{
	sources_address_changed(routers->sources, address);
}

void routers_resynced(struct routers *routers)
{
	sources_unsure(routers->sources);
}

void routers_announce_interface(struct routers *routers, uint32_t number)
{
	owned_each_group(routers->parts.owned, number, announce_group, routers);
}
