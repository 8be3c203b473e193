/* SPDX-License-Identifier: ISC */
#include "check/notify/fifo.h"

#include "check/notify/fifofile.h"
#include "check/notify/fifoline.h"
#include "check/script/script.h"
#include "lib/clock.h"
#include "lib/descriptor.h"
#include "lib/fifonotes.h"
#include "lib/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define AGAIN_MS      5000 /* after the file could not be opened */
#define DRAIN_MS      20   /* between two looks whether the program has read all */
#define USEC_PER_MSEC (NSEC_PER_MSEC / NSEC_PER_USEC)

static const char *const words[IMAGE_FIFOS] = {"notify_fifo", "vrrp_notify_fifo"};

struct fifo {
	sd_event *loop;
	enum image_fifo_kind kind;
	struct consumer *consumer;
	const struct scripttable *table;
	struct runlist_entry *notes;
	struct fifofile_note *made;
	_Atomic uint64_t *written; /* lines, over all lives */
	char *path;		   /* NULL: not configured */
	uid_t uid;
	gid_t gid;
	int fd;
	sd_event_source *writable;
	sd_event_source *timer; /* opens again, or looks whether all was read */
	uint64_t before;	/* of the last pump */
	uint64_t told_lost;	/* as logged */
	char *line;		/* the rest of one that was written in part, or NULL */
	size_t length, done;
	uint64_t number;	/* of its event */
	struct command command; /* no arguments: there is no program */
	struct script *script;
	struct runlist_entry *note;
	bool failed; /* to open: said already */
	bool stopping, keep, stopped;
	uint64_t patience; /* stopping: until then the program may read */
};

static const char *word(const struct fifo *fifo)
{
	return words[fifo->kind];
}

static void close_file(struct fifo *fifo)
{
	fifo->writable = sd_event_source_disable_unref(fifo->writable);
	fifo->fd = descriptor_close(fifo->fd);
}

static void set_timer(struct fifo *fifo, uint64_t ms)
{
	sd_event_source_set_time_relative(fifo->timer, ms * USEC_PER_MSEC);
	sd_event_source_set_enabled(fifo->timer, SD_EVENT_ONESHOT);
}

static int on_writable(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct fifo *fifo = context;

	fifo_pump(fifo, fifo->before);
	return 0;
}

static int open_file(struct fifo *fifo)
{
	int error = fifofile_open(fifo->path, fifo->uid, fifo->gid, fifo->made);

	if (error >= 0) {
		fifo->fd = error;
		error = sd_event_add_io(
			fifo->loop, &fifo->writable, fifo->fd, EPOLLOUT, on_writable, fifo);
	}
	if (error >= 0) {
		fifo->failed = false;
		return sd_event_source_set_enabled(fifo->writable, SD_EVENT_OFF);
	}
	close_file(fifo);
	if (!fifo->failed)
		log_message(LOG_ERR, "%s %s: %s; trying on", word(fifo), fifo->path,
			error == -ENOTSUP ? "something is there that is no FIFO"
					  : strerror(-error));
	fifo->failed = true;
	set_timer(fifo, AGAIN_MS);
	return error;
}

static void on_reader_ended(void *context)
{
	struct fifo *fifo = context;

	fifo->script = NULL;
	runlist_erase(fifo->note);
	fifo->note = NULL;
	if (!fifo->stopping && fifo->command.argument_count)
		log_message(LOG_WARNING, "%s: %s has ended; a reload starts it again", word(fifo),
			fifo->command.arguments[0]);
}

static void start_reader(struct fifo *fifo)
{
	struct spawn_request request = {.arguments = fifo->command.arguments,
		.appended = fifo->path,
		.uid = fifo->command.uid,
		.gid = fifo->command.gid};
	int error;

	if (!fifo->command.argument_count || fifo->script || fifo->fd < 0 || fifo->stopping)
		return;
	request.note = runlist_claim(fifo->notes);
	error = script_start(&fifo->script, fifo->loop, word(fifo), &request, SCRIPT_NO_TIMEOUT,
		on_reader_ended, fifo);
	fifo->note = error ? NULL : request.note;
	if (!error)
		return;
	runlist_erase(request.note);
	log_message(LOG_ERR, "%s: %s could not be started: %s; trying on", word(fifo),
		request.arguments[0], strerror(-error));
	set_timer(fifo, AGAIN_MS);
}

