/* SPDX-License-Identifier: ISC */
#ifndef CHECK_NOTIFY_H
#define CHECK_NOTIFY_H

#include "check/table.h"
#include "lib/consumer.h"

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

/* From transitions to scripts: a queue for each slot, whose scripts run one after the other, and a
 * bookmark that follows the oldest event that is not done.
 *
 * A script gets the arguments of the configuration, then the priority if the command's flag says
 * so, and in its environment, besides what check/become.h lists, VRRP_INSTANCE (the name),
 * VRRP_INTERFACE, VRRP_FAMILY (ipv4 or ipv6), VRRP_VRID and VRRP_PRIORITY (effective at the
 * transition). */

#define NOTIFY_QUEUE_MAX   64 /* transitions that wait in one virtual router */
#define NOTIFY_RUNNING_MAX 32 /* scripts at a time */

/* How long an event may wait for the image that brings its virtual router: of a change of the
 * configuration, the engine's events can arrive before the image does. */
#define NOTIFY_IMAGE_WAIT_MS 2000

struct notify;

/* Uses all three for as long as it lives.  NULL: errno says why. */
struct notify *notify_create(sd_event *loop, struct consumer *consumer, const struct table *table);

/* Kills what runs. */
struct notify *notify_free(struct notify *notify);

/* There may be new events. */
void notify_pump(struct notify *notify);

/* A new image is in the table: events that waited for it are looked at again. */
void notify_image(struct notify *notify);

/* Everything that the ring holds now is taken, without waiting for images any more. */
void notify_stop(struct notify *notify);

/* Whether nothing runs, waits or is left in the ring. */
bool notify_idle(const struct notify *notify);

struct notify_counts {
	uint64_t given_up; /* transitions that a full queue lost */
	uint64_t unknown;  /* transitions of virtual routers that no image held */
	uint64_t waiting;  /* transitions whose scripts have not all ended */
	uint64_t running;  /* scripts */
};

struct notify_counts notify_counts(const struct notify *notify);

#endif
