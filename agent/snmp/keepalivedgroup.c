/* SPDX-License-Identifier: ISC */
#include "agent/snmp/column.h"
#include "agent/snmp/grouprows.h"
#include "agent/snmp/put.h"
#include "agent/snmp/rows.h"
#include "agent/snmp/scripts.h"
#include "vrrp/protocol/reason.h"

#include <net-snmp/net-snmp-config.h>
/* net-snmp's headers depend on this order */
#include <net-snmp/net-snmp-includes.h>

/* KEEPALIVED-MIB's vrrpSyncGroupTable and vrrpSyncGroupMemberTable.  A group's index is its slot,
 * counted from 1; its members are counted in the order of the file. */

static void read_name(const struct mib_source *source, struct mib_value *value)
{
	put_text(value, accepted_group_name(source->accepted, source->group->slot));
}

static void read_state(const struct mib_source *source, struct mib_value *value)
{
	value->number =
		(uint32_t)vrrp_state_keepalived_status((enum vrrp_state)source->group_row.state);
}

static void read_alert(const struct mib_source *source, struct mib_value *value)
{
	put_truth(value, source->group->flags & IMAGE_GROUP_ALERT);
}

static void read_notify(const struct mib_source *source, struct mib_value *value)
{
	put_truth(value, source->group->commands.count > 0);
}

static void read_tracking_weight(const struct mib_source *source, struct mib_value *value)
{
	put_truth(value, source->group->flags & IMAGE_GROUP_TRACKING_WEIGHT);
}

#define SCRIPT(name, state, flags)                                                           \
	static void read_##name(const struct mib_source *source, struct mib_value *value)    \
	{                                                                                    \
		put_script(value, accepted_whole(source->accepted), source->group->commands, \
			state, flags);                                                       \
	}

SCRIPT(script_master, VRRP_STATE_ACTIVE, 0)
SCRIPT(script_backup, VRRP_STATE_BACKUP, 0)
SCRIPT(script_fault, VRRP_STATE_FAULT, 0)
SCRIPT(script_stop, VRRP_STATE_INITIALIZE, 0)
SCRIPT(script, VRRP_STATE_ACTIVE, IMAGE_COMMAND_PRIORITY)

static const struct mib_column group_columns[] = {
	{2, ASN_OCTET_STR, read_name, NULL},
	{3, ASN_INTEGER, read_state, NULL},
	{4, ASN_INTEGER, read_alert, NULL},
	{5, ASN_INTEGER, read_notify, NULL},
	{6, ASN_OCTET_STR, read_script_master, NULL},
	{7, ASN_OCTET_STR, read_script_backup, NULL},
	{8, ASN_OCTET_STR, read_script_fault, NULL},
	{9, ASN_OCTET_STR, read_script, NULL},
	{10, ASN_INTEGER, read_tracking_weight, NULL},
	{11, ASN_OCTET_STR, read_script_stop, NULL},
};

static void read_member_name(const struct mib_source *source, struct mib_value *value)
{
	put_text(value, image_string(source->configured->image, source->configured->router->name));
}

static const struct mib_column member_columns[] = {
	{2, ASN_OCTET_STR, read_member_name, NULL},
};

#define COLUMNS(list) .columns = (list), .count = sizeof(list) / sizeof((list)[0])

const struct mib_table keepalived_groups = {
	.rows = &rows_groups, .prefix = {1, 1}, .prefix_length = 2, COLUMNS(group_columns)};
const struct mib_table keepalived_members = {
	.rows = &rows_members, .prefix = {2, 1}, .prefix_length = 2, COLUMNS(member_columns)};