static void end_reader(struct fifo *fifo)
{
	fifo->script = script_abandon(fifo->script);
	runlist_erase(fifo->note);
	fifo->note = NULL;
}

/* Each time that twice as many have gone. */
static void log_losses(struct fifo *fifo)
{
	uint64_t lost = consumer_lost(fifo->consumer);

	if (!fifo->path || lost < fifo->told_lost + 1 || lost < 2 * fifo->told_lost)
		return;
	log_message(LOG_ERR,
		"%s %s: its reader is too slow, or there is none: %llu events were lost so far",
		word(fifo), fifo->path, (unsigned long long)lost);
	fifo->told_lost = lost;
}

/* The event that was peeked at becomes a line.  False: it is not told. */
static bool make_line(struct fifo *fifo, const struct event *event)
{
	const struct instance *instance = NULL;

	if (fifoline_tells(event))
		instance = scripttable_find(fifo->table, event);
	if (!instance || fifoline_make(instance, event, &fifo->line, &fifo->length) <= 0)
		return false;
	fifo->done = 0;
	fifo->number = consumer_place(fifo->consumer);
	return true;
}

static void drop_line(struct fifo *fifo)
{
	free(fifo->line);
	fifo->line = NULL;
}

/* Writes what is left of the line.  False: the FIFO is full. */
static bool write_line(struct fifo *fifo)
{
	while (fifo->line && fifo->done < fifo->length) {
		ssize_t part = write(fifo->fd, fifo->line + fifo->done, fifo->length - fifo->done);

		if (part < 0 && errno == EINTR)
			continue;
		if (part < 0)
			return false;
		fifo->done += (size_t)part;
	}
	if (!fifo->line)
		return true;
	drop_line(fifo);
	atomic_fetch_add(fifo->written, 1);
	if (consumer_place(fifo->consumer) == fifo->number)
		consumer_done_before(fifo->consumer, fifo->number + 1);
	return true;
}

static void tell_all(struct fifo *fifo)
{
	struct event event;
	bool full = !write_line(fifo);

	while (!full && consumer_peek(fifo->consumer, &event) &&
		consumer_place(fifo->consumer) < fifo->before) {
		if (make_line(fifo, &event))
			full = !write_line(fifo);
		else
			consumer_done(fifo->consumer);
	}
	/* It is made anew from the ring, which may have overwritten the event: that is counted. */
	if (full && fifo->done == 0)
		drop_line(fifo);
	sd_event_source_set_enabled(fifo->writable, full ? SD_EVENT_ON : SD_EVENT_OFF);
}

void fifo_pump(struct fifo *fifo, uint64_t before)
{
	fifo->before = before;
	/* Where it is not configured, what happens is not kept for when it will be. */
	if (!fifo->path)
		consumer_done_before(fifo->consumer, before);
	else if (fifo->fd >= 0)
		tell_all(fifo);
	log_losses(fifo);
}

static void forget(struct fifo *fifo)
{
	end_reader(fifo);
	close_file(fifo);
	if (fifo->path && !fifo->keep)
		fifofile_remove(fifo->path, fifo->made);
	free(fifo->path);
	fifo->path = NULL;
	drop_line(fifo);
	fifo->failed = false;
	sd_event_source_set_enabled(fifo->timer, SD_EVENT_OFF);
}

static bool same_command(const struct command *one, const struct command *other)
{
	if (one->argument_count != other->argument_count || one->uid != other->uid ||
		one->gid != other->gid)
		return false;
	for (size_t i = 0; i < one->argument_count; i++) {
		if (strcmp(one->arguments[i], other->arguments[i]) != 0)
			return false;
	}
	return true;
}

static void take_command(struct fifo *fifo, const struct image *image)
{
	const struct image_span span =
		image_header(image)->hooks[fifo->kind == IMAGE_FIFO_ALL ? IMAGE_HOOK_FIFO
									: IMAGE_HOOK_VRRP_FIFO];
	struct command next = {0};

	if (span.count && !command_copy(&next, image, &image_commands(image)[span.first])) {
		command_clear(&next);
		log_message(LOG_ERR, "%s: no memory for its script", word(fifo));
		return;
	}
	if (same_command(&fifo->command, &next)) {
		command_clear(&next);
		return;
	}
	end_reader(fifo);
	command_clear(&fifo->command);
	fifo->command = next;
}

