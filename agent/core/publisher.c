/* SPDX-License-Identifier: ISC */
#include "agent/core/publisher.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "agent/core/imagebuilder.h"
#include "lib/channel.h"
#include "lib/descriptor.h"
#include "lib/lifeline.h"
#include "lib/log.h"

#define RETRY_USEC  200000ull
#define PATIENCE_MS 30000 /* for an image of all virtual routers: users from the network */
#define TEXT_LENGTH 240
#define NO_ANSWER   "the engine did not answer within %" PRIu64 " ms"
#define NOT_SENT    "it could not be sent to the engine: %s"
#define USEC_PER_MS 1000ull
#define TIMER_SLACK 1000ull

/* The image under way; fd -1: none. */
struct outgoing {
	int fd;
	bool sent;
	int error; /* why it could not be sent yet, but for a full channel; or 0 */
	uint64_t generation;
	uint64_t base;
	uint64_t timeout_ms;
	const struct config *config; /* that it is of, */
	const struct slots *slots;   /* and its mapping; whoever waits keeps them until then */
	publisher_done *done;	     /* NULL: nobody waits (a resync) */
	void *context;
};

struct peer {
	int end;	     /* the caller's */
	uint64_t generation; /* of the image last sent */
};

struct publisher {
	sd_event *loop;
	int lifeline;
	int engine;
	sd_event_source *engine_source;
	sd_event_source *deadline;
	sd_event_source *retry;
	uint64_t next;
	uint64_t accepted;
	bool resync_wanted;
	char problem[TEXT_LENGTH]; /* why the engine has not what is in force; empty: it has */
	bool unsendable;	   /* something could not be sent lately, and that was said */
	struct outgoing out;
	struct peer peers[PEER_ROLE_COUNT]; /* agentx and check */
	const struct config *config;	    /* in force */
	const struct slots *slots;
};

static const char *const peer_names[PEER_ROLE_COUNT] = {
	[PEER_AGENTX] = "agentx", [PEER_CHECK] = "check"};

static void send_out(struct publisher *publisher);
static void work_off(struct publisher *publisher);

/* What is short of memory, or of room for descriptors on their way, is told of once. */
static int send_image(
	struct publisher *publisher, const char *to, int end, uint64_t generation, int fd)
{
	union message message;
	int error;

	message_init(&message, MESSAGE_IMAGE, generation);
	error = channel_send(end, &message, fd);
	if (error && error != -EAGAIN && error != -EPIPE && !publisher->unsendable) {
		publisher->unsendable = true;
		log_message(LOG_ERR,
			"the configuration can't be sent to %s, and is tried again: %s", to,
			strerror(-error));
	}
	if (!error)
		publisher->unsendable = false;
	return error;
}

static int on_retry(sd_event_source *source, uint64_t usec, void *context)
{
	work_off(context);
	return 0;
}

/* Comes back a little later to what could not be done now. */
static void retry_later(struct publisher *publisher)
{
	int error;

	if (publisher->retry) {
		sd_event_source_set_time_relative(publisher->retry, RETRY_USEC);
		sd_event_source_set_enabled(publisher->retry, SD_EVENT_ONESHOT);
		return;
	}
	error = sd_event_add_time_relative(publisher->loop, &publisher->retry, CLOCK_MONOTONIC,
		RETRY_USEC, TIMER_SLACK, on_retry, publisher);
	if (error < 0)
		log_message(LOG_ERR, "cannot set a timer: %s", strerror(-error));
}

/* A peer that has the base of the image that was just accepted gets that one. */
static void forward(struct publisher *publisher, const struct outgoing *image)
{
	for (size_t role = 0; role < PEER_ROLE_COUNT; role++) {
		struct peer *peer = &publisher->peers[role];

		if (peer->end < 0 || (image->base && peer->generation != image->base))
			continue;
		if (send_image(publisher, peer_names[role], peer->end, image->generation,
			    image->fd) == 0)
			peer->generation = image->generation;
	}
}

static bool is_behind(const struct publisher *publisher, const struct peer *peer)
{
	return peer->end >= 0 && publisher->accepted && peer->generation != publisher->accepted;
}

/* Sends what is in force to a peer that missed something.  False: it is to be tried again. */
static bool refresh_peer(struct publisher *publisher, size_t role, int fd)
{
	struct peer *peer = &publisher->peers[role];
	int error = send_image(publisher, peer_names[role], peer->end, publisher->accepted, fd);

	if (!error)
		peer->generation = publisher->accepted;
	return !error || error == -EPIPE;
}

/* Where nobody has asked for the time yet. */
static int build_anew(const struct publisher *publisher, uint64_t generation)
{
	lifeline_promise(publisher->lifeline, PATIENCE_MS);
	return image_build_whole(publisher->config, publisher->slots, generation);
}

