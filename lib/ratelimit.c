/* SPDX-License-Identifier: ISC */
#include "lib/ratelimit.h"

bool ratelimit_passes(struct ratelimit *limit, uint64_t now, uint64_t *suppressed)
{
	const uint64_t interval = RATELIMIT_INTERVAL << limit->doublings;

	if (now < limit->quiet_until) {
		limit->suppressed++;
		return false;
	}
	if (limit->suppressed == 0 || now - limit->quiet_until >= interval)
		limit->doublings = 0;
	else if (limit->doublings < RATELIMIT_DOUBLINGS)
		limit->doublings++;
	*suppressed = limit->suppressed;
	limit->suppressed = 0;
	limit->quiet_until = now + (RATELIMIT_INTERVAL << limit->doublings);
	return true;
}