static void take_path(struct fifo *fifo, const struct image *image)
{
	const struct image_fifo *from = &image_header(image)->fifos[fifo->kind];
	const char *path = from->path ? image_string(image, from->path) : NULL;

	if (fifo->path && path && strcmp(fifo->path, path) == 0 && fifo->uid == from->uid &&
		fifo->gid == from->gid)
		return;
	forget(fifo);
	fifo->uid = from->uid;
	fifo->gid = from->gid;
	if (!path)
		return;
	fifo->path = strdup(path);
	if (fifo->path)
		open_file(fifo);
	else
		log_message(LOG_ERR, "%s: no memory", word(fifo));
}

void fifo_configure(struct fifo *fifo, const struct image *image)
{
	take_path(fifo, image);
	take_command(fifo, image);
	if (!image_header(image)->base_generation)
		start_reader(fifo);
}

static bool is_unread(const struct fifo *fifo)
{
	int octets = 0;

	return fifo->fd >= 0 && ioctl(fifo->fd, FIONREAD, &octets) == 0 && octets > 0;
}

/* The end of the file is what tells the program to end by itself. */
static void go_on_stopping(struct fifo *fifo)
{
	bool late = clock_now() >= fifo->patience;

	if (fifo->path)
		fifo_pump(fifo, UINT64_MAX);
	if (fifo->script && !late && (consumer_behind(fifo->consumer) || is_unread(fifo))) {
		set_timer(fifo, DRAIN_MS);
		return;
	}
	close_file(fifo);
	if (fifo->script && !late) {
		set_timer(fifo, DRAIN_MS);
		return;
	}
	if (fifo->script)
		script_terminate(fifo->script);
	if (fifo->path && !fifo->keep)
		fifofile_remove(fifo->path, fifo->made);
	fifo->stopped = true;
}

void fifo_stop(struct fifo *fifo, bool keep)
{
	fifo->stopping = true;
	fifo->keep = keep;
	fifo->patience = clock_now() + FIFO_READER_MS * NSEC_PER_MSEC;
	go_on_stopping(fifo);
}

bool fifo_is_done(const struct fifo *fifo)
{
	return fifo->stopped && !fifo->script;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *context)
{
	struct fifo *fifo = context;

	if (fifo->stopping) {
		if (!fifo->stopped)
			go_on_stopping(fifo);
		return 0;
	}
	if (fifo->path && fifo->fd < 0 && open_file(fifo) < 0)
		return 0;
	start_reader(fifo);
	fifo_pump(fifo, fifo->before);
	return 0;
}

struct fifo *fifo_create(sd_event *loop, enum image_fifo_kind kind, struct consumer *consumer,
	const struct scripttable *table, struct runlist_entry *notes)
{
	struct fifo *fifo = calloc(1, sizeof(*fifo));
	int error;

	if (!fifo) {
		consumer_close(consumer);
		return NULL;
	}
	fifo->loop = loop;
	fifo->kind = kind;
	fifo->consumer = consumer;
	fifo->table = table;
	fifo->notes = notes;
	fifo->fd = -1;
	fifo->made = (struct fifofile_note *)&consumer_notes(consumer)[FIFO_NOTE_DEVICE];
	fifo->written = &consumer_notes(consumer)[FIFO_NOTE_WRITTEN];
	fifo->told_lost = consumer_lost(consumer);
	error = sd_event_add_time_relative(
		loop, &fifo->timer, CLOCK_MONOTONIC, 0, 0, on_timer, fifo);
	if (error >= 0)
		error = sd_event_source_set_enabled(fifo->timer, SD_EVENT_OFF);
	if (error >= 0)
		return fifo;
	errno = -error;
	return fifo_free(fifo);
}

struct fifo *fifo_free(struct fifo *fifo)
{
	if (!fifo)
		return NULL;
	if (!fifo->stopping)
		fifo->keep = true;
	if (fifo->timer)
		forget(fifo);
	command_clear(&fifo->command);
	sd_event_source_disable_unref(fifo->timer);
	consumer_close(fifo->consumer);
	free(fifo);
	return NULL;
}
