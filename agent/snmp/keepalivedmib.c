/* SPDX-License-Identifier: ISC */
#include "agent/snmp/column.h"
#include "agent/snmp/put.h"
#include "agent/snmp/readers.h"
#include "agent/snmp/rows.h"
#include "agent/snmp/scripts.h"
#include "lib/clock.h"
#include "vrrp/protocol/reason.h"

#include <net-snmp/net-snmp-config.h>
/* net-snmp's headers depend on this order */
#include <net-snmp/net-snmp-includes.h>

/* KEEPALIVED-MIB, its globals and its vrrpInstanceTable, so that what was made to watch keepalived
 * can watch us.  An instance's index is its slot, counted from 1: in a first configuration the
 * order of the file, and kept by an instance for as long as it exists. */

static void read_version(const struct mib_source *source, struct mib_value *value)
{
	put_text(value, mib_agent_version);
}

static void read_router_id(const struct mib_source *source, struct mib_value *value)
{
	const struct image *image = source->image;
	uint32_t string = image ? image_header(image)->router_id : 0;

	put_text(value, string ? image_string(image, string) : "");
}

static const struct mib_column global_columns[] = {
	{1, ASN_OCTET_STR, read_version, NULL},
	{2, ASN_OCTET_STR, read_router_id, NULL},
	{4, ASN_INTEGER, mib_read_traps, NULL},
};

/* What is configured of the row's router, or nothing for as long as that is not known. */
static const struct image_router *configured(
	const struct mib_source *source, struct mib_value *value)
{
	value->absent = !source->configured;
	return source->configured ? source->configured->router : NULL;
}

static void read_name(const struct mib_source *source, struct mib_value *value)
{
	const struct image_router *router = configured(source, value);

	if (router)
		put_text(value, image_string(source->configured->image, router->name));
}

static void read_vrid(const struct mib_source *source, struct mib_value *value)
{
	value->number = source->row.router.vrid;
}

static void read_state(const struct mib_source *source, struct mib_value *value)
{
	value->number =
		(uint32_t)vrrp_state_keepalived_status((enum vrrp_state)source->row.router.state);
}

static void read_initial_state(const struct mib_source *source, struct mib_value *value)
{
	const struct image_router *router = configured(source, value);
	enum vrrp_state state = VRRP_STATE_BACKUP;

	if (!router)
		return;
	if (router->shown & IMAGE_SHOWN_MASTER)
		state = VRRP_STATE_ACTIVE;
	value->number = (uint32_t)vrrp_state_keepalived_status(state);
}

static void read_effective_priority(const struct mib_source *source, struct mib_value *value)
{
	value->number = source->row.router.effective_priority;
}

static void read_addresses_set(const struct mib_source *source, struct mib_value *value)
{
	put_truth(value, source->row.router.addresses_set);
}

/* With use_vmac the device made for it, as keepalived has it. */
static void read_interface(const struct mib_source *source, struct mib_value *value)
{
	const struct accepted_router *configured = source->configured;

	put_text(value, configured && configured->router->vmac[0] ? configured->router->vmac
								  : source->row.router.interface);
}

static void read_track_primary(const struct mib_source *source, struct mib_value *value)
{
	const struct image_router *router = configured(source, value);

	if (router)
		put_truth(value, !(router->election & IMAGE_ELECTION_IGNORE_LINK));
}

static void read_promote(const struct mib_source *source, struct mib_value *value)
{
	const struct image_router *router = configured(source, value);

	if (router)
		put_truth(value, router->flags & IMAGE_ROUTER_PROMOTE);
}

static void read_no(const struct mib_source *source, struct mib_value *value)
{
	put_truth(value, false);
}

/* Of the table, but not of any instance here. */
static void read_absent(const struct mib_source *source, struct mib_value *value)
{
	value->absent = true;
}

static void read_interval(const struct mib_source *source, struct mib_value *value)
{
	const struct status_router *router = &source->row.router;

	value->number = (uint32_t)(router->interval /
				   (router->version == 2 ? NSEC_PER_SEC : NSEC_PER_CENTISECOND));
}

static void read_preempt_delay(const struct mib_source *source, struct mib_value *value)
{
	const struct image_router *router = configured(source, value);

	if (router)
		value->number = (uint32_t)(router->preempt_delay / NSEC_PER_SEC);
}

static void read_auth_type(const struct mib_source *source, struct mib_value *value)
{
	const struct image_router *router = configured(source, value);

	if (router)
		value->number = router->auth;
}

static void read_garp_delay(const struct mib_source *source, struct mib_value *value)
{
	const struct image_router *router = configured(source, value);

	if (router)
		value->number = (uint32_t)(router->garp_delay / NSEC_PER_SEC);
}

static void read_alert(const struct mib_source *source, struct mib_value *value)
{
	const struct image_router *router = configured(source, value);

	if (router)
		put_truth(value, router->shown & IMAGE_SHOWN_ALERT);
}

