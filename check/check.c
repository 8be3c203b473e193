/* SPDX-License-Identifier: ISC */
#include "check/check.h"

#include "check/config/scripttable.h"
#include "check/mail/mail.h"
#include "check/notify/dispatch.h"
#include "check/notify/fifo.h"
#include "check/notify/hook.h"
#include "check/script/runlist.h"
#include "check/track/processtrack.h"
#include "check/track/registry.h"
#include "lib/channel.h"
#include "lib/clock.h"
#include "lib/consumer.h"
#include "lib/cpusched.h"
#include "lib/descriptor.h"
#include "lib/fifonotes.h"
#include "lib/image.h"
#include "lib/inherit.h"
#include "lib/lifeloop.h"
#include "lib/log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <systemd/sd-event.h>
#include <time.h>
#include <unistd.h>

#define USEC_PER_MSEC (NSEC_PER_MSEC / NSEC_PER_USEC)

struct worker {
	sd_event *loop;
	struct consumer *consumer;
	struct scripttable *table;
	struct dispatch *dispatch;
	struct registry *registry; /* NULL: stopped */
	struct consumer *mail_consumer;
	struct mail *mail;
	int core_end; /* of the channel that was inherited, -1 once it is watched, or without one */
	int engine;   /* the channel to it, or -1 */
	int lifeline;
	sd_event_source *core;
	struct fifo *fifos[IMAGE_FIFOS];
	struct hook *hook;
	_Atomic uint64_t *begun; /* the hook's */
	uint64_t told;		 /* to the FIFOs: all before this event */
	bool stopping;
	bool told_enough; /* neither mail nor FIFOs are waited for any more */
	bool succeeded;	  /* stopping: by another program, which goes on */
	bool fifos_stopping;
	bool hook_stopping;
	bool no_swap;
	struct cpusched cpusched;
};

static int end(struct worker *worker, int status)
{
	return sd_event_exit(worker->loop, status);
}

static int on_wake(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct worker *worker = context;
	eventfd_t ignored;

	eventfd_read(fd, &ignored);
	dispatch_pump(worker->dispatch);
	mail_pump(worker->mail);
	return 0;
}

/* Memory that is not permitted to be locked is said once. */
static void take_settings(struct worker *worker, const struct image_header *header)
{
	bool no_swap = header->flags & IMAGE_CHECK_NO_SWAP;
	int error = 0;

	umask(header->umask == IMAGE_UMASK_NONE ? S_IWGRP | S_IWOTH : (mode_t)header->umask);
	if (memcmp(&worker->cpusched, &header->check_cpusched, sizeof(worker->cpusched)) != 0)
		error = cpusched_apply(&header->check_cpusched);
	worker->cpusched = header->check_cpusched;
	processtrack_set_buffer(header->process_buffer, header->flags & IMAGE_PROCESS_FORCE);
	if (error)
		log_message(LOG_WARNING,
			"check does not get its nice value or processors: %s (checker_priority: "
			"LimitNICE=40 in the unit)",
			cpusched_problem(error));
	if (no_swap == worker->no_swap)
		return;
	worker->no_swap = no_swap;
	if (!no_swap)
		munlockall();
	else if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) < 0)
		log_message(LOG_WARNING,
			"memory is not locked (checker_no_swap): %m (LimitMEMLOCK=infinity in the "
			"unit)");
}

/* A delta that does not fit here, or half a table, can't be mended from here: a new life begins
 * with a whole image, and the bookmark makes it begin with the right event. */
static int take_image(struct worker *worker, int fd)
{
	struct image *image = image_open(fd);
	int error;

	if (!image) {
		log_message(LOG_ERR, "a configuration image was refused: %s", strerror(errno));
		return end(worker, EXIT_FAILURE);
	}
	take_settings(worker, image_header(image));
	error = scripttable_apply(worker->table, image);
	if (!error && worker->registry)
		error = registry_apply(worker->registry, image);
	for (size_t i = 0; i < IMAGE_FIFOS && !worker->fifos_stopping; i++)
		fifo_configure(worker->fifos[i], image);
	hook_configure(worker->hook, image);
	if (!error)
		error = mail_image(worker->mail, image);
	image_close(image);
	if (error) {
		log_message(LOG_ERR, "a configuration image can't be used: %s", strerror(-error));
		return end(worker, EXIT_FAILURE);
	}
	log_message(LOG_DEBUG, "generation %llu of the configuration is in use",
		(unsigned long long)scripttable_generation(worker->table));
	dispatch_image(worker->dispatch);
	return 0;
}

static int on_core(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct worker *worker = context;
	union message message;
	int attached;
	int got = channel_receive(fd, &message, &attached);
	int result = 0;

	if (got == 0)
		return 0;
	/* An image has gone by: a new life begins with a whole one. */
	if (got == -EMFILE) {
		log_message(LOG_ERR, "no descriptor is free for a configuration image");
		return end(worker, EXIT_FAILURE);
	}
	if (got < 0 && got != -EBADMSG) {
		log_message(LOG_DEBUG, "the channel to core has ended; waiting for a new one");
		worker->core = sd_event_source_disable_unref(worker->core);
		return 0;
	}
	if (got > 0 && message.head.type == MESSAGE_IMAGE && attached >= 0)
		result = take_image(worker, attached);
	else
		log_message(LOG_ERR, "core sent something else than a configuration image");
	descriptor_close(attached);
	return result;
}

