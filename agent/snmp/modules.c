/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "agent/snmp/column.h"
#include "lib/image.h"

const char mib_agent_version[] = PACKAGE_STRING;

/* Every MIB there is, and the tables of each in the order of their OIDs. */

static const struct mib_table *const vrrpv3_tables[] = {
	&operations_table,
	&associated_table,
	&statistics_scalars,
	&statistics_table,
};

static const struct mib_table *const vrrp_tables[] = {
	&rfc2787_node,
	&rfc2787_routers,
	&rfc2787_addresses,
	&rfc2787_scalars,
	&rfc2787_statistics,
};

/* Two roots, so that a keepalived that serves its load balancer's part, and the globals with it,
 * leaves us the other. */
static const struct mib_table *const keepalived_global_tables[] = {&keepalived_globals};
static const struct mib_table *const keepalived_vrrp_tables[] = {
	&keepalived_groups,
	&keepalived_members,
	&keepalived_instances,
	&keepalived_addresses,
};

#define KEEPALIVED_ROOT 1, 3, 6, 1, 4, 1, 9586, 100, 5
#define TABLES(list)	.tables = (list), .count = sizeof(list) / sizeof((list)[0])

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
	{
		.name = "VRRP-MIB",
		.text = "VRRP-MIB (RFC 2787): the version 2 routers of vrrp-agent, for reading",
		.root = {1, 3, 6, 1, 2, 1, 68},
		.root_length = 7,
		.flag = IMAGE_SNMP_RFCV2,
		.capabilities = 2,
		TABLES(vrrp_tables),
	},
	{
		.name = "KEEPALIVED-MIB (global)",
		.text = "KEEPALIVED-MIB: globals of vrrp-agent",
		.root = {KEEPALIVED_ROOT, 1},
		.root_length = 10,
		.flag = IMAGE_SNMP_KEEPALIVED,
		.capabilities = 4,
		TABLES(keepalived_global_tables),
	},
	{
		.name = "KEEPALIVED-MIB (vrrp)",
		.text = "KEEPALIVED-MIB: groups, instances and addresses of vrrp-agent, for "
			"reading",
		.root = {KEEPALIVED_ROOT, 2},
		.root_length = 10,
		.flag = IMAGE_SNMP_KEEPALIVED,
		.capabilities = 5,
		TABLES(keepalived_vrrp_tables),
	},
};
