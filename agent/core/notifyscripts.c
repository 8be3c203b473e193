/* SPDX-License-Identifier: ISC */
#include "agent/core/notifyscripts.h"

#define NO_GROUP GROUP_ATTRIBUTES

#define KIND(member, attribute, every_state, state)                                                \
	{                                                                                          \
		offsetof(struct instance, member), INSTANCE_##attribute,                           \
			offsetof(struct sync_group, member), GROUP_##attribute, every_state, state \
	}

const struct notify_kind notify_kinds[NOTIFY_KINDS] = {
	KIND(notify_master, NOTIFY_MASTER, false, VRRP_STATE_ACTIVE),
	KIND(notify_backup, NOTIFY_BACKUP, false, VRRP_STATE_BACKUP),
	KIND(notify_fault, NOTIFY_FAULT, false, VRRP_STATE_FAULT),
	KIND(notify_stop, NOTIFY_STOP, false, VRRP_STATE_INITIALIZE),
	{offsetof(struct instance, notify_deleted), INSTANCE_NOTIFY_DELETED, 0, NO_GROUP, false,
		IMAGE_ON_DELETED},
	{offsetof(struct instance, notify_lower), INSTANCE_NOTIFY_LOWER, 0, NO_GROUP, false,
		IMAGE_ON_LOWER},
	KIND(notify, NOTIFY, true, VRRP_STATES),
};
