/* SPDX-License-Identifier: ISC */
#include "agent/snmp/column.h"
#include "agent/snmp/put.h"
#include "agent/snmp/readers.h"
#include "agent/snmp/rows.h"
#include "lib/clock.h"
#include "lib/message.h"

#include <net-snmp/net-snmp-config.h>
/* net-snmp's headers depend on this order */
#include <net-snmp/net-snmp-includes.h>

/* vrrpv3OperationsTable (RFC 6527). */

static void put_address(struct mib_value *value, const uint8_t *address, uint8_t octets, bool known)
{
	put_octets(value, address, known ? octets : 0);
}

static void read_master_address(const struct mib_source *source, struct mib_value *value)
{
	const struct status_router *router = &source->row.router;

	put_address(value, router->active_address, router->address_octets, router->active_known);
}

static void read_primary_address(const struct mib_source *source, struct mib_value *value)
{
	const struct status_router *router = &source->row.router;

	put_address(value, router->primary_address, router->address_octets, router->primary_known);
}

static void read_interval(const struct mib_source *source, struct mib_value *value)
{
	value->number = (uint32_t)(source->row.router.interval / NSEC_PER_CENTISECOND);
}

static void read_up_time(const struct mib_source *source, struct mib_value *value)
{
	uint64_t since = source->row.router.up_since;

	value->number = 0;
	if (since != 0 && source->now > since)
		value->number = (uint32_t)((source->now - since) / NSEC_PER_CENTISECOND);
}

/* 0 and 255 have meanings of their own on the wire and can't be set. */
static const struct mib_write write_priority = {ATTRIBUTE_PRIORITY, MIB_NUMBER, 1, 254};
static const struct mib_write write_primary = {ATTRIBUTE_PRIMARY_ADDRESS, MIB_ADDRESS, 0, 0};
static const struct mib_write write_interval = {ATTRIBUTE_INTERVAL, MIB_NUMBER, 1, 4095};
static const struct mib_write write_preempt = {ATTRIBUTE_PREEMPT, MIB_TRUTH, 1, 2};
static const struct mib_write write_accept = {ATTRIBUTE_ACCEPT, MIB_TRUTH, 1, 2};
static const struct mib_write write_row_status = {ATTRIBUTE_ROW_STATUS, MIB_ROW_STATUS, 1, 6};

static const struct mib_column columns[] = {
	{3, ASN_OCTET_STR, read_master_address, NULL},
	{4, ASN_OCTET_STR, read_primary_address, &write_primary},
	{5, ASN_OCTET_STR, mib_read_virtual_mac, NULL},
	{6, ASN_INTEGER, mib_read_status, NULL},
	{7, ASN_GAUGE, mib_read_priority, &write_priority},
	{8, ASN_INTEGER, mib_read_address_count, NULL},
	{9, ASN_INTEGER, read_interval, &write_interval},
	{10, ASN_INTEGER, mib_read_preempt, &write_preempt},
	{11, ASN_INTEGER, mib_read_accept, &write_accept},
	{12, ASN_TIMETICKS, read_up_time, NULL},
	{13, ASN_INTEGER, mib_read_row_status, &write_row_status},
};

const struct mib_table operations_table = {
	.rows = &rows_v3,
	.prefix = {1, 1, 1, 1},
	.prefix_length = 4,
	.columns = columns,
	.count = sizeof(columns) / sizeof(columns[0]),
};
