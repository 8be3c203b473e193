/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_MIB_H
#define AGENT_SNMP_MIB_H

#include "agent/snmp/index.h"
#include "vrrp/status.h"

#include <stddef.h>
#include <stdint.h>

/* VRRPV3-MIB as tables of columns: what exists, its type, how it is read and whether it can be
 * written.  Look-up here knows nothing of net-snmp but the ASN.1 tags. */

#define MIB_ROOT     1, 3, 6, 1, 2, 1, 207
#define MIB_ROOT_LEN 7

/* Sub-identifiers below the root that an object of this MIB can have at most: table, entry, column
 * and instance. */
#define MIB_PREFIX_MAX 5
#define MIB_NAME_MAX   (MIB_PREFIX_MAX + INDEX_OIDS)

struct mib_value {
	uint8_t length; /* of octets */
	union {
		uint32_t number;  /* INTEGER, Gauge32, Counter32, TimeTicks */
		uint64_t counter; /* Counter64 */
		uint8_t octets[16];
	};
};

/* What a column is computed from. */
struct mib_source {
	union {
		struct status_router router;
		struct status_engine engine;
	};
	uint64_t now;	 /* CLOCK_MONOTONIC, ns */
	uint32_t uptime; /* the master's sysUpTime now, centiseconds */
};

struct mib_column {
	uint32_t number; /* last sub-identifier of its prefix */
	uint8_t type;	 /* ASN.1 tag */
	void (*read)(const struct mib_source *source, struct mib_value *value);
	const struct mib_write *write; /* NULL: read-only */
};

/* How a column is set: through the core, as an attribute of the router. */
struct mib_write {
	uint8_t attribute;  /* enum message_attribute */
	uint32_t low, high; /* values that can be set */
};

/* Columns under one prefix: of the routers' rows, or scalars (instance .0) of the engine's. */
struct mib_table {
	uint8_t scalars;
	uint8_t prefix_length;
	unsigned long prefix[MIB_PREFIX_MAX - 1];
	const struct mib_column *columns; /* their numbers rise */
	size_t count;
};

extern const struct mib_table operations_table;
extern const struct mib_table statistics_scalars;
extern const struct mib_table statistics_table;

/* Where values come from. */
struct mib {
	const struct board *board;
	struct row_index *index;
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

/* The column that a name below the root belongs to, with the sub-identifiers that follow it in
 * *instance and *instance_length; NULL if there is none. */
const struct mib_column *mib_find(const struct mib_table **table, const unsigned long *oids,
	size_t length, const unsigned long **instance, size_t *instance_length);

/* GET of a name below the root.  `source->now` and `source->uptime` are the caller's to set. */
enum mib_result mib_get(const struct mib *mib, const unsigned long *oids, size_t length,
	struct mib_source *source, const struct mib_column **column, struct mib_value *value);

/* GETNEXT: the first instance after a name below the root, its name below the root in *name. */
enum mib_result mib_next(const struct mib *mib, const unsigned long *oids, size_t length,
	struct mib_source *source, const struct mib_column **column, struct mib_value *value,
	struct mib_name *name);

#endif
