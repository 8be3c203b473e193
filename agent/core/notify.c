/* SPDX-License-Identifier: ISC */
#include "agent/core/notify.h"

const struct notify_kind notify_kinds[NOTIFY_KINDS] = {
	{offsetof(struct instance, notify_master), INSTANCE_NOTIFY_MASTER, false,
		VRRP_STATE_ACTIVE},
	{offsetof(struct instance, notify_backup), INSTANCE_NOTIFY_BACKUP, false,
		VRRP_STATE_BACKUP},
	{offsetof(struct instance, notify_fault), INSTANCE_NOTIFY_FAULT, false, VRRP_STATE_FAULT},
	{offsetof(struct instance, notify_stop), INSTANCE_NOTIFY_STOP, false,
		VRRP_STATE_INITIALIZE},
	{offsetof(struct instance, notify), INSTANCE_NOTIFY, true, VRRP_STATES},
};
