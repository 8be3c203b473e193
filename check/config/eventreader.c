/* SPDX-License-Identifier: ISC */
#include "check/config/eventreader.h"

#include "lib/clock.h"

#include <time.h>

#define BATCH	  256 /* events that are read before other work gets its turn */
#define WAIT_USEC (EVENTREADER_WAIT_MS * NSEC_PER_MSEC / NSEC_PER_USEC)

static int on_more(sd_event_source *source, void *context)
{
	struct eventreader *reader = context;

	reader->user->pump(reader->context);
	return 0;
}

static int on_patience(sd_event_source *source, uint64_t usec, void *context)
{
	struct eventreader *reader = context;

	reader->impatient = true;
	reader->user->pump(reader->context);
	return 0;
}

int eventreader_open(struct eventreader *reader, sd_event *loop, struct consumer *consumer,
	const struct eventreader_user *user, void *context)
{
	int error;

	*reader = (struct eventreader){.consumer = consumer,
		.user = user,
		.context = context,
		.lost = consumer_lost(consumer)};
	error = sd_event_add_defer(loop, &reader->more, on_more, reader);
	if (error >= 0)
		error = sd_event_source_set_enabled(reader->more, SD_EVENT_OFF);
	if (error >= 0)
		error = sd_event_add_time_relative(
			loop, &reader->patience, CLOCK_MONOTONIC, 0, 0, on_patience, reader);
	if (error >= 0)
		error = sd_event_source_set_enabled(reader->patience, SD_EVENT_OFF);
	return error < 0 ? error : 0;
}

void eventreader_close(struct eventreader *reader)
{
	reader->more = sd_event_source_disable_unref(reader->more);
	reader->patience = sd_event_source_disable_unref(reader->patience);
}

static bool take(struct eventreader *reader, const struct event *event, uint64_t number)
{
	return reader->user->take(reader->context, event, number);
}

static void hold(struct eventreader *reader, const struct event *event, uint64_t number)
{
	reader->held = *event;
	reader->held_number = number;
	sd_event_source_set_time_relative(reader->patience, WAIT_USEC);
	sd_event_source_set_enabled(reader->patience, SD_EVENT_ONESHOT);
}

static void read_batch(struct eventreader *reader)
{
	struct event event;
	uint64_t number;

	if (reader->held_number) {
		if (!take(reader, &reader->held, reader->held_number))
			return;
		reader->held_number = 0;
	}
	for (int i = 0; i < BATCH && consumer_next(reader->consumer, &event, &number); i++) {
		if (!take(reader, &event, number)) {
			hold(reader, &event, number);
			return;
		}
	}
}

void eventreader_read(struct eventreader *reader)
{
	uint64_t lost;

	read_batch(reader);
	lost = consumer_lost(reader->consumer);
	if (lost > reader->lost)
		reader->user->lost(reader->context, lost - reader->lost);
	reader->lost = lost;
}

void eventreader_go_on(struct eventreader *reader)
{
	bool more = !reader->held_number && consumer_pending(reader->consumer);

	sd_event_source_set_enabled(reader->more, more ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

void eventreader_image(struct eventreader *reader)
{
	reader->impatient = false;
}

void eventreader_stop(struct eventreader *reader)
{
	reader->stopping = true;
}

bool eventreader_is_impatient(const struct eventreader *reader)
{
	return reader->impatient || reader->stopping;
}

uint64_t eventreader_place(const struct eventreader *reader)
{
	return reader->held_number ? reader->held_number : consumer_ahead(reader->consumer);
}

bool eventreader_is_done(const struct eventreader *reader)
{
	return !reader->held_number && !consumer_pending(reader->consumer);
}