static void refresh_peers(struct publisher *publisher)
{
	bool again = false;
	int fd = -1;

	for (size_t role = 0; role < PEER_ROLE_COUNT; role++) {
		struct peer *peer = &publisher->peers[role];

		if (!is_behind(publisher, peer) || !publisher->config)
			continue;
		if (fd < 0)
			fd = build_anew(publisher, publisher->accepted);
		if (fd < 0 || !refresh_peer(publisher, role, fd))
			again = true;
	}
	descriptor_close(fd);
	if (again)
		retry_later(publisher);
}

/* The image under way is over: nothing is under way when `done` is called. */
static void finish(struct publisher *publisher, enum message_error error, const char *text)
{
	struct outgoing out = publisher->out;

	publisher->out = (struct outgoing){.fd = -1};
	publisher->deadline = sd_event_source_disable_unref(publisher->deadline);
	if (error == MESSAGE_OK) {
		publisher->problem[0] = '\0';
		publisher->accepted = out.generation;
		forward(publisher, &out);
	}
	if (out.done)
		out.done(out.context, error, text);
	close(out.fd);
	work_off(publisher);
}

static int on_deadline(sd_event_source *source, uint64_t usec, void *context)
{
	struct publisher *publisher = context;
	char text[TEXT_LENGTH];

	if (publisher->out.error)
		snprintf(text, sizeof(text), NOT_SENT, strerror(-publisher->out.error));
	else
		snprintf(text, sizeof(text), NO_ANSWER, publisher->out.timeout_ms);
	log_message(LOG_ERR, "%s", text);
	publisher->resync_wanted = publisher->accepted != 0;
	finish(publisher, MESSAGE_REFUSED, text);
	return 0;
}

static void on_result(struct publisher *publisher, const struct message_outcome *outcome)
{
	const char *text = outcome->text[0] ? outcome->text : "no reason was given";
	bool refused_resync;

	if (publisher->out.fd < 0 || outcome->head.id != publisher->out.generation)
		return; /* the answer to an image that was given up */
	refused_resync = outcome->error && !publisher->out.done;
	if (refused_resync && !publisher->problem[0])
		log_message(LOG_ERR, "the engine refused the configuration in force: %s", text);
	if (refused_resync)
		snprintf(publisher->problem, sizeof(publisher->problem), "%s", text);
	/* It may have taken over a part of it before it found out. */
	if (outcome->error && publisher->accepted && !refused_resync)
		publisher->resync_wanted = true;
	finish(publisher, outcome->error ? MESSAGE_REFUSED : MESSAGE_OK,
		outcome->error ? text : "");
	if (refused_resync) {
		publisher->resync_wanted = true;
		retry_later(publisher);
	}
}

static void engine_gone(struct publisher *publisher, int error)
{
	log_message(LOG_ERR, "the channel to the engine is closed: %s", strerror(-error));
	publisher->engine_source = sd_event_source_disable_unref(publisher->engine_source);
}

static int on_engine(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct publisher *publisher = context;
	union message message;
	int attached, result;

	if (events & EPOLLOUT)
		send_out(publisher);
	if (!(events & ~(uint32_t)EPOLLOUT))
		return 0;
	result = channel_receive(fd, &message, &attached);
	if (result == -EPIPE) {
		engine_gone(publisher, result);
		return 0;
	}
	if (result < 0)
		log_message(LOG_WARNING, "a bad message from the engine: %s", strerror(-result));
	if (result <= 0)
		return 0;
	descriptor_close(attached);
	if (message.head.type == MESSAGE_IMAGE_RESULT)
		on_result(publisher, &message.outcome);
	return 0;
}

/* Hands the image to the engine, or waits until it reads, or tries again. */
static void send_out(struct publisher *publisher)
{
	uint32_t events = EPOLLIN;
	int error;

	if (publisher->out.fd >= 0 && !publisher->out.sent && publisher->engine_source) {
		error = send_image(publisher, "the engine", publisher->engine,
			publisher->out.generation, publisher->out.fd);
		publisher->out.sent = error == 0;
		publisher->out.error = error == -EAGAIN || error == -EPIPE ? 0 : error;
		if (error == -EAGAIN)
			events |= EPOLLOUT;
		else if (error == -EPIPE)
			log_message(LOG_ERR, "cannot send to the engine: %s", strerror(-error));
		else if (error)
			retry_later(publisher);
	}
	if (publisher->engine_source)
		sd_event_source_set_io_events(publisher->engine_source, events);
}

/* Takes over `fd`, an image of the next generation. */
static int begin(struct publisher *publisher, int fd, uint64_t base, uint64_t timeout_ms,
	publisher_done *done, void *context)
{
	int error = 0;

	if (fd < 0)
		return fd;
	if (timeout_ms)
		error = sd_event_add_time_relative(publisher->loop, &publisher->deadline,
			CLOCK_MONOTONIC, timeout_ms * USEC_PER_MS, TIMER_SLACK, on_deadline,
			publisher);
	if (error < 0) {
		close(fd);
		return error;
	}
	publisher->out = (struct outgoing){.fd = fd,
		.generation = publisher->next++,
		.base = base,
		.timeout_ms = timeout_ms,
		.done = done,
		.context = context};
	send_out(publisher);
	return 0;
}

