/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_NOTIFYSCRIPTS_H
#define AGENT_CORE_NOTIFYSCRIPTS_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/conf/model.h"
#include "agent/conf/syncgroup.h"
#include "vrrp/protocol/reason.h"

/* The scripts of an instance and of a sync group: where each lies in it, what it is called in the
 * file, and when it runs. */
struct notify_kind {
	size_t offset; /* in struct instance */
	enum instance_attribute attribute;
	size_t group_offset;		      /* in struct sync_group */
	enum group_attribute group_attribute; /* GROUP_ATTRIBUTES: groups have none */
	bool every_state;  /* runs for each state, which it is told in its arguments */
	unsigned occasion; /* enum image_occasion */
};

#define NOTIFY_KINDS 7

/* Those of one state come before the one of every state, as they run. */
extern const struct notify_kind notify_kinds[NOTIFY_KINDS];

static inline const struct notify_script *notify_script_of(
	const struct instance *instance, const struct notify_kind *kind)
{
	return (const void *)((const char *)instance + kind->offset);
}

/* NULL: a group has none of this kind. */
static inline const struct notify_script *notify_group_script(
	const struct sync_group *group, const struct notify_kind *kind)
{
	if (kind->group_attribute == GROUP_ATTRIBUTES)
		return NULL;
	return (const void *)((const char *)group + kind->group_offset);
}

#endif
