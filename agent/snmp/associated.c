/* SPDX-License-Identifier: ISC */
#include "agent/snmp/column.h"
#include "agent/snmp/readers.h"
#include "agent/snmp/rows.h"
#include "lib/message.h"

#include <net-snmp/net-snmp-config.h>
/* net-snmp's headers depend on this order */
#include <net-snmp/net-snmp-includes.h>

/* vrrpv3AssociatedIpAddrTable (RFC 6527): the virtual addresses of the accepted configuration. */

static const struct mib_write write_row_status = {ATTRIBUTE_ADDRESS_STATUS, MIB_ROW_STATUS, 1, 6};

static const struct mib_column columns[] = {
	{2, ASN_INTEGER, mib_read_address_row_status, &write_row_status},
};

const struct mib_table associated_table = {
	.rows = &rows_v3_addresses,
	.prefix = {1, 1, 2, 1},
	.prefix_length = 4,
	.columns = columns,
	.count = sizeof(columns) / sizeof(columns[0]),
};
