/* SPDX-License-Identifier: ISC */
#include "vrrp/protocol/timer.h"

#include "lib/hot.h"
#include "vrrp/protocol/limits.h"

uint64_t vrrp_skew(uint8_t version, uint8_t priority, uint64_t interval)
{
	const uint64_t scale = version == VRRP_VERSION_2 ? VRRP_SECOND : interval;

	return (256u - priority) * scale / 256u;
}

uint64_t vrrp_active_down(uint8_t version, uint8_t priority, uint64_t interval, uint8_t adverts)
{
	return adverts * interval + vrrp_skew(version, priority, interval);
}

HOT uint64_t vrrp_advert_slack(uint64_t interval)
{
	const uint64_t most = 5 * VRRP_MILLISECOND;

	return interval / 100 < most ? interval / 100 : most;
}
