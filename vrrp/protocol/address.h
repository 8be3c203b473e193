/* SPDX-License-Identifier: ISC */
#ifndef VRRP_PROTOCOL_ADDRESS_H
#define VRRP_PROTOCOL_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The numbers are InetAddressType's (RFC 4001); a zeroed address is "none". */
enum vrrp_family {
	VRRP_FAMILY_NONE = 0,
	VRRP_IPV4 = 1,
	VRRP_IPV6 = 2,
};

/* An address in network order.  Octets beyond the family's length are zero, so that two equal
 * addresses are equal octet by octet. */
struct vrrp_address {
	uint8_t family; /* enum vrrp_family */
	uint8_t bytes[16];
};

/* Octets of an address of that family: 4, 16, or 0 for none. */
size_t vrrp_address_length(enum vrrp_family family);

/* The address whose octets are at `bytes` (vrrp_address_length(family) of them). */
struct vrrp_address vrrp_address_make(enum vrrp_family family, const void *bytes);

static inline bool vrrp_address_is_set(const struct vrrp_address *address)
{
	return address->family != VRRP_FAMILY_NONE;
}

/* Negative, 0 or positive, as memcmp: unsigned, most significant octet first, which is how RFC 9568
 * 6.4.3 settles a tie.  Addresses of different families order by family. */
int vrrp_address_compare(const struct vrrp_address *left, const struct vrrp_address *right);
bool vrrp_address_equal(const struct vrrp_address *left, const struct vrrp_address *right);

bool vrrp_address_is_unspecified(const struct vrrp_address *address);
bool vrrp_address_is_multicast(const struct vrrp_address *address); /* 224/4, ff00::/8 */

/* The MAC of a multicast group on an Ethernet, six octets (RFC 1112 6.4, RFC 2464 7). */
void vrrp_address_group_mac(const struct vrrp_address *group, uint8_t *mac);

bool vrrp_address_is_link_local(const struct vrrp_address *address); /* 169.254/16, fe80::/10 */

/* False for what no host may send from: none, unspecified, loopback, multicast, broadcast. */
bool vrrp_address_is_valid_source(const struct vrrp_address *address);

/* Whether `count` addresses of `family` at `wire` (packed, network order) are the set of `list`,
 * in any order.  Bounded time: O(n) in the same order, O(n log n) otherwise.
 * count <= VRRP_ADDRESSES_MAX. */
bool vrrp_address_same_set(enum vrrp_family family, const uint8_t *wire, size_t wire_count,
	const struct vrrp_address *list, size_t list_count);

#endif