static void read_notify(const struct mib_source *source, struct mib_value *value)
{
	const struct image_router *router = configured(source, value);

	if (router)
		put_truth(value, router->commands.count > 0);
}

static void read_script_of(const struct mib_source *source, struct mib_value *value,
	enum vrrp_state state, uint8_t flags)
{
	const struct image_router *router = configured(source, value);

	if (router)
		put_script(value, source->configured->image, router->commands, state, flags);
}

static void read_sync_group(const struct mib_source *source, struct mib_value *value)
{
	const struct image_router *router = configured(source, value);

	if (router)
		put_text(value, router->group
					? accepted_group_name(source->accepted, router->group - 1)
					: NULL);
}

#define SCRIPT(name, state, flags)                                                        \
	static void read_##name(const struct mib_source *source, struct mib_value *value) \
	{                                                                                 \
		read_script_of(source, value, state, flags);                              \
	}

SCRIPT(script_master, VRRP_STATE_ACTIVE, 0)
SCRIPT(script_backup, VRRP_STATE_BACKUP, 0)
SCRIPT(script_fault, VRRP_STATE_FAULT, 0)
SCRIPT(script_stop, VRRP_STATE_INITIALIZE, 0)
SCRIPT(script, VRRP_STATE_ACTIVE, IMAGE_COMMAND_PRIORITY)

static void read_protocol_version(const struct mib_source *source, struct mib_value *value)
{
	value->number = source->row.router.version;
}

/* Who speaks to peers has no group. */
static bool is_multicast(const struct mib_source *source, struct mib_value *value)
{
	const struct image_router *router = configured(source, value);

	value->absent = !router || router->peers.count > 0;
	return !value->absent;
}

static void read_group_family(const struct mib_source *source, struct mib_value *value)
{
	if (is_multicast(source, value))
		value->number = source->row.router.family;
}

static void read_group(const struct mib_source *source, struct mib_value *value)
{
	const struct image_header *header = image_header(source->image);

	if (!is_multicast(source, value))
		return;
	if (source->row.router.family == IMAGE_IPV4)
		put_octets(value, header->group4, sizeof(header->group4));
	else
		put_octets(value, header->group6, sizeof(header->group6));
}

static const struct mib_column instance_columns[] = {
	{2, ASN_OCTET_STR, read_name, NULL},
	{3, ASN_GAUGE, read_vrid, NULL},
	{4, ASN_INTEGER, read_state, NULL},
	{5, ASN_INTEGER, read_initial_state, NULL},
	{6, ASN_INTEGER, read_state, NULL}, /* what it wants it is */
	{7, ASN_INTEGER, mib_read_priority, NULL},
	{8, ASN_INTEGER, read_effective_priority, NULL},
	{9, ASN_INTEGER, read_addresses_set, NULL},
	{10, ASN_OCTET_STR, read_interface, NULL},
	{11, ASN_INTEGER, read_track_primary, NULL},
	{12, ASN_GAUGE, read_interval, NULL},
	{13, ASN_INTEGER, mib_read_preempt, NULL},
	{14, ASN_GAUGE, read_preempt_delay, NULL},
	{15, ASN_INTEGER, read_auth_type, NULL},
	{16, ASN_INTEGER, read_no, NULL},	/* LVS sync daemon */
	{17, ASN_OCTET_STR, read_absent, NULL}, /* and its interface */
	{18, ASN_OCTET_STR, read_sync_group, NULL},
	{19, ASN_GAUGE, read_garp_delay, NULL},
	{20, ASN_INTEGER, read_alert, NULL},
	{21, ASN_INTEGER, read_notify, NULL},
	{22, ASN_OCTET_STR, read_script_master, NULL},
	{23, ASN_OCTET_STR, read_script_backup, NULL},
	{24, ASN_OCTET_STR, read_script_fault, NULL},
	{25, ASN_OCTET_STR, read_script_stop, NULL},
	{26, ASN_OCTET_STR, read_script, NULL},
	{27, ASN_INTEGER, mib_read_accept, NULL},
	{28, ASN_INTEGER, read_promote, NULL},
	{29, ASN_INTEGER, read_no, NULL}, /* linkbeat */
	{30, ASN_INTEGER, read_protocol_version, NULL},
	{31, ASN_OCTET_STR, read_absent, NULL}, /* notify_master_rx_lower_pri */
	{32, ASN_OCTET_STR, read_absent, NULL}, /* notify_deleted */
	{33, ASN_INTEGER, read_no, NULL},
	{34, ASN_INTEGER, read_group_family, NULL},
	{35, ASN_OCTET_STR, read_group, NULL},
};

#define COLUMNS(list) .columns = (list), .count = sizeof(list) / sizeof((list)[0])

const struct mib_table keepalived_globals = {
	.rows = &rows_engine, .prefix_length = 0, COLUMNS(global_columns)};
const struct mib_table keepalived_instances = {
	.rows = &rows_slots, .prefix = {3, 1}, .prefix_length = 2, COLUMNS(instance_columns)};
