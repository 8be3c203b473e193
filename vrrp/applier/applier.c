/* SPDX-License-Identifier: ISC */
#include "vrrp/applier/applier.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "lib/clock.h"
#include "lib/descriptor.h"
#include "lib/image.h"
#include "lib/worklist.h"
#include "vrrp/applier/accept.h"
#include "vrrp/applier/applier_parts.h"
#include "vrrp/applier/burst.h"
#include "vrrp/applier/duplicate.h"
#include "vrrp/applier/exchange.h"
#include "vrrp/applier/journal.h"
#include "vrrp/applier/monitor.h"
#include "vrrp/applier/multicast.h"
#include "vrrp/applier/notes.h"
#include "vrrp/applier/ownership.h"
#include "vrrp/applier/recovery.h"
#include "vrrp/applier/routers.h"
#include "vrrp/applier/routing.h"
#include "vrrp/applier/vmac.h"

#define RETRY_READING (100 * NSEC_PER_MSEC)

struct applier {
	struct applier_parts parts;
	bool resumed;	    /* the engine: what the predecessor had is wished by now, or is not */
	struct wish *taken; /* new wishes */
	uint32_t taken_count;
	uint32_t slot_count;
	int epoll;
	int wake; /* to stop */
	atomic_bool stopping;
	bool frozen; /* it stops without giving anything up */
	bool running;
	pthread_t thread;
};

/* ---- The thread ---- */

static void read_given(struct applier *applier, uint64_t now)
{
	struct image *image;

	while ((image = exchange_take_image(applier->parts.exchange)) != NULL) {
		routers_read_image(applier->parts.routers, image, now);
		image_close(image);
	}
	applier->resumed = exchange_is_resumed(applier->parts.exchange);
}

/* Takes new wishes off the list.  Returns whether there may be more: the engine may list a slot
 * again meanwhile, without end. */
static bool take_wishes(struct applier *applier)
{
	uint32_t slot;

	exchange_wishes_awake(applier->parts.exchange);
	applier->taken_count = 0;
	while (applier->taken_count < applier->slot_count) {
		if (!exchange_take_wish(applier->parts.exchange, &slot))
			return false;
		applier->taken[applier->taken_count++] =
			exchange_wish(applier->parts.exchange, slot);
	}
	return true;
}

/* Each wish shall meet the router that it is about.  The images that the engine gave before it are
 * there once it can be seen, so they are read after it.  Images that were given later may be read
 * as well; but if the engine wished anew before these, the wish is left to the next turn, for its
 * slot is listed again. */
static bool read_engine(struct applier *applier, uint64_t now)
{
	bool more = take_wishes(applier);

	read_given(applier, now);
	for (uint32_t i = 0; i < applier->taken_count; i++) {
		const struct wish *wish = &applier->taken[i];

		if (exchange_wish(applier->parts.exchange, wish->slot).own_count == wish->own_count)
			routers_read_wish(applier->parts.routers, wish, now);
	}
	return more;
}

/* One turn: everything that came in, one batch of what is to be done.  Returns when the next turn
 * is due: 0 at once, UINT64_MAX when something comes in. */
static uint64_t turn(struct applier *applier, uint64_t now)
{
	struct applier_parts *parts = &applier->parts;
	uint64_t due = UINT64_MAX, batch, memberships = 0, devices;
	bool resumed = applier->resumed;

	/* The mirror has to be up to date before a wish is judged by it. */
	if (monitor_read(parts->monitor))
		due = now + RETRY_READING;
	if (read_engine(applier, now))
		due = 0;
	accept_read(parts->accept);
	due = clock_sooner(due, accept_work(parts->accept, now));
	/* Routes and rules come after the addresses they need, and go before them. */
	routing_read(parts->routing);
	routing_remove(parts->routing);
	/* On before the addresses come, off before they go. */
	devices = vmacs_work(parts->vmacs, now);
	batch = ownership_work(parts->ownership, now);
	routers_settle(parts->routers, now);
	due = clock_sooner(due, burst_work(parts->burst, now, batch == 0));
	if (batch > 0)
		due = clock_sooner(due, routing_add(parts->routing, now));
	/* Groups and accept_local can wait until the addresses are there. */
	if (batch > 0)
		memberships = multicast_work(parts->multicast, now);
	due = clock_sooner(clock_sooner(due, memberships), devices);
	if (parts->predecessor && resumed && due > 0)
		recovery_sort_out(parts);
	else if (parts->predecessor && applier->resumed)
		due = 0;
	due = clock_sooner(
		due, duplicates_work(parts->duplicates, routers_hold(parts->routers), now));
	journal_flush(parts->journal);
	monitor_publish(parts->monitor);
	exchange_wake_engine(parts->exchange);
	notes_wake(parts->notes);
	return clock_sooner(due, batch);
}

static int milliseconds_until(uint64_t due, uint64_t now)
{
	if (due == UINT64_MAX)
		return -1;
	if (due <= now)
		return 0;
	due = (due - now + NSEC_PER_MSEC - 1) / NSEC_PER_MSEC;
	return due < INT32_MAX ? (int)due : INT32_MAX;
}

/* Whoever starts the engine may do so with real-time scheduling, which is not for this thread. */
static void *run(void *argument)
{
	const struct sched_param ordinary = {.sched_priority = 0};
	struct applier *applier = argument;
	struct epoll_event event;
	bool stopping;
	uint64_t due;

	pthread_setschedparam(pthread_self(), SCHED_OTHER, &ordinary);
	do {
		/* Looked at before the turn, so that a last one follows. */
		stopping = atomic_load(&applier->stopping);
		if (stopping && !applier->frozen)
			routers_give_up_statics(applier->parts.routers);
		do {
			due = turn(applier, clock_now());
		} while (stopping && due == 0);
		if (!stopping)
			epoll_wait(applier->epoll, &event, 1, milliseconds_until(due, clock_now()));
	} while (!stopping);
	return NULL;
}

