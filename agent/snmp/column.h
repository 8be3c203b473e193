/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_COLUMN_H
#define AGENT_SNMP_COLUMN_H

#include "agent/snmp/accepted.h"
#include "agent/snmp/index.h"
#include "vrrp/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The MIBs as tables of columns: what exists, its type, how it is read and whether it can be
 * written.  Nothing here knows of net-snmp but the ASN.1 tags.  modules.c has the list of all, one
 * file each has the columns of a table, rows.h says what the rows of a table are, mib.h finds them.
 */

/* Of VRRPV3-MIB. */
#define MIB_ROOT     1, 3, 6, 1, 2, 1, 207
#define MIB_ROOT_LEN 7

/* Where our AGENT-CAPABILITIES statements are: an experimental place, since net-snmp lends one to
 * everybody and no arc of our own is registered (mibs/VRRP-AGENT-CAPABILITIES.txt). */
#define MIB_CAPABILITIES     1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 112
#define MIB_CAPABILITIES_LEN 10

/* Sub-identifiers: of any root; below it those of a table, its entry and a column; of an instance
 * (ifIndex, VRID, address type, length and octets of an address). */
#define MIB_ROOT_MAX	 10
#define MIB_PREFIX_MAX	 5
#define MIB_INSTANCE_MAX (INDEX_OIDS + 1 + 16)
#define MIB_NAME_MAX	 (MIB_PREFIX_MAX + MIB_INSTANCE_MAX)

#define MIB_OCTETS_MAX 255 /* of a DisplayString, RFC 2579 */

struct mib_value {
	bool absent;	/* this row has no such object (an optional column) */
	uint8_t length; /* of octets */
	union {
		uint32_t number;  /* INTEGER, Gauge32, Counter32, TimeTicks */
		uint64_t counter; /* Counter64 */
		uint8_t octets[MIB_OCTETS_MAX];
	};
};

/* What a column is computed from. */
struct mib_source {
	union {
		struct index_row row;
		struct status_engine engine;
		struct status_group group_row;
	};
	const struct accepted_router *configured; /* of the row; NULL: not known just now */
	const struct image_group *group;	  /* of a row about a sync group or its member */
	const struct accepted *accepted;
	const struct image *image;	     /* the globals; NULL: not known yet */
	const struct image_address *address; /* of a row about an address */
	uint64_t now;			     /* CLOCK_MONOTONIC, ns */
	int64_t master_began;		     /* the master's start, as uptime.h keeps it */
};

struct mib_column {
	uint32_t number; /* last sub-identifier of its prefix */
	uint8_t type;	 /* ASN.1 tag */
	void (*read)(const struct mib_source *source, struct mib_value *value);
	const struct mib_write *write; /* NULL: read-only */
};

/* What a written value is. */
enum mib_write_kind {
	MIB_NUMBER,
	MIB_TRUTH,	/* TruthValue */
	MIB_ROW_STATUS, /* RowStatus: any but notReady */
	MIB_ADDRESS,	/* InetAddress of the row's family */
};

/* How a column is set: through the core, as an attribute of the router. */
struct mib_write {
	uint8_t attribute;  /* enum message_attribute */
	uint8_t kind;	    /* enum mib_write_kind */
	uint32_t low, high; /* values that can be set */
};

struct mib_rows; /* agent/snmp/rows.h */

/* Columns under one prefix. */
struct mib_table {
	const struct mib_rows *rows;
	uint8_t prefix_length;
	unsigned long prefix[MIB_PREFIX_MAX - 1];
	const struct mib_column *columns; /* their numbers rise */
	size_t count;
};

extern const struct mib_table operations_table;
extern const struct mib_table associated_table;
extern const struct mib_table statistics_scalars;
extern const struct mib_table statistics_table;
extern const struct mib_table rfc2787_node;
extern const struct mib_table rfc2787_routers;
extern const struct mib_table rfc2787_addresses;
extern const struct mib_table rfc2787_scalars;
extern const struct mib_table rfc2787_statistics;
extern const struct mib_table keepalived_globals;
extern const struct mib_table keepalived_instances;
extern const struct mib_table keepalived_addresses;
extern const struct mib_table keepalived_groups;
extern const struct mib_table keepalived_members;

/* What is registered under one root. */
struct mib_module {
	const char *name; /* of the MIB module */
	const char *text; /* sysORDescr */
	unsigned long root[MIB_ROOT_MAX];
	size_t root_length;
	uint32_t flag;			       /* enum image_flag: it is served */
	unsigned long capabilities;	       /* its statement, below MIB_CAPABILITIES */
	const struct mib_table *const *tables; /* in the order of their OIDs */
	size_t count;
};

#define MIB_MODULES 4

extern const struct mib_module mib_modules[MIB_MODULES];

/* Name and version of this program (net-snmp's headers have others under the same macros). */
extern const char mib_agent_version[];

/* Where values come from. */
struct mib {
	const struct board *board;
	struct row_index *index;
	const struct accepted *accepted;
};

enum mib_result {
	MIB_FOUND,
	MIB_NO_OBJECT,	 /* there is no such column or scalar */
	MIB_NO_INSTANCE, /* it exists, but not for this row */
	MIB_END,	 /* nothing follows */
	MIB_UNREADABLE,	 /* the row can't be read just now: genErr */
};

struct mib_name {
	unsigned long oids[MIB_NAME_MAX];
	size_t length;
};

/* How two names, or parts of names, compare: <0, 0, >0. */
static inline int mib_compare(const unsigned long *one, size_t one_length,
	const unsigned long *other, size_t other_length)
{
	for (size_t i = 0; i < one_length && i < other_length; i++) {
		if (one[i] != other[i])
			return one[i] < other[i] ? -1 : 1;
	}
	return one_length < other_length ? -1 : one_length > other_length;
}

#endif