/* Takes the channel `fd` over. */
static int watch_core(struct worker *worker, int fd)
{
	int error;

	sd_event_source_disable_unref(worker->core);
	worker->core = NULL;
	error = sd_event_add_io(worker->loop, &worker->core, fd, EPOLLIN, on_core, worker);
	if (error < 0) {
		close(fd);
		return error;
	}
	return sd_event_source_set_io_fd_own(worker->core, 1);
}

/* The last thing that is done.  A program that another takes the place of has not stopped. */
static void stop_hook(struct worker *worker)
{
	if (!worker->hook_stopping && !worker->succeeded)
		hook_stop(worker->hook);
	worker->hook_stopping = true;
}

static int on_told_enough(sd_event_source *source, uint64_t usec, void *context)
{
	struct worker *worker = context;

	worker->told_enough = true;
	return 0;
}

static int wait_at_most(struct worker *worker, uint64_t ms, sd_event_time_handler_t late)
{
	return sd_event_add_time_relative(
		worker->loop, NULL, CLOCK_MONOTONIC, ms * USEC_PER_MSEC, 0, late, worker);
}

static int on_stop_late(sd_event_source *source, uint64_t usec, void *context)
{
	struct worker *worker = context;
	struct dispatch_counts counts = dispatch_counts(worker->dispatch);

	if (counts.waiting)
		log_message(LOG_WARNING,
			"stopping, although the scripts of %llu transitions have not ended",
			(unsigned long long)counts.waiting);
	stop_hook(worker);
	return 0;
}

static int stop(struct worker *worker, bool succeeded)
{
	int error;

	if (worker->stopping)
		return 0;
	worker->stopping = true;
	worker->succeeded = succeeded;
	worker->registry = registry_free(worker->registry);
	dispatch_stop(worker->dispatch);
	mail_stop(worker->mail, succeeded);
	error = wait_at_most(worker, CHECK_TELL_MS, on_told_enough);
	if (error >= 0)
		error = wait_at_most(
			worker, succeeded ? CHECK_TELL_MS : CHECK_STOP_MS, on_stop_late);
	return error;
}

static int on_supervisor(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct worker *worker = context;
	union message message;
	int attached;
	int got = channel_receive(fd, &message, &attached);

	if (got == 0)
		return 0;
	if (got == -EMFILE)
		log_message(LOG_ERR, "no descriptor is free for what the supervisor sent");
	if (got < 0 && got != -EBADMSG)
		return end(worker, EXIT_FAILURE);
	if (got > 0 && message.head.type == MESSAGE_STOP)
		return stop(worker, message.head.id == MESSAGE_STOP_SUCCEEDED);
	if (got > 0 && message.head.type == MESSAGE_PEER && message.peer.role == PEER_CORE &&
		attached >= 0)
		return watch_core(worker, attached);
	if (got > 0 && message.head.type == MESSAGE_PROCESSES) {
		processtrack_connect(attached >= 0 ? attached : message.refusal.error ?: -EPROTO);
		return 0;
	}
	log_message(LOG_ERR, "the supervisor sent something that check has no use for: %s",
		got > 0 ? message_type_name(message.head.type) : "not a message");
	descriptor_close(attached);
	return 0;
}

/* The FIFOs are told what was looked at: until then the table may not know whom it is about. */
static void tell_fifos(struct worker *worker)
{
	const uint64_t taken = dispatch_taken(worker->dispatch);

	/* Before the first image they seem not to be configured. */
	if (!scripttable_generation(worker->table))
		return;
	for (size_t i = 0; i < IMAGE_FIFOS && taken != worker->told; i++)
		fifo_pump(worker->fifos[i], taken);
	worker->told = taken;
}

static bool stop_fifos(struct worker *worker)
{
	bool done = true;

	if (!worker->fifos_stopping && consumer_pending(worker->consumer) &&
		scripttable_generation(worker->table))
		return false;
	for (size_t i = 0; i < IMAGE_FIFOS; i++) {
		if (!worker->fifos_stopping)
			fifo_stop(worker->fifos[i], worker->succeeded);
		done &= fifo_is_done(worker->fifos[i]);
	}
	worker->fifos_stopping = true;
	return done;
}

static bool is_told(struct worker *worker)
{
	bool fifos = stop_fifos(worker);

	return worker->told_enough || (fifos && mail_idle(worker->mail));
}

/* After each turn of the loop. */
static int on_post(sd_event_source *source, void *context)
{
	struct worker *worker = context;

	tell_fifos(worker);
	if (worker->stopping && is_told(worker) && dispatch_idle(worker->dispatch))
		stop_hook(worker);
	if (worker->hook_stopping && (worker->succeeded || hook_is_done(worker->hook)))
		return end(worker, EXIT_SUCCESS);
	return 0;
}

