/* SPDX-License-Identifier: ISC */
#include "agent/snmp/column.h"
#include "agent/snmp/put.h"
#include "agent/snmp/readers.h"
#include "agent/snmp/rows.h"
#include "lib/clock.h"
#include "vrrp/protocol/reason.h"

#include <net-snmp/net-snmp-config.h>
/* net-snmp's headers depend on this order */
#include <net-snmp/net-snmp-includes.h>

/* VRRP-MIB (RFC 2787): the version 2 routers once more, in the only MIB that older managers know.
 * What is set is set through VRRPV3-MIB. */

static void read_node_version(const struct mib_source *source, struct mib_value *value)
{
	value->number = 2;
}

static const struct mib_column node_columns[] = {
	{1, ASN_INTEGER, read_node_version, NULL},
	{2, ASN_INTEGER, mib_read_traps, NULL},
};

/* IpAddress has no word for none but 0.0.0.0. */
static void put_address(struct mib_value *value, const uint8_t *address, bool known)
{
	static const uint8_t none[4];

	put_octets(value, known ? address : none, sizeof(none));
}

static void read_admin_state(const struct mib_source *source, struct mib_value *value)
{
	put_truth(value, !source->row.router.disabled);
}

static void read_master_address(const struct mib_source *source, struct mib_value *value)
{
	put_address(value, source->row.router.active_address, source->row.router.active_known);
}

static void read_primary_address(const struct mib_source *source, struct mib_value *value)
{
	put_address(value, source->row.router.primary_address, source->row.router.primary_known);
}

/* noAuthentication(1), simpleTextPassword(2), ipAuthenticationHeader(3): one more than on the
 * wire. */
static void read_auth_type(const struct mib_source *source, struct mib_value *value)
{
	value->absent = !source->configured;
	if (source->configured)
		value->number = source->configured->router->auth + 1u;
}

/* Never told. */
static void read_auth_key(const struct mib_source *source, struct mib_value *value)
{
	put_text(value, "");
}

static void read_interval(const struct mib_source *source, struct mib_value *value)
{
	value->number = (uint32_t)(source->row.router.interval / NSEC_PER_SEC);
}

static void read_up_time(const struct mib_source *source, struct mib_value *value)
{
	put_time_stamp(source, value, source->row.router.up_since);
}

static void read_protocol(const struct mib_source *source, struct mib_value *value)
{
	value->number = 1; /* ip */
}

static const struct mib_column router_columns[] = {
	{2, ASN_OCTET_STR, mib_read_virtual_mac, NULL},
	{3, ASN_INTEGER, mib_read_status, NULL},
	{4, ASN_INTEGER, read_admin_state, NULL},
	{5, ASN_INTEGER, mib_read_priority, NULL},
	{6, ASN_INTEGER, mib_read_address_count, NULL},
	{7, ASN_IPADDRESS, read_master_address, NULL},
	{8, ASN_IPADDRESS, read_primary_address, NULL},
	{9, ASN_INTEGER, read_auth_type, NULL},
	{10, ASN_OCTET_STR, read_auth_key, NULL},
	{11, ASN_INTEGER, read_interval, NULL},
	{12, ASN_INTEGER, mib_read_preempt, NULL},
	{13, ASN_TIMETICKS, read_up_time, NULL},
	{14, ASN_INTEGER, read_protocol, NULL},
	{15, ASN_INTEGER, mib_read_row_status, NULL},
};

static const struct mib_column address_columns[] = {
	{2, ASN_INTEGER, mib_read_address_row_status, NULL},
};

/* Counter32 here, the lower half of what VRRPV3-MIB shows. */
#define SCALAR(name)                                                                      \
	static void read_##name(const struct mib_source *source, struct mib_value *value) \
	{                                                                                 \
		value->number = (uint32_t)source->engine.name;                            \
	}

SCALAR(checksum_errors)
SCALAR(version_errors)
SCALAR(vrid_errors)

static const struct mib_column scalar_columns[] = {
	{1, ASN_COUNTER, read_checksum_errors, NULL},
	{2, ASN_COUNTER, read_version_errors, NULL},
	{3, ASN_COUNTER, read_vrid_errors, NULL},
};

/* X(column, name, field of the board's row) */
#define COUNTERS(X)                                             \
	X(1, transitions, counters[STATUS_TRANSITIONS])         \
	X(2, received, counters[STATUS_RECEIVED])               \
	X(3, interval_errors, errors[VRRP_COUNTER_INTERVAL])    \
	X(4, auth_failures, drops[VRRP_DROP_AUTH_FAILED])       \
	X(5, ttl_errors, errors[VRRP_COUNTER_TTL])              \
	X(6, stop_received, counters[STATUS_STOP_RECEIVED])     \
	X(7, stop_sent, counters[STATUS_STOP_SENT])             \
	X(8, type_errors, errors[VRRP_COUNTER_TYPE])            \
	X(9, list_errors, errors[VRRP_COUNTER_ADDRESS_LIST])    \
	X(10, invalid_auth_type, drops[VRRP_DROP_AUTH_UNKNOWN]) \
	X(11, auth_mismatch, drops[VRRP_DROP_AUTH_TYPE])        \
	X(12, length_errors, errors[VRRP_COUNTER_LENGTH])

#define X(number_, name, field)                                                           \
	static void read_##name(const struct mib_source *source, struct mib_value *value) \
	{                                                                                 \
		value->number = (uint32_t)source->row.router.field;                       \
	}
COUNTERS(X)
#undef X

static const struct mib_column counter_columns[] = {
#define X(number_, name, field) {number_, ASN_COUNTER, read_##name, NULL},
	COUNTERS(X)
#undef X
};

#define COLUMNS(list) .columns = (list), .count = sizeof(list) / sizeof((list)[0])

const struct mib_table rfc2787_node = {
	.rows = &rows_engine, .prefix = {1}, .prefix_length = 1, COLUMNS(node_columns)};
const struct mib_table rfc2787_routers = {
	.rows = &rows_v2, .prefix = {1, 3, 1}, .prefix_length = 3, COLUMNS(router_columns)};
const struct mib_table rfc2787_addresses = {.rows = &rows_v2_addresses,
	.prefix = {1, 4, 1},
	.prefix_length = 3,
	COLUMNS(address_columns)};
const struct mib_table rfc2787_scalars = {
	.rows = &rows_engine, .prefix = {2}, .prefix_length = 1, COLUMNS(scalar_columns)};
const struct mib_table rfc2787_statistics = {
	.rows = &rows_v2, .prefix = {2, 4, 1}, .prefix_length = 3, COLUMNS(counter_columns)};
