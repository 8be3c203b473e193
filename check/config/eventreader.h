/* SPDX-License-Identifier: ISC */
#ifndef CHECK_CONFIG_EVENTREADER_H
#define CHECK_CONFIG_EVENTREADER_H

#include "lib/consumer.h"
#include "lib/event.h"

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

/* Reads the engine's events for somebody to whom they mean something only with the configuration:
 * an event of a router that no image has shown yet waits for the next one, and not for ever.  One
 * thread, the loop's. */

/* For the image that brings its virtual router: of a change of the configuration, the engine's
 * events can arrive before the image does. */
#define EVENTREADER_WAIT_MS 2000

struct eventreader_user {
	/* False: the event has to wait.  Not asked for while eventreader_is_impatient(). */
	bool (*take)(void *context, const struct event *event, uint64_t number);
	/* There may be something to read: eventreader_read() is to be called. */
	void (*pump)(void *context);
	/* So many more events were overwritten before they were read. */
	void (*lost)(void *context, uint64_t count);
};

struct eventreader {
	struct consumer *consumer; /* the caller's */
	const struct eventreader_user *user;
	void *context;
	sd_event_source *more;	   /* continue with the ring */
	sd_event_source *patience; /* an event waits for an image */
	struct event held;	   /* it */
	uint64_t held_number;	   /* 0: none */
	uint64_t lost;		   /* as told */
	bool impatient;		   /* no event waits before the next image has come */
	bool stopping;
};

/* 0 or a negative errno; eventreader_close() is for both. */
int eventreader_open(struct eventreader *reader, sd_event *loop, struct consumer *consumer,
	const struct eventreader_user *user, void *context);
void eventreader_close(struct eventreader *reader);

/* Has a batch of events taken, as far as they don't have to wait. */
void eventreader_read(struct eventreader *reader);

/* After what was read has been worked on: goes on in the loop's next turn if there is more. */
void eventreader_go_on(struct eventreader *reader);

/* The configuration is another one. */
void eventreader_image(struct eventreader *reader);

/* No event waits any more. */
void eventreader_stop(struct eventreader *reader);

/* An event that could wait is to be taken as it is. */
bool eventreader_is_impatient(const struct eventreader *reader);

/* The number of the first event that was not taken yet. */
uint64_t eventreader_place(const struct eventreader *reader);

/* Whether all that there is was taken. */
bool eventreader_is_done(const struct eventreader *reader);

#endif