static int watch(struct worker *worker)
{
	int error = sd_event_add_io(
		worker->loop, NULL, INHERIT_SUPERVISOR, EPOLLIN, on_supervisor, worker);

	if (error >= 0)
		error = sd_event_add_io(worker->loop, NULL, INHERIT_WAKE, EPOLLIN, on_wake, worker);
	if (error >= 0)
		error = sd_event_add_post(worker->loop, NULL, on_post, worker);
	if (error >= 0 && worker->core_end >= 0)
		error = watch_core(worker, worker->core_end);
	worker->core_end = -1;
	return error;
}

static int open_fifos(struct worker *worker, struct consumer *const consumers[IMAGE_FIFOS])
{
	struct runlist_entry *notes = (struct runlist_entry *)consumer_notes(worker->consumer);
	int error = 0;

	for (size_t i = 0; i < IMAGE_FIFOS; i++) {
		worker->fifos[i] = fifo_create(
			worker->loop, (enum image_fifo_kind)i, consumers[i], worker->table, notes);
		if (!worker->fifos[i])
			error = -errno;
	}
	return error;
}

static int open_consumers(struct worker *worker, struct consumer *fifos[IMAGE_FIFOS])
{
	static const enum consumer_id ids[IMAGE_FIFOS] = {
		[IMAGE_FIFO_ALL] = CONSUMER_FIFO, [IMAGE_FIFO_VRRP] = CONSUMER_VRRP_FIFO};
	int error = 0;

	worker->consumer = consumer_open(INHERIT_RING, INHERIT_BOOKMARKS, CONSUMER_CHECK);
	worker->mail_consumer = consumer_open(INHERIT_RING, INHERIT_BOOKMARKS, CONSUMER_MAIL);
	for (size_t i = 0; worker->consumer && i < IMAGE_FIFOS; i++) {
		fifos[i] = consumer_open(INHERIT_RING, INHERIT_BOOKMARKS, ids[i]);
		if (!fifos[i])
			error = -errno;
	}
	return worker->consumer && worker->mail_consumer ? error : -errno;
}

static int open_registry(struct worker *worker)
{
	worker->hook = hook_create(worker->loop, worker->engine, worker->begun,
		(struct runlist_entry *)consumer_notes(worker->consumer));
	if (!worker->hook)
		return -ENOMEM;
	worker->registry = registry_create(worker->loop, worker->engine,
		(struct registry_memory *)consumer_tracker_notes(worker->consumer));
	return worker->registry ? 0 : -errno;
}

static int open_all(struct worker *worker)
{
	struct consumer *fifos[IMAGE_FIFOS] = {NULL};
	int error = sd_event_new(&worker->loop);
	int leftovers;

	if (error < 0)
		return error;
	error = open_consumers(worker, fifos);
	if (error)
		return error;
	close(INHERIT_RING);
	close(INHERIT_BOOKMARKS);
	leftovers = runlist_kill((struct runlist_entry *)consumer_notes(worker->consumer));
	if (leftovers)
		log_message(LOG_NOTICE,
			"killed %d scripts of the former check process, to run them "
			"again",
			leftovers);
	worker->table = scripttable_create();
	if (!worker->table)
		return -ENOMEM;
	worker->begun = &consumer_notes(fifos[IMAGE_FIFO_ALL])[FIFO_NOTE_BEGUN];
	error = open_fifos(worker, fifos);
	if (!error)
		error = open_registry(worker);
	if (error)
		return error;
	worker->dispatch = dispatch_create(worker->loop, worker->consumer, worker->table);
	if (!worker->dispatch)
		return -errno;
	worker->mail = mail_create(worker->loop, worker->mail_consumer, worker->table);
	return worker->mail ? watch(worker) : -errno;
}

static void close_all(struct worker *worker)
{
	registry_free(worker->registry);
	hook_free(worker->hook);
	mail_free(worker->mail);
	dispatch_free(worker->dispatch);
	for (size_t i = 0; i < IMAGE_FIFOS; i++)
		fifo_free(worker->fifos[i]);
	sd_event_source_disable_unref(worker->core);
	sd_event_unref(worker->loop);
	scripttable_free(worker->table);
	consumer_close(worker->consumer);
	consumer_close(worker->mail_consumer);
}

/* A terminal's Ctrl-C, or a service manager's signal to all, is the supervisor's to answer: it has
 * this process stop after the last scripts have been asked for. */
static void ignore_signals(void)
{
	static const int ignored[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGPIPE};

	for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
		signal(ignored[i], SIG_IGN);
}

int check_run(uint32_t sleep_ms)
{
	struct worker worker = {
		.core_end = inherited_channel(INHERIT_CORE),
		.engine = inherited_channel(INHERIT_ENGINE),
		.lifeline = inherited_timer(INHERIT_LIFELINE),
	};
	int status;

	ignore_signals();
	status = open_all(&worker);
	if (status >= 0)
		status = lifeloop_run(worker.loop, worker.lifeline, sleep_ms);
	if (status < 0) {
		log_message(LOG_ERR, "the check process can't go on: %s", strerror(-status));
		status = EXIT_FAILURE;
	}
	close_all(&worker);
	return status;
}
