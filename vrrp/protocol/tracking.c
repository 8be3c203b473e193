/* SPDX-License-Identifier: ISC */
#include "vrrp/protocol/tracking.h"

/* What a number can add at most: from the lowest priority to the highest that is not the owner's.
 */
#define SCALED_MAX 253

static bool is_product(const struct vrrp_tracked *tracked)
{
	return tracked->scaled && tracked->weight;
}

static int64_t product(const struct vrrp_tracked *tracked)
{
	int64_t result = (int64_t)tracked->value * tracked->weight;

	return tracked->reverse ? -result : result;
}

bool vrrp_tracked_is_fault(const struct vrrp_tracked *tracked)
{
	if (!tracked->known)
		return false;
	if (is_product(tracked))
		return product(tracked) < -SCALED_MAX;
	return !tracked->weight && tracked->failed != tracked->reverse;
}

int32_t vrrp_tracked_weight(const struct vrrp_tracked *tracked)
{
	if (tracked->known && is_product(tracked)) {
		int64_t result = product(tracked);

		if (result > SCALED_MAX)
			return SCALED_MAX;
		return result < -SCALED_MAX ? -SCALED_MAX : (int32_t)result;
	}
	if (!tracked->known || tracked->failed != (tracked->weight < 0))
		return 0;
	return tracked->reverse ? -tracked->weight : tracked->weight;
}

bool vrrp_tracked_is_awaited(const struct vrrp_tracked *tracked)
{
	return !tracked->known && (!tracked->weight || tracked->scaled);
}
