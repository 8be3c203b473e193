/* SPDX-License-Identifier: ISC */
#ifndef CHECK_TRACK_REGISTRY_H
#define CHECK_TRACK_REGISTRY_H

#include "check/script/runlist.h"
#include "lib/image.h"
#include "lib/tracker.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

/* The trackers of the configuration, whatever their kind: started, changed and stopped as images
 * say, and what each finds out told to the engine.  What is told is a state: of two that follow
 * each other before the engine reads, it gets the last.  All are told again with each whole image,
 * since the engine may not have known some of them before. */

struct registry;

/* What the next life of the check process finds of a tracker: words of its own, zero at first, and
 * what runs for it now. */
struct registry_memory {
	struct runlist_entry running;
	_Atomic uint64_t identity;
	_Atomic uint64_t word;
};

/* A tracker as its kind sees it.  Stays where it is for as long as the tracker exists. */
struct registry_entry {
	struct registry *registry;
	sd_event *loop;
	const char *name;
	struct image_tracker parameters; /* its strings are here: */
	char **arguments;		 /* NULL after the last */
	struct registry_memory *memory;	 /* never NULL; its `word` is the kind's */
	void *object;			 /* the kind's */
};

/* What a kind does.  The entry has the new parameters when `change` is called, with those before
 * beside it. */
struct registry_kind {
	int (*start)(struct registry_entry *entry); /* 0 or a negative errno */
	void (*change)(struct registry_entry *entry, const struct registry_entry *before);
	void (*stop)(struct registry_entry *entry);
};

/* By enum image_tracker_kind: trackerkinds.c. */
extern const struct registry_kind *const registry_kinds[IMAGE_TRACKER_KIND_COUNT];

/* `engine`: the channel to it, the registry's then, or -1.  `memories`: one for each slot.  What
 * runs since a predecessor is killed.  NULL: errno says why. */
struct registry *registry_create(sd_event *loop, int engine, struct registry_memory *memories);

/* Stops all trackers. */
struct registry *registry_free(struct registry *registry);

/* Takes an image over; a delta has no trackers.  0 or -ENOMEM. */
int registry_apply(struct registry *registry, const struct image *image);

/* For kinds: what the entry's tracker is now. */
void registry_report(struct registry_entry *entry, uint8_t state, uint8_t result, int32_t value);

#endif
