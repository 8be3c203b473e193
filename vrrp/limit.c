/* SPDX-License-Identifier: ISC */
#include "vrrp/limit.h"

bool limit_passes(struct engine_limit *limit, uint64_t now, uint64_t *suppressed)
{
	const uint64_t interval = LIMIT_INTERVAL << limit->doublings;

	if (now < limit->quiet_until) {
		limit->suppressed++;
		return false;
	}
	if (limit->suppressed == 0 || now - limit->quiet_until >= interval)
		limit->doublings = 0;
	else if (limit->doublings < LIMIT_DOUBLINGS)
		limit->doublings++;
	*suppressed = limit->suppressed;
	limit->suppressed = 0;
	limit->quiet_until = now + (LIMIT_INTERVAL << limit->doublings);
	return true;
}
