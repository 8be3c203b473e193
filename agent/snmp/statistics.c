/* SPDX-License-Identifier: ISC */
#include "agent/snmp/column.h"
#include "agent/snmp/put.h"
#include "agent/snmp/rows.h"
#include "vrrp/protocol/reason.h"

#include <net-snmp/net-snmp-config.h>
/* net-snmp's headers depend on this order */
#include <net-snmp/net-snmp-includes.h>

/* vrrpv3Statistics' scalars and vrrpv3StatisticsTable (RFC 6527). */

/* The board is as fresh as it is read, but the engine writes a row at most once in this time. */
#define REFRESH_RATE_MS 1

#define SCALAR(name, field)                                                               \
	static void read_##name(const struct mib_source *source, struct mib_value *value) \
	{                                                                                 \
		value->counter = source->engine.field;                                    \
	}

SCALAR(checksum_errors, checksum_errors)
SCALAR(version_errors, version_errors)
SCALAR(vrid_errors, vrid_errors)

static void read_discontinuity(const struct mib_source *source, struct mib_value *value)
{
	put_time_stamp(source, value, source->engine.started);
}

static const struct mib_column scalars[] = {
	{1, ASN_COUNTER64, read_checksum_errors, NULL},
	{2, ASN_COUNTER64, read_version_errors, NULL},
	{3, ASN_COUNTER64, read_vrid_errors, NULL},
	{4, ASN_TIMETICKS, read_discontinuity, NULL},
};

const struct mib_table statistics_scalars = {
	.rows = &rows_engine,
	.prefix = {1, 2},
	.prefix_length = 2,
	.columns = scalars,
	.count = sizeof(scalars) / sizeof(scalars[0]),
};

#define COUNTER(name, field)                                                              \
	static void read_##name(const struct mib_source *source, struct mib_value *value) \
	{                                                                                 \
		value->counter = source->row.router.field;                                \
	}

COUNTER(received, counters[STATUS_RECEIVED])
COUNTER(interval_errors, errors[VRRP_COUNTER_INTERVAL])
COUNTER(ttl_errors, errors[VRRP_COUNTER_TTL])
COUNTER(stop_received, counters[STATUS_STOP_RECEIVED])
COUNTER(stop_sent, counters[STATUS_STOP_SENT])
COUNTER(type_errors, errors[VRRP_COUNTER_TYPE])
COUNTER(address_list_errors, errors[VRRP_COUNTER_ADDRESS_LIST])
COUNTER(length_errors, errors[VRRP_COUNTER_LENGTH])

static void read_transitions(const struct mib_source *source, struct mib_value *value)
{
	value->number = (uint32_t)source->row.router.counters[STATUS_TRANSITIONS];
}

static void read_new_master_reason(const struct mib_source *source, struct mib_value *value)
{
	value->number = source->row.router.new_master;
}

static void read_protocol_error(const struct mib_source *source, struct mib_value *value)
{
	enum vrrp_counter last = (enum vrrp_counter)source->row.router.last_error;

	value->number = (uint32_t)vrrp_counter_proto_error(last);
}

static void read_row_discontinuity(const struct mib_source *source, struct mib_value *value)
{
	put_time_stamp(source, value, source->row.router.counting_since);
}

static void read_refresh_rate(const struct mib_source *source, struct mib_value *value)
{
	value->number = REFRESH_RATE_MS;
}

static const struct mib_column columns[] = {
	{1, ASN_COUNTER, read_transitions, NULL},
	{2, ASN_INTEGER, read_new_master_reason, NULL},
	{3, ASN_COUNTER64, read_received, NULL},
	{4, ASN_COUNTER64, read_interval_errors, NULL},
	{5, ASN_COUNTER64, read_ttl_errors, NULL},
	{6, ASN_INTEGER, read_protocol_error, NULL},
	{7, ASN_COUNTER64, read_stop_received, NULL},
	{8, ASN_COUNTER64, read_stop_sent, NULL},
	{9, ASN_COUNTER64, read_type_errors, NULL},
	{10, ASN_COUNTER64, read_address_list_errors, NULL},
	{11, ASN_COUNTER64, read_length_errors, NULL},
	{12, ASN_TIMETICKS, read_row_discontinuity, NULL},
	{13, ASN_GAUGE, read_refresh_rate, NULL},
};

const struct mib_table statistics_table = {
	.rows = &rows_v3,
	.prefix = {1, 2, 5, 1},
	.prefix_length = 4,
	.columns = columns,
	.count = sizeof(columns) / sizeof(columns[0]),
};
