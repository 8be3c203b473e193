/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_IMAGEBUILDER_H
#define AGENT_CORE_IMAGEBUILDER_H

#include <stddef.h>
#include <stdint.h>

#include "agent/conf/model.h"
#include "agent/core/slots.h"
#include "lib/message.h"

/* Builds configuration images (lib/image.h) from the model.  Both return the descriptor of a sealed
 * document, the caller's, or a negative errno: -ENOENT a script's user or group is unknown (see
 * agent/core/script_user.h: a validated configuration has none), -EINVAL a router has no slot,
 * -ENOMEM, or what making the document failed with.  May block where looking up users does. */

/* Every router of `config`, whose slots are in `slots`.  `generation` is not 0. */
int image_build_whole(const struct config *config, const struct slots *slots, uint64_t generation);

/* What a delta is about; the builder puts both in the order of slots. */
struct image_changes {
	const struct instance *changed[MESSAGE_CHANGES_MAX]; /* new ones too */
	size_t changed_count;
	uint32_t removed[MESSAGE_CHANGES_MAX]; /* slots */
	size_t removed_count;
};

/* These changes only, against an image of generation `base` (not 0, below `generation`). */
int image_build_delta(const struct config *config, const struct slots *slots, uint64_t generation,
	uint64_t base, struct image_changes *changes);

#endif
