/* SPDX-License-Identifier: ISC */
#ifndef VRRP_APPLIER_RULE_H
#define VRRP_APPLIER_RULE_H

#include <stdbool.h>

#include "lib/image.h"
#include "vrrp/net/netlink_request.h"

/* Begins and fills a request that sets or removes a routing rule.  Set only if it is not there:
 * else the kernel says -EEXIST. */
void rule_put(struct requests *requests, const struct image_rule *rule, bool add);

#endif