/* ---- Starting and stopping ---- */

static int watch(struct applier *applier, int fd)
{
	struct epoll_event event = {.events = EPOLLIN};

	return epoll_ctl(applier->epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

static int open_exchange(struct applier *applier, uint32_t slots)
{
	applier->slot_count = slots;
	applier->taken = calloc(slots, sizeof(*applier->taken));
	applier->epoll = epoll_create1(EPOLL_CLOEXEC);
	applier->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!applier->taken || applier->epoll < 0 || applier->wake < 0)
		return -errno;
	return 0;
}

static int watch_all(struct applier *applier)
{
	const int watched[] = {applier->wake, exchange_wishes_fd(applier->parts.exchange),
		monitor_fd(applier->parts.monitor), routing_fd(applier->parts.routing),
		accept_fd(applier->parts.accept), duplicates_fd(applier->parts.duplicates)};

	for (size_t i = 0; i < sizeof(watched) / sizeof(watched[0]); i++) {
		/* a kernel without nftables has no news of it */
		int error = watched[i] < 0 ? 0 : watch(applier, watched[i]);

		if (error)
			return error;
	}
	return 0;
}

/* Signals are for other threads. */
static int start_thread(struct applier *applier)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&applier->thread, NULL, run, applier);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error)
		return -error;
	applier->running = true;
	pthread_setname_np(applier->thread, "applier");
	return 0;
}

struct applier *applier_start(const struct applier_setup *setup)
{
	struct applier *applier = calloc(1, sizeof(*applier));
	int error;

	if (!applier)
		return NULL;
	applier->epoll = -1;
	applier->wake = -1;
	error = open_exchange(applier, setup->slots);
	if (!error)
		error = applier_parts_open(&applier->parts, setup->run_dir,
			setup->resume ? setup->journal : -1, setup->slots);
	if (!error)
		error = setup->resume ? recovery_take_over(&applier->parts, setup->sockets,
						setup->socket_count)
				      : recovery_undo(&applier->parts);
	if (!error)
		error = watch_all(applier);
	if (!error)
		error = start_thread(applier);
	if (!error)
		return applier;
	applier_stop(applier);
	errno = -error;
	return NULL;
}

static void order_end(struct applier *applier)
{
	atomic_store(&applier->stopping, true);
	eventfd_write(applier->wake, 1);
}

static void end_thread(struct applier *applier)
{
	if (!applier->running)
		return;
	order_end(applier);
	pthread_join(applier->thread, NULL);
	applier->running = false;
}

bool applier_freeze(struct applier *applier, uint64_t wait)
{
	const uint64_t until = clock_now() + wait;
	const struct timespec time = {
		.tv_sec = (time_t)(until / NSEC_PER_SEC), .tv_nsec = (long)(until % NSEC_PER_SEC)};

	if (!applier->frozen) {
		applier->frozen = true;
		order_end(applier);
	}
	if (applier->running)
		applier->running = pthread_clockjoin_np(applier->thread, NULL, CLOCK_MONOTONIC,
					   &time) == ETIMEDOUT;
	return !applier->running;
}

size_t applier_sockets(const struct applier *applier, int *sockets, size_t room)
{
	return multicast_sockets(applier->parts.multicast, sockets, room);
}

int applier_journal(const struct applier *applier)
{
	return journal_save(applier->parts.journal);
}

struct applier *applier_stop(struct applier *applier)
{
	if (!applier)
		return NULL;
	end_thread(applier);
	if (applier->parts.accept)
		accept_remove(applier->parts.accept);
	applier_parts_close(&applier->parts);
	descriptor_close(applier->epoll);
	descriptor_close(applier->wake);
	free(applier->taken);
	free(applier);
	return NULL;
}

/* ---- The engine's functions ---- */

int applier_configure(struct applier *applier, struct image *image)
{
	return exchange_put_image(applier->parts.exchange, image);
}

void applier_resumed(struct applier *applier)
{
	exchange_put_resumed(applier->parts.exchange);
}

void applier_own(struct applier *applier, uint32_t slot, bool own)
{
	exchange_own(applier->parts.exchange, slot, own);
}

void applier_announce(struct applier *applier, uint32_t slot, bool lower)
{
	exchange_announce(applier->parts.exchange, slot, lower);
}

void applier_wake(struct applier *applier)
{
	exchange_wake(applier->parts.exchange);
}

int applier_results_fd(const struct applier *applier)
{
	return exchange_results_fd(applier->parts.exchange);
}

void applier_results_awake(struct applier *applier)
{
	exchange_results_awake(applier->parts.exchange);
}

bool applier_take_result(struct applier *applier, struct applier_result *result)
{
	return exchange_take_result(applier->parts.exchange, result);
}

int applier_notes_fd(const struct applier *applier)
{
	return notes_fd(applier->parts.notes);
}

void applier_notes_awake(struct applier *applier)
{
	notes_awake(applier->parts.notes);
}

bool applier_take_note(struct applier *applier, struct note *note)
{
	return notes_take(applier->parts.notes, note);
}

const struct board *applier_interfaces(const struct applier *applier)
{
	return monitor_board(applier->parts.monitor);
}

int applier_interfaces_fd(const struct applier *applier)
{
	return worklist_fd(monitor_worklist(applier->parts.monitor));
}

void applier_interfaces_awake(struct applier *applier)
{
	worklist_awake(monitor_worklist(applier->parts.monitor));
}

bool applier_take_interface(struct applier *applier, uint32_t *number)
{
	return worklist_take(monitor_worklist(applier->parts.monitor), number);
}
