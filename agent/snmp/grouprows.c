/* SPDX-License-Identifier: ISC */
#include "agent/snmp/grouprows.h"

static enum mib_result read_group(
	const struct mib *mib, const struct image_group *group, struct mib_source *source)
{
	union status_row row;

	if (board_read(mib->board, status_group_row(group->slot), &row) != 0)
		return MIB_UNREADABLE;
	source->group = group;
	source->group_row = row.group;
	return MIB_FOUND;
}

/* The nth member of the group, from 1. */
static enum mib_result read_member(const struct mib *mib, const struct image_group *group,
	unsigned long nth, struct mib_source *source)
{
	source->configured = nth > 0 ? accepted_member(mib->accepted, group->slot, nth - 1) : NULL;
	return source->configured ? MIB_FOUND : MIB_NO_INSTANCE;
}

enum mib_result grouprows_get(const struct mib *mib, bool members, const unsigned long *instance,
	size_t length, struct mib_source *source)
{
	const struct image_group *group = NULL;
	enum mib_result result;

	source->configured = NULL;
	if (length == (members ? 2 : 1) && instance[0] > 0 && instance[0] <= IMAGE_GROUPS)
		group = accepted_group(mib->accepted, (uint32_t)instance[0] - 1);
	if (!group)
		return MIB_NO_INSTANCE;
	result = read_group(mib, group, source);
	if (result == MIB_FOUND && members)
		result = read_member(mib, group, instance[1], source);
	return result;
}

/* The first group that has a row behind the instance; `nth`: which of its members. */
static const struct image_group *group_behind(const struct mib *mib, bool members,
	const unsigned long *instance, size_t length, unsigned long *nth)
{
	const struct image_group *group;
	unsigned long from = length > 0 ? instance[0] : 0;

	*nth = 1;
	if (from > IMAGE_GROUPS)
		return NULL;
	if (members && length > 0 && from > 0) {
		group = accepted_group(mib->accepted, (uint32_t)from - 1);
		*nth = length > 1 ? instance[1] + 1 : 1;
		if (group && *nth > 0 && accepted_member(mib->accepted, group->slot, *nth - 1))
			return group;
		*nth = 1;
	}
	for (uint32_t slot = (uint32_t)from;; slot = group->slot + 1) {
		group = accepted_group_from(mib->accepted, slot);
		if (!group || !members || accepted_member(mib->accepted, group->slot, 0))
			return group;
	}
}

enum mib_result grouprows_next(const struct mib *mib, bool members, const unsigned long *instance,
	size_t length, struct mib_source *source, struct mib_name *name)
{
	unsigned long nth;
	const struct image_group *group =
		group_behind(mib, members, instance, instance ? length : 0, &nth);
	enum mib_result result;

	source->configured = NULL;
	if (!group)
		return MIB_NO_INSTANCE;
	result = read_group(mib, group, source);
	if (result != MIB_FOUND)
		return result;
	name->oids[name->length++] = group->slot + 1ul;
	if (!members)
		return MIB_FOUND;
	name->oids[name->length++] = nth;
	return read_member(mib, group, nth, source);
}
