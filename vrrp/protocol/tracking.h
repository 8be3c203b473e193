/* SPDX-License-Identifier: ISC */
#ifndef VRRP_PROTOCOL_TRACKING_H
#define VRRP_PROTOCOL_TRACKING_H

#include <stdbool.h>
#include <stdint.h>

/* What something tracked means for a virtual router, with the weight that it has there.  As
 * keepalived:
 *  - without a weight it is a fault while it has failed (in reverse: while it has not);
 *  - a positive weight is added while it is good, a negative one while it has failed (in reverse:
 *    subtracted);
 *  - a number with a weight is multiplied by it and added, within -253 and 253; a fault below;
 *  - as long as nothing is known, there is no fault and no weight. */

struct vrrp_tracked {
	bool known;
	bool failed;
	bool reverse;
	bool scaled; /* it is a number, `value`; has failed if that is not 0 */
	int32_t value;
	int32_t weight;
};

/* Whether it is a fault of the router's. */
bool vrrp_tracked_is_fault(const struct vrrp_tracked *tracked);

/* What it adds to the priority. */
int32_t vrrp_tracked_weight(const struct vrrp_tracked *tracked);

/* Whether a router that has not begun yet waits until it is known: if it could be a fault. */
bool vrrp_tracked_is_awaited(const struct vrrp_tracked *tracked);

#endif
