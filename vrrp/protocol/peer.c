/* SPDX-License-Identifier: ISC */
#include "vrrp/protocol/peer.h"

#include <stdlib.h>

static int compare_peers(const void *left, const void *right)
{
	const struct vrrp_peer *a = left, *b = right;

	return vrrp_address_compare(&a->address, &b->address);
}

const struct vrrp_peer *vrrp_peer_find(
	const struct vrrp_peer *peers, size_t count, const struct vrrp_address *address)
{
	const struct vrrp_peer wanted = {.address = *address};

	if (!count)
		return NULL;
	return bsearch(&wanted, peers, count, sizeof(*peers), compare_peers);
}
