/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_ROWS_H
#define AGENT_SNMP_ROWS_H

#include "agent/snmp/column.h"

/* What the rows of a table are and how their instances are named: the engine (scalars), the virtual
 * routers in one of the index's orders, or things that each router has several of. */

struct mib_items {
	/* How many the router has. */
	size_t (*count)(const struct mib_source *source);
	/* The sub-identifiers that follow the router's; they rise with `nth`.  How many. */
	size_t (*name)(const struct mib_source *source, size_t nth, unsigned long *oids);
	/* Makes the nth what the columns are read from. */
	void (*choose)(struct mib_source *source, size_t nth);
};

struct mib_rows {
	bool scalars; /* one row, of the engine, whose instance is 0 */
	enum index_order order;
	const struct mib_items *items; /* NULL: a row is a router */
	bool statics; /* before them, as those of a router 0, come the static addresses */
	bool groups;  /* a row is a sync group */
	bool members; /* or a member of one */
};

extern const struct mib_rows rows_engine;
extern const struct mib_rows rows_v3;
extern const struct mib_rows rows_v3_addresses;
extern const struct mib_rows rows_v2;
extern const struct mib_rows rows_v2_addresses;
extern const struct mib_rows rows_slots;
extern const struct mib_rows rows_groups;
extern const struct mib_rows rows_members;
extern const struct mib_rows rows_slot_addresses; /* by their number, from 1 */

/* Reads the row of exactly this instance. */
enum mib_result rows_get(const struct mib *mib, const struct mib_rows *rows,
	const unsigned long *instance, size_t length, struct mib_source *source);

/* Reads the first row whose instance follows `instance` (NULL: the first there is) and appends its
 * own to *name.  MIB_NO_INSTANCE: none follows. */
enum mib_result rows_next(const struct mib *mib, const struct mib_rows *rows,
	const unsigned long *instance, size_t length, struct mib_source *source,
	struct mib_name *name);

#endif
