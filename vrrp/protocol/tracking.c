/* SPDX-License-Identifier: ISC */
#include "vrrp/protocol/tracking.h"

bool vrrp_tracked_is_fault(const struct vrrp_tracked *tracked)
{
	return tracked->known && !tracked->weight && tracked->failed != tracked->reverse;
}

int32_t vrrp_tracked_weight(const struct vrrp_tracked *tracked)
{
	if (!tracked->known || tracked->failed != (tracked->weight < 0))
		return 0;
	return tracked->reverse ? -tracked->weight : tracked->weight;
}

bool vrrp_tracked_is_awaited(const struct vrrp_tracked *tracked)
{
	return !tracked->known && !tracked->weight;
}
