/* SPDX-License-Identifier: ISC */
#include "agent/core/notify.h"

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
	KIND(notify, NOTIFY, true, VRRP_STATES),
};
