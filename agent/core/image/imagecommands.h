/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_IMAGE_IMAGECOMMANDS_H
#define AGENT_CORE_IMAGE_IMAGECOMMANDS_H

#include <stdbool.h>

#include "agent/conf/syncgroup.h"
#include "agent/core/image/parts.h"

/* The commands that an image has of a virtual router or of a sync group: inside
 * agent/core/imagebuilder.c. */

/* `occasion`: enum image_occasion; `extra`: arguments before the priority, or
 * NULL. */
void imagecommands_add(struct builder *builder, const struct notify_script *script,
	unsigned occasion, const char *const *extra);

/* Whether notify_deleted is written, with a command or without. */
bool imagecommands_tells_deleted(const struct instance *instance);

struct image_span imagecommands_of_instance(
	struct builder *builder, const struct instance *instance);
struct image_span imagecommands_of_group(struct builder *builder, const struct sync_group *group);

#endif
