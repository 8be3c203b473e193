/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_IMAGE_IMAGETRACKER_H
#define AGENT_CORE_IMAGE_IMAGETRACKER_H

#include "agent/core/image/parts.h"

/* What an image says of trackers: inside agent/core/imagebuilder.c. */

/* All trackers of the configuration, for a whole image. */
void imagetracker_add_all(struct builder *builder);

/* What an instance tracks. */
struct image_span imagetracker_uses(struct builder *builder, const struct instance *instance);

#endif
