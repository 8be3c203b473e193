/* SPDX-License-Identifier: ISC */
#include "agent/snmp/column.h"
#include "lib/image.h"

/* Every MIB there is, and the tables of each in the order of their OIDs. */

static const struct mib_table *const vrrpv3_tables[] = {
	&operations_table,
	&associated_table,
	&statistics_scalars,
	&statistics_table,
};

#define TABLES(list) .tables = (list), .count = sizeof(list) / sizeof((list)[0])

const struct mib_module mib_modules[MIB_MODULES] = {
	{
		.name = "VRRPV3-MIB",
		.text = "VRRPV3-MIB (RFC 6527): the virtual routers of vrrp-agent",
		.root = {MIB_ROOT},
		.root_length = MIB_ROOT_LEN,
		.flag = IMAGE_SNMP_RFCV3,
		.capabilities = 3,
		TABLES(vrrpv3_tables),
	},
};
