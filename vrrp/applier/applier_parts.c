/* SPDX-License-Identifier: ISC */
#include "vrrp/applier/applier_parts.h"

#include <errno.h>
#include <string.h>

#include "vrrp/applier/accept.h"
#include "vrrp/applier/burst.h"
#include "vrrp/applier/duplicate.h"
#include "vrrp/applier/exchange.h"
#include "vrrp/applier/journal.h"
#include "vrrp/applier/monitor.h"
#include "vrrp/applier/multicast.h"
#include "vrrp/applier/notes.h"
#include "vrrp/applier/ownership.h"
#include "vrrp/applier/predecessor.h"
#include "vrrp/applier/routers.h"
#include "vrrp/applier/routing.h"
#include "vrrp/applier/settings.h"
#include "vrrp/applier/vmac.h"
#include "vrrp/applier/wanted_addresses.h"

/* ---- What happens in the kernel ---- */

static void interface_changed(void *context, uint32_t number, unsigned int changes)
{
	struct applier_parts *parts = context;

	ownership_interface_changed(parts->ownership, number, changes);
	multicast_changed(parts->multicast, number, changes);
	if (changes & ~(unsigned int)MONITOR_MAC)
		routing_look_again(parts->routing);
	vmacs_interface_changed(parts->vmacs, number, changes);
	if (changes & MONITOR_MAC)
		routers_announce_interface(parts->routers, number);
}

static void link_gone(void *context, uint32_t number, uint32_t index)
{
	struct applier_parts *parts = context;

	ownership_link_gone(parts->ownership, number, index);
	multicast_link_gone(parts->multicast, number, index);
}

static void address_gone(void *context, uint32_t number, uint32_t index,
	const struct vrrp_address *address, uint8_t prefix_length)
{
	struct applier_parts *parts = context;

	ownership_address_gone(parts->ownership, number, index, address, prefix_length);
	routing_look_again(parts->routing);
}

static void address_changed(void *context, const struct vrrp_address *address)
{
	struct applier_parts *parts = context;

	routers_address_changed(parts->routers, address);
}

static void dad_failed(void *context, uint32_t number, const struct vrrp_address *address)
{
	struct applier_parts *parts = context;
	const struct owned *owned = owned_find(parts->owned, number, address);

	if (owned)
		routers_tell(parts->routers, owned,
			&(struct note){.kind = NOTE_DAD_FAILED, .address = *address});
}

static void duplicate_heard(void *context, const struct owned *owned, const uint8_t mac[6])
{
	struct applier_parts *parts = context;
	struct note note = {.kind = NOTE_DUPLICATE, .address = owned->address};

	memcpy(note.mac, mac, sizeof(note.mac));
	routers_tell(parts->routers, owned, &note);
}

static void resynced(void *context)
{
	struct applier_parts *parts = context;

	routers_resynced(parts->routers);
	ownership_resynced(parts->ownership);
	routing_look_again(parts->routing);
}

static bool is_ours(
	void *context, uint32_t number, const struct vrrp_address *address, uint8_t prefix_length)
{
	struct applier_parts *parts = context;

	return ownership_is_ours(parts->ownership, number, address, prefix_length) ||
	       predecessor_has_address(parts->predecessor,
		       monitor_interface(parts->monitor, number)->index, address, prefix_length);
}

static void describe(void *context, struct journal *journal)
{
	struct applier_parts *parts = context;

	predecessor_describe(parts->predecessor, journal);
	ownership_describe(parts->ownership, journal);
	routing_describe(parts->routing, journal);
	accept_describe(parts->accept, journal);
	if (parts->settings)
		settings_describe(parts->settings, journal);
	if (parts->vmacs)
		vmacs_describe(parts->vmacs, journal);
}

/* ---- Opening and closing ---- */

int applier_parts_open(
	struct applier_parts *parts, const char *run_dir, int journal, uint32_t slots)
{
	const struct monitor_listener listener = {parts, interface_changed, link_gone, address_gone,
		address_changed, dad_failed, resynced, is_ours};
	char identity[JOURNAL_IDENTITY];
	int error = journal_identity(identity);

	if (error)
		return error;
	parts->exchange = exchange_new(slots);
	if (!parts->exchange)
		return -errno;
	parts->journal = journal_open(run_dir, identity, journal, describe, parts);
	if (!parts->journal)
		return -errno;
	parts->monitor = monitor_open(&listener);
	if (!parts->monitor)
		return -errno;
	parts->owned = owned_book_new(parts->monitor);
	if (!parts->owned)
		return -errno;
	parts->ownership = ownership_new(parts->monitor, parts->journal, parts->owned);
	parts->notes = notes_new();
	parts->routed = routed_book_new();
	parts->accept = accept_new(slots, parts->journal, parts->notes);
	parts->settings = settings_new(parts->monitor, parts->journal);
	parts->duplicates = duplicates_new(parts->monitor, parts->owned, duplicate_heard, parts);
	if (!parts->notes || !parts->routed || !parts->accept || !parts->settings ||
		!parts->duplicates)
		return -errno;
	parts->routing = routing_new(parts->monitor, parts->journal, parts->routed, parts->notes);
	parts->multicast = multicast_new(parts->monitor, parts->settings);
	parts->vmacs = vmacs_new(parts->monitor, parts->journal, parts->settings);
	parts->burst = burst_new(parts->monitor, slots);
	if (!parts->ownership || !parts->routing || !parts->multicast || !parts->vmacs ||
		!parts->burst)
		return -errno;
	parts->routers = routers_new(
		slots, &(struct routers_parts){parts->monitor, parts->owned, parts->multicast,
			       parts->burst, parts->vmacs, parts->exchange, parts->routed,
			       parts->accept, parts->settings, parts->notes});
	return parts->routers ? 0 : -errno;
}

void applier_parts_close(struct applier_parts *parts)
{
	parts->routers = routers_free(parts->routers);
	parts->multicast = multicast_free(parts->multicast);
	parts->vmacs = vmacs_free(parts->vmacs);
	parts->settings = settings_free(parts->settings);
	parts->journal = journal_close(parts->journal);
	parts->burst = burst_free(parts->burst);
	parts->ownership = ownership_free(parts->ownership);
	parts->routing = routing_free(parts->routing);
	parts->routed = routed_book_free(parts->routed);
	parts->accept = accept_free(parts->accept);
	parts->duplicates = duplicates_free(parts->duplicates);
	parts->notes = notes_free(parts->notes);
	parts->owned = owned_book_free(parts->owned);
	parts->monitor = monitor_close(parts->monitor);
	parts->exchange = exchange_free(parts->exchange);
	parts->predecessor = predecessor_free(parts->predecessor);
}
