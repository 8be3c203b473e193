/* SPDX-License-Identifier: ISC */
#ifndef CHECK_NOTIFY_DISPATCH_H
#define CHECK_NOTIFY_DISPATCH_H

#include "check/config/scripttable.h"
#include "lib/consumer.h"

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

/* From what happens to scripts: a queue for each slot of routers and of groups, whose scripts run
 * one after the other, and a bookmark that follows the oldest event that is not done.
 *
 * A script gets the arguments of the configuration, then the priority (of a group: 0) if the
 * command's flag says so, and in its environment, besides what check/script/become.h lists,
 * VRRP_INSTANCE (the name), VRRP_INTERFACE, VRRP_FAMILY (ipv4 or ipv6), VRRP_VRID and VRRP_PRIORITY
 * (effective then); of a group, VRRP_GROUP (the name) alone. */

#define DISPATCH_QUEUE_MAX   64 /* transitions that wait in one virtual router */
#define DISPATCH_RUNNING_MAX 32 /* scripts at a time */

struct dispatch;

/* Uses all three for as long as it lives.  NULL: errno says why. */
struct dispatch *dispatch_create(
	sd_event *loop, struct consumer *consumer, const struct scripttable *table);

/* Kills what runs. */
struct dispatch *dispatch_free(struct dispatch *dispatch);

/* There may be new events. */
void dispatch_pump(struct dispatch *dispatch);

/* A new image is in the table: events that waited for it are looked at again. */
void dispatch_image(struct dispatch *dispatch);

/* Everything that the ring holds now is taken, without waiting for images any more. */
void dispatch_stop(struct dispatch *dispatch);

/* The number of the first event that was not looked at yet, or waits for an image. */
uint64_t dispatch_taken(const struct dispatch *dispatch);

/* Whether nothing runs, waits or is left in the ring. */
bool dispatch_idle(const struct dispatch *dispatch);

struct dispatch_counts {
	uint64_t given_up; /* transitions that a full queue lost */
	uint64_t unknown;  /* transitions of virtual routers that no image held */
	uint64_t waiting;  /* transitions whose scripts have not all ended */
	uint64_t running;  /* scripts */
};

struct dispatch_counts dispatch_counts(const struct dispatch *dispatch);

#endif