static int resync(struct publisher *publisher)
{
	int fd = build_anew(publisher, publisher->next);

	return begin(publisher, fd, 0, 0, NULL, NULL);
}

/* What is due and possible now. */
static void work_off(struct publisher *publisher)
{
	if (publisher->resync_wanted && publisher->out.fd < 0 && publisher->config) {
		int error = resync(publisher);

		publisher->resync_wanted = error < 0;
		if (error < 0) {
			log_message(LOG_ERR, "cannot build the image: %s", strerror(-error));
			snprintf(publisher->problem, sizeof(publisher->problem), "%s",
				strerror(-error));
			retry_later(publisher);
		}
	}
	if (publisher->out.error)
		send_out(publisher);
	refresh_peers(publisher);
}

static int watch_engine(struct publisher *publisher, int engine)
{
	int error = sd_event_add_io(
		publisher->loop, &publisher->engine_source, engine, EPOLLIN, on_engine, publisher);

	if (error >= 0)
		publisher->engine = engine;
	return error < 0 ? error : 0;
}

struct publisher *publisher_new(sd_event *loop, int engine, uint64_t first, int lifeline)
{
	struct publisher *publisher = calloc(1, sizeof(*publisher));
	int error;

	if (!publisher)
		return NULL;
	publisher->loop = sd_event_ref(loop);
	publisher->engine = -1;
	publisher->next = first;
	publisher->lifeline = lifeline;
	publisher->out.fd = -1;
	for (size_t role = 0; role < PEER_ROLE_COUNT; role++)
		publisher->peers[role].end = -1;
	error = watch_engine(publisher, engine);
	if (!error)
		return publisher;
	publisher_free(publisher);
	errno = -error;
	return NULL;
}

struct publisher *publisher_free(struct publisher *publisher)
{
	if (!publisher)
		return NULL;
	sd_event_source_disable_unref(publisher->engine_source);
	sd_event_source_disable_unref(publisher->deadline);
	sd_event_source_disable_unref(publisher->retry);
	descriptor_close(publisher->engine);
	descriptor_close(publisher->out.fd);
	sd_event_unref(publisher->loop);
	free(publisher);
	return NULL;
}

void publisher_set_peer(struct publisher *publisher, enum message_peer_role role, int end)
{
	publisher->peers[role] = (struct peer){.end = end};
	refresh_peers(publisher);
}

void publisher_set_current(
	struct publisher *publisher, const struct config *config, const struct slots *slots)
{
	publisher->config = config;
	publisher->slots = slots;
}

/* Notes what an image that has begun is of; returns `error`, which it did not meet then. */
static int begin_of(struct publisher *publisher, const struct config *config,
	const struct slots *slots, int error)
{
	if (!error) {
		publisher->out.config = config;
		publisher->out.slots = slots;
	}
	return error;
}

int publisher_send_whole(struct publisher *publisher, const struct config *config,
	const struct slots *slots, uint64_t timeout_ms, publisher_done *done, void *context)
{
	if (publisher_busy(publisher))
		return -EBUSY;
	return begin_of(publisher, config, slots,
		begin(publisher, image_build_whole(config, slots, publisher->next), 0, timeout_ms,
			done, context));
}

int publisher_send_delta(struct publisher *publisher, const struct config *config,
	const struct slots *slots, struct image_changes *changes, uint64_t timeout_ms,
	publisher_done *done, void *context)
{
	int fd;

	if (publisher_busy(publisher))
		return -EBUSY;
	fd = image_build_delta(config, slots, publisher->next, publisher->accepted, changes);
	return begin_of(publisher, config, slots,
		begin(publisher, fd, publisher->accepted, timeout_ms, done, context));
}

void publisher_resync(struct publisher *publisher)
{
	publisher->resync_wanted = true;
	if (publisher->out.fd < 0)
		work_off(publisher);
}

const struct instance *publisher_coming(
	const struct publisher *publisher, uint32_t slot, const struct slot_identity **identity)
{
	const struct outgoing *out = &publisher->out;

	if (out->fd < 0 || !out->config)
		return NULL;
	*identity = slots_identity(out->slots, slot);
	return slots_instance(out->slots, out->config, slot);
}

bool publisher_busy(const struct publisher *publisher)
{
	return publisher->out.fd >= 0 || publisher->resync_wanted;
}

const char *publisher_problem(const struct publisher *publisher)
{
	const struct outgoing *out = &publisher->out;

	if (!out->done && out->error)
		return strerror(-out->error);
	return publisher->problem[0] ? publisher->problem : NULL;
}

uint64_t publisher_generation(const struct publisher *publisher)
{
	return publisher->accepted;
}
