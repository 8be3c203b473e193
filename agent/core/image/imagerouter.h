/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_IMAGE_IMAGEROUTER_H
#define AGENT_CORE_IMAGE_IMAGEROUTER_H

#include "agent/core/image/parts.h"

/* What an image says of a virtual router: inside agent/core/imagebuilder.c. */

void imagerouter_add(struct builder *builder, const struct instance *instance);

/* Lists that a router may have, and the agent as a whole. Addresses: those of one administrative
 * state; `interface`: of those that name none; one that is listed again, here or among the
 * `earlier` addresses before these, is held as it was listed first. */
struct image_span imagerouter_addresses(struct builder *builder, const char *interface,
	const struct address_list *list, enum admin_state admin_state, uint32_t earlier);
struct image_span imagerouter_routes(struct builder *builder, const struct route_list *list);
struct image_span imagerouter_rules(struct builder *builder, const struct rule_list *list);

#endif
