/* SPDX-License-Identifier: ISC */
#ifndef VRRP_PROTOCOL_STEP_H
#define VRRP_PROTOCOL_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vrrp/protocol/router.h"

/*
 * One virtual router: RFC 9568 section 6, and RFC 3768 for version 2.
 *
 * A router is a plain struct of three parts.  The configuration is what somebody wants, the state
 * is where the protocol stands, the statistics only count.  Nothing here asks for the time, calls
 * the system, allocates or logs: vrrp_step() takes one event and the time it is handled at, changes
 * the router, and says in `actions` what the world must be told.  The same event at the same time
 * on the same router always gives the same actions, so a test, a fuzzer and a simulation see what
 * the engine sees.
 *
 * The caller owns the router, may read every field between steps, and writes none of them.  One
 * router belongs to one thread at a time; different routers are independent.  `now` is nanoseconds
 * of one monotonic clock and never goes back.  Actions are to be carried out in their order: an
 * advertisement comes before the slower things it promises.
 *
 * There is one deadline.  ARM gives its absolute time and replaces the one before; when it is
 * reached the caller says VRRP_EVENT_DEADLINE.  An Active's deadline is its next advertisement and
 * may be reported up to vrrp_advert_slack() of its configured interval early; a Backup's is
 * Active_Down and may not.  A caller that wakes up late reads its sockets before it reports a
 * deadline.  A deadline that was reported is armed anew, for later than it was reported, or
 * disarmed; one reported too early is armed again as it was and does nothing else.
 *
 * A router is started when told to (START) and able to (LINK up with an address to send from, and
 * nothing tracked in failure).  Told but not able is Fault; not told is Initialize.  A router that
 * is in neither Backup nor Active hears nothing and counts nothing.
 *
 * On the way to Active: SEND_ADVERT, ARM, OWN_ADDRESSES(true), STATE_CHANGED.  When the addresses
 * are in place the caller says ADDRESSES_APPLIED and gets ANNOUNCE; if that can't be done, it says
 * ADDRESSES_FAILED and the router gives up its place (priority 0, Fault).  It tries again after
 * 10 s, and after each further failure in a row twice as long, at most 640 s: each try may take
 * the place from a router that can fill it.
 *
 * A member of a sync group (group.h) does not go Active by itself: where it would, it becomes
 * willing, without a deadline, until it hears an Active that it has to follow.
 *
 * The list of addresses stays the caller's: it lives until the step that handles the CONFIGURED
 * event with another one has returned, since the two are compared there.
 */

/* A router in Initialize, not started, its link taken for down until it is told otherwise.  The
 * configuration is copied (its addresses are not). */
void vrrp_router_init(struct vrrp_router *router, const struct vrrp_configuration *configuration);

/* Handles one event; `actions` is overwritten. */
void vrrp_step(struct vrrp_router *router, uint64_t now, const struct vrrp_event *event,
	struct vrrp_actions *actions);

#endif
