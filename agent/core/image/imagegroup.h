/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_IMAGE_IMAGEGROUP_H
#define AGENT_CORE_IMAGE_IMAGEGROUP_H

#include "agent/core/image/parts.h"

/* What an image says of the sync groups, all of them: inside agent/core/imagebuilder.c. */
void imagegroup_add_all(struct builder *builder);

#endif
