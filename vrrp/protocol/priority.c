/* SPDX-License-Identifier: ISC */
#include "vrrp/protocol/priority.h"

#include "vrrp/protocol/limits.h"

uint8_t vrrp_priority_effective(uint8_t configured, int32_t tracked_sum)
{
	int64_t sum = (int64_t)configured + tracked_sum;

	if (configured == VRRP_PRIORITY_OWNER)
		return VRRP_PRIORITY_OWNER;
	if (sum < VRRP_PRIORITY_MIN)
		return VRRP_PRIORITY_MIN;
	return sum > VRRP_PRIORITY_MAX ? VRRP_PRIORITY_MAX : (uint8_t)sum;
}
