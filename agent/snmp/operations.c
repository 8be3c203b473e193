/* SPDX-License-Identifier: ISC */
#include "agent/snmp/column.h"
#include "agent/snmp/rows.h"
#include "lib/clock.h"
#include "lib/message.h"
#include "vrrp/protocol/reason.h"

#include <net-snmp/net-snmp-config.h>
/* net-snmp's headers depend on this order */
#include <net-snmp/net-snmp-includes.h>
#include <string.h>

/* vrrpv3OperationsTable (RFC 6527). */

/* Textual conventions' numbers (RFC 2579). */
enum {
	TRUTH_TRUE = 1,
	TRUTH_FALSE = 2
};

static void put_address(struct mib_value *value, const uint8_t *address, uint8_t octets, bool known)
{
	value->length = known ? octets : 0;
	memcpy(value->octets, address, sizeof(value->octets));
}

static void put_truth(struct mib_value *value, bool truth)
{
	value->number = truth ? TRUTH_TRUE : TRUTH_FALSE;
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

static void read_virtual_mac(const struct mib_source *source, struct mib_value *value)
{
	value->length = sizeof(source->row.router.virtual_mac);
	memcpy(value->octets, source->row.router.virtual_mac,
		sizeof(source->row.router.virtual_mac));
}

static void read_status(const struct mib_source *source, struct mib_value *value)
{
	value->number = (uint32_t)vrrp_state_mib_status((enum vrrp_state)source->row.router.state);
}

static void read_priority(const struct mib_source *source, struct mib_value *value)
{
	value->number = source->row.router.priority;
}

static void read_address_count(const struct mib_source *source, struct mib_value *value)
{
	value->number = source->row.router.address_count;
}

static void read_interval(const struct mib_source *source, struct mib_value *value)
{
	value->number = (uint32_t)(source->row.router.interval / NSEC_PER_CENTISECOND);
}

static void read_preempt(const struct mib_source *source, struct mib_value *value)
{
	put_truth(value, source->row.router.preempt);
}

static void read_accept(const struct mib_source *source, struct mib_value *value)
{
	put_truth(value, source->row.router.accept);
}

static void read_up_time(const struct mib_source *source, struct mib_value *value)
{
	uint64_t since = source->row.router.up_since;

	value->number = 0;
	if (since != 0 && source->now > since)
		value->number = (uint32_t)((source->now - since) / NSEC_PER_CENTISECOND);
}

/* A router of the configuration is in service unless it was taken out of it; what else holds it up
 * shows in its status.  One without an address could not be put into service as it is. */
static void read_row_status(const struct mib_source *source, struct mib_value *value)
{
	const struct status_router *router = &source->row.router;

	if (!router->disabled)
		value->number = RS_ACTIVE;
	else if (router->address_count == 0)
		value->number = RS_NOTREADY;
	else
		value->number = RS_NOTINSERVICE;
}

/* 0 and 255 have meanings of their own on the wire and can't be set. */
static const struct mib_write write_priority = {ATTRIBUTE_PRIORITY, 1, 254};

static const struct mib_column columns[] = {
	{3, ASN_OCTET_STR, read_master_address, NULL},
	{4, ASN_OCTET_STR, read_primary_address, NULL},
	{5, ASN_OCTET_STR, read_virtual_mac, NULL},
	{6, ASN_INTEGER, read_status, NULL},
	{7, ASN_GAUGE, read_priority, &write_priority},
	{8, ASN_INTEGER, read_address_count, NULL},
	{9, ASN_INTEGER, read_interval, NULL},
	{10, ASN_INTEGER, read_preempt, NULL},
	{11, ASN_INTEGER, read_accept, NULL},
	{12, ASN_TIMETICKS, read_up_time, NULL},
	{13, ASN_INTEGER, read_row_status, NULL},
};

const struct mib_table operations_table = {
	.rows = &rows_v3,
	.prefix = {1, 1, 1, 1},
	.prefix_length = 4,
	.columns = columns,
	.count = sizeof(columns) / sizeof(columns[0]),
};
