/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_IMAGE_IMAGECOMMANDS_H
#define AGENT_CORE_IMAGE_IMAGECOMMANDS_H

#include "agent/conf/syncgroup.h"
#include "agent/core/image/parts.h"

/* The commands that an image has of a virtual router or of a sync group: inside
 * agent/core/image.c. */

struct image_span imagecommands_of_instance(
	struct builder *builder, const struct instance *instance);
struct image_span imagecommands_of_group(struct builder *builder, const struct sync_group *group);

#endif
