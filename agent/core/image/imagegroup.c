/* SPDX-License-Identifier: ISC */
#include "agent/core/image/imagegroup.h"

#include <errno.h>
#include <stdlib.h>

#include "agent/conf/syncgroup.h"
#include "agent/core/image/imagecommands.h"

static uint8_t flags_of(const struct sync_group *group)
{
	return (uint8_t)((group->smtp_alert ? IMAGE_GROUP_ALERT : 0) |
			 (group->tracking_weight || group->global_tracking
					 ? IMAGE_GROUP_TRACKING_WEIGHT
					 : 0));
}

static void add(struct builder *builder, const struct sync_group *group, uint32_t slot)
{
	struct image_group item = {
		.slot = slot,
		.name = parts_add_string(builder, group->name),
		.flags = flags_of(group),
		.commands = imagecommands_of_group(builder, group),
	};

	parts_append(builder, &builder->parts[PART_GROUPS], &item, sizeof(item));
}

/* In the order of their slots. */
void imagegroup_add_all(struct builder *builder)
{
	const struct config *config = builder->config;
	const struct sync_group **by_slot = calloc(IMAGE_GROUPS, sizeof(*by_slot));

	if (!by_slot) {
		parts_fail(builder, -ENOMEM);
		return;
	}
	for (size_t i = 0; i < config->group_count; i++) {
		int slot = slots_group(builder->slots, config->groups[i]);

		if (slot < 0)
			parts_fail(builder, -EINVAL);
		else
			by_slot[slot] = config->groups[i];
	}
	for (uint32_t slot = 0; slot < IMAGE_GROUPS; slot++) {
		if (by_slot[slot])
			add(builder, by_slot[slot], slot);
	}
	free(by_slot);
}
