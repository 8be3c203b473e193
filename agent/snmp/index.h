/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_INDEX_H
#define AGENT_SNMP_INDEX_H

#include "lib/board.h"
#include "vrrp/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The virtual routers of the status board in the order of VRRPV3-MIB's tables: by ifIndex, VRID and
 * address family.  Finding a row or the next one costs O(log n).  Routers whose interface has no
 * ifIndex yet are not in it. */

#define INDEX_OIDS 3 /* sub-identifiers of a row's instance */

/* ifIndex, VRID and family packed so that keys compare like the instances' OIDs. */
typedef uint64_t index_key;

static inline index_key index_key_make(uint32_t interface_index, uint8_t vrid, uint8_t family)
{
	return (uint64_t)interface_index << 16 | (uint64_t)vrid << 8 | family;
}

static inline index_key index_key_of(const struct status_router *router)
{
	return index_key_make(router->interface_index, router->vrid, router->family);
}

struct row_index;

/* Over a board that outlives it.  NULL: no memory. */
struct row_index *index_create(const struct board *board);

struct row_index *index_free(struct row_index *index);

/* Brings the index up to date if rows came or went since, if it was found stale, or if it is older
 * than a second (a row moves with its interface's ifIndex).  0, or -EAGAIN if a row could not be
 * read or -ENOMEM: the index stays as it was. */
int index_refresh(struct row_index *index, uint64_t now);

size_t index_count(const struct row_index *index);

/* Reads the row with exactly this key.  1: found, 0: there is none, -EAGAIN: it can't be read just
 * now. */
int index_get(struct row_index *index, index_key key, struct status_router *router);

/* Reads the first row whose key is at least `from`: the same results. */
int index_next(struct row_index *index, index_key from, struct status_router *router);

/* The key for which a row is meant by the sub-identifiers.  false: no row can be meant, because
 * there are not three of them or one is out of range. */
bool index_key_parse(const unsigned long *oids, size_t count, index_key *key);

/* The smallest key whose instance follows the (partial, overlong, impossible) instance `oids`.
 * false: none can. */
bool index_key_after(const unsigned long *oids, size_t count, index_key *key);

void index_key_oids(index_key key, unsigned long oids[INDEX_OIDS]);

#endif
