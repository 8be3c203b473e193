/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_ACCEPTED_H
#define AGENT_SNMP_ACCEPTED_H

#include "lib/image.h"
#include "vrrp/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The configuration that the engine has accepted, slot by slot: what the MIBs show and the status
 * board does not hold (names, virtual addresses, scripts).  Images come whole or as deltas; taking
 * one costs what it holds. */

struct accepted;

/* A virtual router's part of the configuration.  Valid until the next image is taken. */
struct accepted_router {
	const struct image *image; /* whose arrays and strings the spans and offsets mean */
	const struct image_router *router;
	const uint32_t *sorted; /* its virtual addresses in rising order, each once, in service or
				   not, by their number in the image */
	uint32_t sorted_count;
};

/* With nothing in it.  NULL: out of memory. */
struct accepted *accepted_new(void);

/* Takes NULL; returns NULL. */
struct accepted *accepted_free(struct accepted *accepted);

/* Takes over the image behind `fd`, which stays the caller's.  0, or a negative errno and nothing
 * has changed: -ESTALE a delta against another configuration, -ENOMEM, or why it can't be used. */
int accepted_take(struct accepted *accepted, int fd);

/* The latest image, for what is global; NULL: none has come yet. */
const struct image *accepted_image(const struct accepted *accepted);

/* The addresses that are held whatever the routers do, in the order of the configuration; how many
 * in *count. */
const struct image_address *accepted_statics(const struct accepted *accepted, size_t *count);

/* What is configured at a slot; NULL: nothing. */
const struct accepted_router *accepted_slot(const struct accepted *accepted, uint32_t slot);

/* The same, if it is the configuration of this router of the board; NULL: one of the two has just
 * changed and the other not yet. */
const struct accepted_router *accepted_find(
	const struct accepted *accepted, uint32_t slot, const struct status_router *router);

/* Its virtual addresses, in service and dormant, in rising order; one that is listed again counts
 * once. */
size_t accepted_address_count(const struct accepted_router *router);
const struct image_address *accepted_address(const struct accepted_router *router, size_t nth);

/* Whether that one is in service. */
bool accepted_is_in_service(
	const struct accepted_router *router, const struct image_address *address);

/* The last whole image, which alone has the sync groups; NULL: none has come. */
const struct image *accepted_whole(const struct accepted *accepted);

/* The sync group of a slot among those of groups, or NULL; the first from that slot on. */
const struct image_group *accepted_group(const struct accepted *accepted, uint32_t slot);
const struct image_group *accepted_group_from(const struct accepted *accepted, uint32_t slot);

/* Its name, or NULL. */
const char *accepted_group_name(const struct accepted *accepted, uint32_t slot);

/* Its nth member in the order of the file, or NULL. */
const struct accepted_router *accepted_member(
	const struct accepted *accepted, uint32_t slot, size_t nth);

/* The addresses it holds when it is active, in the order of the configuration: the advertised ones,
 * then the others. */
size_t accepted_listed_count(const struct accepted_router *router);
const struct image_address *accepted_listed_address(
	const struct accepted_router *router, size_t nth);

#endif
