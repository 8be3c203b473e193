/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_SYNCGROUP_H
#define AGENT_CONF_SYNCGROUP_H

#include "agent/conf/model.h"
#include "agent/conf/text/diagnose.h"

/* vrrp_sync_group: instances that change their state together. */

enum group_attribute {
	GROUP_NAME,
	GROUP_MEMBERS,
	GROUP_TRACK_INTERFACE,
	GROUP_TRACK_SCRIPT,
	GROUP_TRACK_PROCESS,
	GROUP_TRACK_FILE,
	GROUP_NOTIFY_MASTER,
	GROUP_NOTIFY_BACKUP,
	GROUP_NOTIFY_FAULT,
	GROUP_NOTIFY_STOP,
	GROUP_NOTIFY,
	GROUP_SMTP_ALERT,
	GROUP_GLOBAL_TRACKING,
	GROUP_TRACKING_WEIGHT,
	GROUP_ATTRIBUTES
};

struct group_member {
	const char *name; /* of an instance */
	struct origin origin;
};

struct group_member_list {
	struct group_member *items;
	size_t count;
};

struct sync_group {
	const char *name;
	struct group_member_list members; /* in the order of the file */
	struct tracked_interface_list track_interfaces;
	struct tracked_list tracked[IMAGE_TRACKER_KIND_COUNT];
	struct notify_script notify_master;
	struct notify_script notify_backup;
	struct notify_script notify_fault;
	struct notify_script notify_stop;
	struct notify_script notify;
	bool smtp_alert;
	bool global_tracking; /* an older word for the next */
	bool tracking_weight; /* the weights of its members' own trackers count */
	bool unreadable;      /* only before it is refused: what is missing may have been written */

	struct origin origins[GROUP_ATTRIBUTES];
};

/* Append a group with the defaults of its kind; NULL: memory is short. */
struct sync_group *config_add_group(struct config *config, const char *name);

/* The group of that name, or NULL. */
struct sync_group *config_find_group(const struct config *config, const char *name);

/* That of an instance, or NULL. */
const struct sync_group *config_group_of(
	const struct config *config, const struct instance *instance);

/* Whether the weights of the scripts, files and processes that an instance itself tracks count.
 * Else those that have one are ignored, as keepalived does: where the priorities of members go
 * different ways, no agreement lasts. */
bool config_own_weights_count(const struct config *config, const struct instance *instance);

/* Tells every instance its group.  The index must know all names. */
void config_resolve_groups(struct config *config);

/* The rules of groups. */
void conf_validate_groups(struct config *config, struct conf_diagnostics *diagnostics);

#endif
