/* SPDX-License-Identifier: ISC */
#include "vrrp/net/applier.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lib/channel.h"
#include "lib/clock.h"
#include "lib/worklist.h"
#include "vrrp/net/accept.h"
#include "vrrp/net/burst.h"
#include "vrrp/net/duplicate.h"
#include "vrrp/net/exchange.h"
#include "vrrp/net/former.h"
#include "vrrp/net/hearing.h"
#include "vrrp/net/journal.h"
#include "vrrp/net/leftover.h"
#include "vrrp/net/monitor.h"
#include "vrrp/net/notes.h"
#include "vrrp/net/owned.h"
#include "vrrp/net/ownership.h"
#include "vrrp/net/routers.h"
#include "vrrp/net/routing.h"
#include "vrrp/net/settings.h"
#include "vrrp/net/vmac.h"

#define RETRY_READING (100 * NSEC_PER_MSEC)

enum {
	ENGINE,
	APPLIER,
	ENDS
};

struct applier {
	struct exchange *exchange;
	struct monitor *monitor;
	struct journal *journal;
	struct owned_book *owned;
	struct ownership *ownership;
	struct routed_book *routed;
	struct accept *accept;
	struct duplicates *duplicates;
	struct routing *routing;
	struct notes *notes;
	struct settings *settings;
	struct hearing *hearing;
	struct vmacs *vmacs;
	struct burst *burst;
	struct routers *routers;
	struct former *former; /* until `resumed`, and everything wished is done */
	bool resumed;
	struct wish *taken; /* new wishes */
	uint32_t taken_count;
	uint32_t slot_count;
	int channel[ENDS];
	int epoll;
	int wake; /* to stop */
	atomic_bool stopping;
	bool frozen; /* it stops without giving anything up */
	bool running;
	pthread_t thread;
};

/* ---- What happens in the kernel ---- */

static void interface_changed(void *context, uint32_t number, unsigned int changes)
{
	struct applier *applier = context;

	ownership_interface_changed(applier->ownership, number, changes);
	hearing_changed(applier->hearing, number, changes);
	if (changes & ~(unsigned int)MONITOR_MAC)
		routing_look_again(applier->routing);
	vmacs_interface_changed(applier->vmacs, number, changes);
	if (changes & MONITOR_MAC)
		routers_announce_interface(applier->routers, number);
}

static void link_gone(void *context, uint32_t number, uint32_t index)
{
	struct applier *applier = context;

	ownership_link_gone(applier->ownership, number, index);
	hearing_link_gone(applier->hearing, number, index);
}

static void address_gone(void *context, uint32_t number, uint32_t index,
	const struct vrrp_address *address, uint8_t prefix_length)
{
	struct applier *applier = context;

	ownership_address_gone(applier->ownership, number, index, address, prefix_length);
	routing_look_again(applier->routing);
}

static void address_changed(void *context, const struct vrrp_address *address)
{
	struct applier *applier = context;

	routers_address_changed(applier->routers, address);
}

static void dad_failed(void *context, uint32_t number, const struct vrrp_address *address)
{
	struct applier *applier = context;
	const struct owned *owned = owned_find(applier->owned, number, address);

	if (owned)
		routers_tell(applier->routers, owned,
			&(struct note){.kind = NOTE_DAD_FAILED, .address = *address});
}

static void duplicate_heard(void *context, const struct owned *owned, const uint8_t mac[6])
{
	struct applier *applier = context;
	struct note note = {.kind = NOTE_DUPLICATE, .address = owned->address};

	memcpy(note.mac, mac, sizeof(note.mac));
	routers_tell(applier->routers, owned, &note);
}

static void resynced(void *context)
{
	struct applier *applier = context;

	routers_resynced(applier->routers);
	ownership_resynced(applier->ownership);
	routing_look_again(applier->routing);
}

static bool is_ours(
	void *context, uint32_t number, const struct vrrp_address *address, uint8_t prefix_length)
{
	struct applier *applier = context;

	return ownership_is_ours(applier->ownership, number, address, prefix_length) ||
	       former_has_address(applier->former,
		       monitor_interface(applier->monitor, number)->index, address, prefix_length);
}

static void describe(void *context, struct journal *journal)
{
	struct applier *applier = context;

	former_describe(applier->former, journal);
	ownership_describe(applier->ownership, journal);
	routing_describe(applier->routing, journal);
	accept_describe(applier->accept, journal);
	if (applier->settings)
		settings_describe(applier->settings, journal);
	if (applier->vmacs)
		vmacs_describe(applier->vmacs, journal);
}

