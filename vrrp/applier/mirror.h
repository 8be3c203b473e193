/* SPDX-License-Identifier: ISC */
#ifndef VRRP_APPLIER_MIRROR_H
#define VRRP_APPLIER_MIRROR_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "vrrp/protocol/address.h"

/*
 * The kernel's links and their addresses as a data structure: found by index, name and address in
 * constant time.  monitor.c keeps it.  Applier thread only.  A zeroed one is empty.
 */

#define MIRROR_MAC	 6
#define MIRROR_NO_NUMBER UINT32_MAX

struct mirror_address {
	LIST_ENTRY(mirror_address) in_bucket;
	TAILQ_ENTRY(mirror_address) in_link;
	struct mirror_link *link;
	struct vrrp_address address;
	uint8_t prefix_length;
	uint8_t scope;
	uint8_t tag; /* IFA_PROTO, 0: none */
	bool seen;   /* by the dump under way */
	uint32_t flags;
};

struct mirror_link {
	LIST_ENTRY(mirror_link) by_index;
	LIST_ENTRY(mirror_link) by_name;
	TAILQ_HEAD(, mirror_address) addresses; /* in the order in which they came */
	uint32_t index;
	uint32_t number; /* of the interface, or MIRROR_NO_NUMBER */
	uint32_t flags;	 /* IFF_* */
	uint32_t mtu;
	char name[IF_NAMESIZE];
	uint8_t mac[MIRROR_MAC];
	bool ethernet;
	bool seen; /* by the dump under way */
};

#define MIRROR_LINK_BUCKETS    4096
#define MIRROR_ADDRESS_BUCKETS 32768

struct mirror {
	LIST_HEAD(, mirror_link) by_index[MIRROR_LINK_BUCKETS];
	LIST_HEAD(, mirror_link) by_name[MIRROR_LINK_BUCKETS];
	LIST_HEAD(, mirror_address) addresses[MIRROR_ADDRESS_BUCKETS];
};

/* The link with that index of the kernel's, or that bears that name; NULL: there is none.  It lasts
 * until it is removed. */
struct mirror_link *mirror_link(const struct mirror *mirror, uint32_t index);
struct mirror_link *mirror_link_named(const struct mirror *mirror, const char *name);

/* A new link with an index that none has, not yet on any list of names.  NULL: out of memory. */
struct mirror_link *mirror_add_link(struct mirror *mirror, uint32_t index);

/* Gives it the name, or another one. */
void mirror_name_link(struct mirror *mirror, struct mirror_link *link, const char *name);

/* Forgets it and its addresses. */
void mirror_remove_link(struct mirror_link *link);

/* The address on the link with that index, or NULL.  prefix_length: -1 for any. */
struct mirror_address *mirror_address(const struct mirror *mirror, uint32_t index,
	const struct vrrp_address *address, int prefix_length);

/* Whether any link has the address with none of those IFA_F_* flags. */
bool mirror_holds(
	const struct mirror *mirror, const struct vrrp_address *address, uint32_t without);

/* A new address, the link's last.  NULL: out of memory. */
struct mirror_address *mirror_add_address(struct mirror *mirror, struct mirror_link *link,
	const struct vrrp_address *address, uint8_t prefix_length);

/* Forgets it. */
void mirror_remove_address(struct mirror_address *address);

/* Forgets everything. */
void mirror_clear(struct mirror *mirror);

#endif
