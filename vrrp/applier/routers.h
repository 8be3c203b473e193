/* SPDX-License-Identifier: ISC */
#ifndef VRRP_APPLIER_ROUTERS_H
#define VRRP_APPLIER_ROUTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/image.h"
#include "vrrp/applier/accept.h"
#include "vrrp/applier/burst.h"
#include "vrrp/applier/exchange.h"
#include "vrrp/applier/monitor.h"
#include "vrrp/applier/multicast.h"
#include "vrrp/applier/notes.h"
#include "vrrp/applier/settings.h"
#include "vrrp/applier/vmac.h"
#include "vrrp/applier/wanted_addresses.h"
#include "vrrp/applier/wanted_routes.h"

/*
 * The virtual routers as the applier knows them: what the configuration image says of each, what
 * the engine wishes for it, and what it was told last.  Applier thread only.
 */
struct routers;

struct routers_parts {
	struct monitor *monitor;
	struct owned_book *owned;
	struct multicast *multicast;
	struct burst *burst;
	struct vmacs *vmacs;
	struct exchange *exchange;
	struct routed_book *routed;
	struct accept *accept;
	struct settings *settings;
	struct notes *notes;
};

/* The parts are borrowed.  NULL: errno says why. */
struct routers *routers_new(uint32_t count, const struct routers_parts *parts);

struct routers *routers_free(struct routers *routers);

/* While routers go on where the predecessor left them, addresses that are there already are not
 * announced when they are wished. */
void routers_set_resuming(struct routers *routers, bool resuming);

/* Takes over an image, whole or delta. */
void routers_read_image(struct routers *routers, const struct image *image, uint64_t now);

/* Takes over the wishes for a slot. */
void routers_read_wish(struct routers *routers, const struct wish *wish, uint64_t now);

/* Posts the note on behalf of each router that wants the address. */
void routers_tell(struct routers *routers, const struct owned *owned, const struct note *note);

/* Whether any router, or the configuration, holds addresses. */
bool routers_hold(const struct routers *routers);

/* Gives up what is held for as long as the program runs. */
void routers_give_up_statics(struct routers *routers);

/* Begins the announcements and posts the results of the routers whose addresses are settled. */
void routers_settle(struct routers *routers, uint64_t now);

/* The kernel's addresses have changed: one, or any. */
void routers_address_changed(struct routers *routers, const struct vrrp_address *address);
void routers_resynced(struct routers *routers);

/* Announces every router with addresses on the interface anew. */
void routers_announce_interface(struct routers *routers, uint32_t number);

#endif