/* ---- The thread ---- */

static void read_channel(struct applier *applier)
{
	union message message;
	int attached, got;

	while ((got = channel_receive(applier->channel[APPLIER], &message, &attached)) != 0) {
		struct image *image = NULL;

		if (got == -EBADMSG)
			continue;
		if (got < 0)
			return;
		if (message.head.type == MESSAGE_IMAGE && attached >= 0)
			image = image_open(attached);
		if (message.head.type == MESSAGE_RESUMED)
			applier->resumed = true;
		if (image)
			routers_read_image(applier->routers, image);
		image_close(image);
		if (attached >= 0)
			close(attached);
	}
}

/* Takes new wishes off the list.  Returns whether there may be more: the engine may list a slot
 * again meanwhile, without end. */
static bool take_wishes(struct applier *applier)
{
	uint32_t slot;

	exchange_wishes_awake(applier->exchange);
	applier->taken_count = 0;
	while (applier->taken_count < applier->slot_count) {
		if (!exchange_take_wish(applier->exchange, &slot))
			return false;
		applier->taken[applier->taken_count++] = exchange_wish(applier->exchange, slot);
	}
	return true;
}

/* Each wish shall meet the router that it is about.  The images that the engine sent before it are
 * there once it can be seen, so the channel is read after it.  Images that were sent later may be
 * read as well; but if the engine wished anew before these, the wish is left to the next turn, for
 * its slot is listed again. */
static bool read_engine(struct applier *applier, uint64_t now)
{
	bool more = take_wishes(applier);

	read_channel(applier);
	for (uint32_t i = 0; i < applier->taken_count; i++) {
		const struct wish *wish = &applier->taken[i];

		if (exchange_wish(applier->exchange, wish->slot).own_count == wish->own_count)
			routers_read_wish(applier->routers, wish, now);
	}
	return more;
}

static uint64_t sooner(uint64_t one, uint64_t other)
{
	return one < other ? one : other;
}

static void undo_record(struct applier *applier, const struct journal_record *record)
{
	if (record->kind == JOURNAL_SETTING)
		settings_undo(applier->settings, record);
	else if (record->kind == JOURNAL_DEVICE)
		vmacs_undo(applier->vmacs, record);
	else if (record->kind == JOURNAL_FIREWALL)
		accept_undo(applier->accept, record);
}

/* What a former program had and nobody wants by now goes. */
static void end_former(struct applier *applier)
{
	size_t count, unwanted = 0;
	const struct journal_record *records = former_records(applier->former, &count);
	struct journal_record *left = calloc(count + 1, sizeof(*left));

	for (size_t i = 0; left && i < count; i++) {
		const struct journal_record *record = &records[i];
		uint32_t number = monitor_number(applier->monitor, record->interface);

		undo_record(applier, record);
		if (record->kind != JOURNAL_SETTING && record->kind != JOURNAL_DEVICE &&
			record->kind != JOURNAL_FIREWALL &&
			!routing_is_ours(applier->routing, record) &&
			!ownership_is_ours(applier->ownership, number, &record->address,
				record->prefix_length))
			left[unwanted++] = *record;
	}
	routing_remove_left(left, unwanted);
	leftover_remove(applier->monitor, left, unwanted);
	free(left);
	routing_set_former(applier->routing, NULL);
	ownership_set_former(applier->ownership, NULL);
	settings_set_former(applier->settings, NULL);
	vmacs_set_former(applier->vmacs, NULL);
	routers_set_resuming(applier->routers, false);
	applier->former = former_free(applier->former);
	journal_rewrite(applier->journal);
}

/* One turn: everything that came in, one batch of what is to be done.  Returns when the next turn
 * is due: 0 at once, UINT64_MAX when something comes in. */
