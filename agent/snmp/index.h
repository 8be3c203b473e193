/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_INDEX_H
#define AGENT_SNMP_INDEX_H

#include "lib/board.h"
#include "vrrp/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The virtual routers of the status board in the orders of the MIBs' tables.  Finding a row or the
 * next one costs O(log n). */

enum index_order {
	INDEX_V3,   /* VRRPV3-MIB: ifIndex, VRID, address family */
	INDEX_V2,   /* VRRP-MIB: ifIndex, VRID of the version 2 routers */
	INDEX_SLOT, /* KEEPALIVED-MIB: slot, counted from 1; also without an ifIndex */
	INDEX_ORDERS
};

#define INDEX_OIDS                                                                    \
	3 /* sub-identifiers of a row's instance in VRRPV3-MIB, the most in any order \
	   */

/* The sub-identifiers packed so that keys of one order compare like the instances' OIDs. */
typedef uint64_t index_key;

/* A key of VRRPV3-MIB. */
static inline index_key index_key_make(uint32_t interface_index, uint8_t vrid, uint8_t family)
{
	return (uint64_t)interface_index << 16 | (uint64_t)vrid << 8 | family;
}

/* Its parts. */
static inline uint32_t index_key_interface(index_key key)
{
	return (uint32_t)(key >> 16);
}

static inline uint8_t index_key_vrid(index_key key)
{
	return (uint8_t)(key >> 8);
}

static inline uint8_t index_key_family(index_key key)
{
	return (uint8_t)key;
}

static inline index_key index_key_of(const struct status_router *router)
{
	return index_key_make(router->interface_index, router->vrid, router->family);
}

/* A virtual router as it was found on the board. */
struct index_row {
	struct status_router router;
	uint32_t slot;
};

struct row_index;

/* Over a board that outlives it.  NULL: no memory. */
struct row_index *index_create(const struct board *board);

struct row_index *index_free(struct row_index *index);

/* Brings the index up to date if rows came or went since, if it was found stale, or if it is older
 * than a second (a row moves with its interface's ifIndex).  0, or -EAGAIN if a row could not be
 * read: the index stays as it was. */
int index_refresh(struct row_index *index, uint64_t now);

/* How many rows an order has. */
size_t index_count(const struct row_index *index, enum index_order order);

/* Reads the row with exactly this key.  1: found, 0: there is none, -EAGAIN: it can't be read just
 * now. */
int index_get(
	struct row_index *index, enum index_order order, index_key key, struct index_row *row);

/* Reads the first row whose key is at least `from`: the same results. */
int index_next(
	struct row_index *index, enum index_order order, index_key from, struct index_row *row);

/* The key of a row in an order. */
index_key index_row_key(enum index_order order, const struct index_row *row);

/* Sub-identifiers of a row's instance. */
size_t index_length(enum index_order order);

/* The key for which a row is meant by the sub-identifiers.  false: no row can be meant, because
 * they are not as many as the order has or one is out of range. */
bool index_key_parse(
	enum index_order order, const unsigned long *oids, size_t count, index_key *key);

/* The smallest key whose instance follows the (partial, overlong, impossible) instance `oids`.
 * false: none can. */
bool index_key_after(
	enum index_order order, const unsigned long *oids, size_t count, index_key *key);

void index_key_oids(enum index_order order, index_key key, unsigned long *oids);

#endif
