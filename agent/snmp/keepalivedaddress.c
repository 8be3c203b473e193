/* SPDX-License-Identifier: ISC */
#include "agent/snmp/column.h"
#include "agent/snmp/ifindex.h"
#include "agent/snmp/put.h"
#include "agent/snmp/rows.h"
#include "lib/image.h"

#include <net-snmp/net-snmp-config.h>
/* net-snmp's headers depend on this order */
#include <net-snmp/net-snmp-includes.h>

#include <linux/rtnetlink.h>

/* KEEPALIVED-MIB's vrrpAddressTable: the static and virtual addresses in the order of the
 * configuration. */

static void read_type(const struct mib_source *source, struct mib_value *value)
{
	value->number = source->address->family;
}

static void read_value(const struct mib_source *source, struct mib_value *value)
{
	put_octets(value, source->address->address, source->address->family == IMAGE_IPV4 ? 4 : 16);
}

/* IPv4 alone has broadcast addresses; zeros say that none is set. */
static void read_broadcast(const struct mib_source *source, struct mib_value *value)
{
	value->absent = source->address->family != IMAGE_IPV4;
	put_octets(value, source->address->broadcast, sizeof(source->address->broadcast));
}

static void read_prefix_length(const struct mib_source *source, struct mib_value *value)
{
	value->number = source->address->prefix_length;
}

/* InetScopeType (RFC 4001) for the kernel's scopes; nowhere has no number there, nor have a user's
 * own. */
static void read_scope(const struct mib_source *source, struct mib_value *value)
{
	static const struct {
		uint8_t scope, number;
	} scopes[] = {{RT_SCOPE_UNIVERSE, 14}, {RT_SCOPE_SITE, 5}, {RT_SCOPE_LINK, 2},
		{RT_SCOPE_HOST, 1}};

	value->number = 0;
	for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++) {
		if (scopes[i].scope == source->address->scope)
			value->number = scopes[i].number;
	}
}

static void read_interface_index(const struct mib_source *source, struct mib_value *value)
{
	value->number = ifindex_of(source->address->interface);
	value->absent = value->number == 0;
}

static void read_interface(const struct mib_source *source, struct mib_value *value)
{
	put_text(value, source->address->interface);
}

static void read_label(const struct mib_source *source, struct mib_value *value)
{
	put_text(value, source->address->label[0] ? source->address->label : NULL);
}

static void read_set(const struct mib_source *source, struct mib_value *value)
{
	put_truth(value, source->row.router.addresses_set);
}

static void read_advertised(const struct mib_source *source, struct mib_value *value)
{
	put_truth(value,
		source->configured && accepted_is_in_service(source->configured, source->address));
}

static const struct mib_column columns[] = {
	{2, ASN_INTEGER, read_type, NULL},
	{3, ASN_OCTET_STR, read_value, NULL},
	{4, ASN_OCTET_STR, read_broadcast, NULL},
	{5, ASN_GAUGE, read_prefix_length, NULL},
	{6, ASN_INTEGER, read_scope, NULL},
	{7, ASN_INTEGER, read_interface_index, NULL},
	{8, ASN_OCTET_STR, read_interface, NULL},
	{9, ASN_OCTET_STR, read_label, NULL},
	{10, ASN_INTEGER, read_set, NULL},
	{11, ASN_INTEGER, read_advertised, NULL},
};

const struct mib_table keepalived_addresses = {
	.rows = &rows_slot_addresses,
	.prefix = {6, 1},
	.prefix_length = 2,
	.columns = columns,
	.count = sizeof(columns) / sizeof(columns[0]),
};