static uint64_t turn(struct applier *applier, uint64_t now)
{
	uint64_t due = UINT64_MAX, batch, heard = 0, devices;
	bool resumed = applier->resumed;

	/* The mirror has to be up to date before a wish is judged by it. */
	if (monitor_read(applier->monitor))
		due = now + RETRY_READING;
	if (read_engine(applier, now))
		due = 0;
	accept_read(applier->accept);
	due = sooner(due, accept_work(applier->accept, now));
	/* Routes and rules come after the addresses they need, and go before them. */
	routing_read(applier->routing);
	routing_remove(applier->routing);
	/* On before the addresses come, off before they go. */
	devices = vmacs_work(applier->vmacs, now);
	batch = ownership_work(applier->ownership, now);
	routers_settle(applier->routers, now);
	due = sooner(due, burst_work(applier->burst, now, batch == 0));
	if (batch > 0)
		due = sooner(due, routing_add(applier->routing, now));
	/* Groups and accept_local can wait until the addresses are there. */
	if (batch > 0)
		heard = hearing_work(applier->hearing, now);
	due = sooner(sooner(due, heard), devices);
	if (applier->former && resumed && due > 0)
		end_former(applier);
	else if (applier->former && applier->resumed)
		due = 0;
	due = sooner(
		due, duplicates_work(applier->duplicates, routers_hold(applier->routers), now));
	journal_flush(applier->journal);
	monitor_publish(applier->monitor);
	exchange_wake_engine(applier->exchange);
	notes_wake(applier->notes);
	return sooner(due, batch);
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
			routers_give_up_statics(applier->routers);
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
	int error = channel_pair(applier->channel);

	if (error)
		return error;
	applier->slot_count = slots;
	applier->exchange = exchange_new(slots);
	applier->taken = calloc(slots, sizeof(*applier->taken));
	applier->epoll = epoll_create1(EPOLL_CLOEXEC);
	applier->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!applier->exchange || !applier->taken || applier->epoll < 0 || applier->wake < 0)
		return -errno;
	return 0;
}

static int open_parts(struct applier *applier, const struct applier_setup *setup)
{
	const struct monitor_listener listener = {applier, interface_changed, link_gone,
		address_gone, address_changed, dad_failed, resynced, is_ours};
	char identity[JOURNAL_IDENTITY];
	int error = journal_identity(identity);

	if (error)
		return error;
	applier->journal = journal_open(setup->run_dir, identity, describe, applier);
	if (!applier->journal)
		return -errno;
	applier->monitor = monitor_open(&listener);
	if (!applier->monitor)
		return -errno;
	applier->owned = owned_book_new(applier->monitor);
	if (!applier->owned)
		return -errno;
	applier->ownership = ownership_new(applier->monitor, applier->journal, applier->owned);
	applier->notes = notes_new();
	applier->routed = routed_book_new();
	applier->accept = accept_new(setup->slots, applier->journal, applier->notes);
	applier->settings = settings_new(applier->monitor, applier->journal);
	applier->duplicates =
		duplicates_new(applier->monitor, applier->owned, duplicate_heard, applier);
	if (!applier->notes || !applier->routed || !applier->accept || !applier->settings ||
		!applier->duplicates)
		return -errno;
	applier->routing =
		routing_new(applier->monitor, applier->journal, applier->routed, applier->notes);
	applier->hearing = hearing_new(applier->monitor, applier->settings);
	applier->vmacs = vmacs_new(applier->monitor, applier->journal, applier->settings);
	applier->burst = burst_new(applier->monitor, setup->slots);
	if (!applier->ownership || !applier->routing || !applier->hearing || !applier->vmacs ||
		!applier->burst)
		return -errno;
	applier->routers = routers_new(setup->slots,
		&(struct routers_parts){applier->monitor, applier->owned, applier->hearing,
			applier->burst, applier->vmacs, applier->exchange, applier->routed,
			applier->accept, applier->settings, applier->notes});
	return applier->routers ? 0 : -errno;
}

static int take_what_was_left(struct applier *applier, const struct applier_setup *setup)
{
	size_t count;
	const struct journal_record *left = journal_left(applier->journal, &count);

	applier->former = former_new(left, count, setup->sockets, setup->socket_count);
	if (!applier->former)
		return -ENOMEM;
	routing_set_former(applier->routing, applier->former);
	ownership_set_former(applier->ownership, applier->former);
	settings_set_former(applier->settings, applier->former);
	vmacs_set_former(applier->vmacs, applier->former);
	routers_set_resuming(applier->routers, true);
	return journal_rewrite(applier->journal);
}

/* A router starts as Backup, which must not have the addresses. */
static int undo_what_was_left(struct applier *applier)
{
	size_t count;
	const struct journal_record *left = journal_left(applier->journal, &count);
	int error = routing_remove_left(left, count);

	if (!error)
		error = leftover_remove(applier->monitor, left, count);
	if (error)
		return error;
	for (size_t i = 0; i < count; i++)
		undo_record(applier, &left[i]);
	error = journal_rewrite(applier->journal);
	/* It is tried again and again, and is no reason to leave a router without its addresses. */
	return error == -ENOSPC ? 0 : error;
}

static int watch_all(struct applier *applier)
{
	const int watched[] = {applier->wake, applier->channel[APPLIER],
		exchange_wishes_fd(applier->exchange), monitor_fd(applier->monitor),
		routing_fd(applier->routing), accept_fd(applier->accept)};

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
	applier->channel[ENGINE] = -1;
	applier->channel[APPLIER] = -1;
	error = open_exchange(applier, setup->slots);
	if (!error)
		error = open_parts(applier, setup);
	if (!error)
		error = setup->resume ? take_what_was_left(applier, setup)
				      : undo_what_was_left(applier);
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

static void close_descriptor(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void end_thread(struct applier *applier)
{
	if (!applier->running)
		return;
	atomic_store(&applier->stopping, true);
	eventfd_write(applier->wake, 1);
	pthread_join(applier->thread, NULL);
	applier->running = false;
}

void applier_freeze(struct applier *applier)
{
	applier->frozen = true;
	end_thread(applier);
}

size_t applier_sockets(const struct applier *applier, int *sockets, size_t room)
{
	return hearing_sockets(applier->hearing, sockets, room);
}

struct applier *applier_stop(struct applier *applier)
{
	if (!applier)
		return NULL;
	end_thread(applier);
	if (applier->accept)
		accept_remove(applier->accept);
	applier->routers = routers_free(applier->routers);
	applier->hearing = hearing_free(applier->hearing);
	applier->vmacs = vmacs_free(applier->vmacs);
	applier->settings = settings_free(applier->settings);
	applier->journal = journal_close(applier->journal);
	applier->burst = burst_free(applier->burst);
	applier->ownership = ownership_free(applier->ownership);
	applier->routing = routing_free(applier->routing);
	applier->routed = routed_book_free(applier->routed);
	applier->accept = accept_free(applier->accept);
	applier->duplicates = duplicates_free(applier->duplicates);
	applier->notes = notes_free(applier->notes);
	applier->owned = owned_book_free(applier->owned);
	applier->monitor = monitor_close(applier->monitor);
	applier->exchange = exchange_free(applier->exchange);
	applier->former = former_free(applier->former);
	close_descriptor(applier->channel[ENGINE]);
	close_descriptor(applier->channel[APPLIER]);
	close_descriptor(applier->epoll);
	close_descriptor(applier->wake);
	free(applier->taken);
	free(applier);
	return NULL;
}

/* ---- The engine's functions ---- */

int applier_channel(const struct applier *applier)
{
	return applier->channel[ENGINE];
}

void applier_own(struct applier *applier, uint32_t slot, bool own)
{
	exchange_own(applier->exchange, slot, own);
}

void applier_announce(struct applier *applier, uint32_t slot, bool lower)
{
	exchange_announce(applier->exchange, slot, lower);
}

void applier_wake(struct applier *applier)
{
	exchange_wake(applier->exchange);
}

int applier_results_fd(const struct applier *applier)
{
	return exchange_results_fd(applier->exchange);
}

void applier_results_awake(struct applier *applier)
{
	exchange_results_awake(applier->exchange);
}

bool applier_take_result(struct applier *applier, struct applier_result *result)
{
	return exchange_take_result(applier->exchange, result);
}

int applier_notes_fd(const struct applier *applier)
{
	return notes_fd(applier->notes);
}

bool applier_take_note(struct applier *applier, struct note *note)
{
	if (notes_take(applier->notes, note))
		return true;
	notes_awake(applier->notes);
	return notes_take(applier->notes, note);
}

const struct board *applier_interfaces(const struct applier *applier)
{
	return monitor_board(applier->monitor);
}

int applier_interfaces_fd(const struct applier *applier)
{
	return worklist_fd(monitor_worklist(applier->monitor));
}

void applier_interfaces_awake(struct applier *applier)
{
	worklist_awake(monitor_worklist(applier->monitor));
}

bool applier_take_interface(struct applier *applier, uint32_t *number)
{
	return worklist_take(monitor_worklist(applier->monitor), number);
}
