/* SPDX-License-Identifier: ISC */
#include "agent/heart.h"

#include "agent/legacy.h"
#include "lib/archive.h"
#include "lib/board.h"
#include "lib/channel.h"
#include "lib/clock.h"
#include "lib/descriptor.h"
#include "lib/event.h"
#include "lib/image.h"
#include "lib/log.h"
#include "lib/ring.h"
#include "lib/socketbuffer.h"
#include "vrrp/applier/applier.h"
#include "vrrp/applier/journal.h"
#include "vrrp/engine.h"
#include "vrrp/net/filter.h"
#include "vrrp/net/socket.h"
#include "vrrp/status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define RING_RECORDS 16384

/* The events that somebody may not have read yet, and the place of each reader. */
static int go_on_telling(struct heart *heart, struct legacy *legacy)
{
	size_t count = archive_count(legacy->archive, LEGACY_EVENTS);
	struct archive_reader *reader = archive_reader_new(
		legacy->archive, LEGACY_EVENTS, legacy_event_fields, legacy_event_field_count);

	if (!reader)
		return -ENOMEM;
	if (legacy->bookmarks >= 0 && consumer_bookmarks_fit(legacy->bookmarks)) {
		close(heart->bookmarks);
		heart->bookmarks = legacy->bookmarks;
		legacy->bookmarks = -1;
		ring_begin_at(heart->ring, legacy->program.next_event - count);
		for (size_t i = 0; i < count; i++) {
			struct event event;

			archive_read(reader, i, &event);
			ring_append(heart->ring, &event);
		}
	}
	archive_reader_free(reader);
	return 0;
}

static int make_shared(struct heart *heart, struct legacy *legacy)
{
	heart->board = board_create(STATUS_ROWS, sizeof(union status_row), &heart->board_fd);
	heart->ring = ring_create(RING_RECORDS, &heart->ring_fd);
	heart->bookmarks = consumer_bookmarks_create();
	if (!heart->board || !heart->ring || heart->bookmarks < 0)
		return -errno;
	for (int i = 0; i < CONSUMER_WOKEN; i++) {
		heart->wake[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (heart->wake[i] < 0)
			return -errno;
	}
	return legacy->archive ? go_on_telling(heart, legacy) : 0;
}

static int start_applier(struct heart *heart, const char *run_dir, struct legacy *legacy)
{
	struct applier_setup setup = {
		.run_dir = run_dir,
		.slots = IMAGE_SLOTS,
		.resume = legacy->archive,
		.sockets = legacy->groups,
		.socket_count = legacy->group_count,
	};

	heart->applier = applier_start(&setup);
	if (!heart->applier)
		return -errno;
	legacy->group_count = 0;
	return 0;
}

static int start_engine(struct heart *heart, struct legacy *legacy)
{
	struct engine_setup setup = {
		.applier = heart->applier,
		.board = heart->board,
		.ring = heart->ring,
		.supervisor = heart->engine_end,
		.resume = legacy->handover,
		.image = legacy->image,
		.filter = heart->filter,
		.filter_unwanted = heart->filter_unwanted,
	};

	heart->engine_end = -1;
	memcpy(setup.wake, heart->wake, sizeof(setup.wake));
	for (int i = 0; i < INPUT_SOCKETS; i++) {
		setup.sockets[i] = legacy->sockets[i];
		legacy->sockets[i] = -1;
	}
	heart->engine = engine_start(&setup);
	if (heart->engine)
		return 0;
	heart->filter = NULL; /* gone with it */
	return -errno;
}

int heart_prepare(struct heart *heart, struct legacy *legacy)
{
	int ends[2];
	int error = make_shared(heart, legacy);

	if (!error)
		error = channel_pair(ends);
	if (error)
		return error;
	heart->channel = ends[0];
	heart->engine_end = ends[1];
	return 0;
}

/* What the host does not give to the engine's sockets. */
static void complain(const struct heart *heart)
{
	int sockets[INPUT_SOCKETS], held;

	engine_sockets(heart->engine, sockets);
	held = socketbuffer_received(sockets[VRRP_IPV4 - 1]);
	if (held >= 0 && held < VRRP_SOCKET_BUFFER)
		log_message(LOG_INFO,
			"advertisements wait for the engine in %d KiB, not in %d: more than "
			"net.core.rmem_max allows is not permitted",
			held / 1024, VRRP_SOCKET_BUFFER / 1024);
	if (sockets[VRRP_IPV6 - 1] < 0)
		log_message(LOG_NOTICE,
			"the kernel has no IPv6: no virtual router of IPv6 can be in service");
}

int heart_start(struct heart *heart, const char *run_dir, struct legacy *legacy)
{
	int error = start_applier(heart, run_dir, legacy);

	if (!error)
		error = start_engine(heart, legacy);
	if (!error)
		complain(heart);
	return error;
}

void heart_stop(struct heart *heart)
{
	if (!heart->engine)
		filter_close(heart->filter);
	engine_end(heart->engine);
	applier_stop(heart->applier);
	ring_close(heart->ring);
	board_close(heart->board);
	for (int i = 0; i < CONSUMER_WOKEN; i++)
		descriptor_close(heart->wake[i]);
	descriptor_close(heart->bookmarks);
	descriptor_close(heart->channel);
	descriptor_close(heart->engine_end);
}

/* The applier may have to wait for the kernel: meanwhile the engine advertises, and hears. */
static int freeze(struct heart *heart)
{
	union message message;
	int error;

	applier_freeze(heart->applier);
	message_init(&message, MESSAGE_FREEZE, 0);
	error = channel_send(heart->channel, &message, -1);
	if (error)
		return error;
	engine_frozen(heart->engine);
	return 0;
}

/* The events from the oldest that a reader still wants; *next: the number of the one after them.
 * Each is found at its record. */
static size_t unread(
	const struct heart *heart, struct event *events, const void **records, uint64_t *next)
{
	uint64_t cursor = consumer_bookmarks_oldest(heart->bookmarks);
	uint64_t lost = 0;
	size_t count = 0;

	while (count < RING_RECORDS && ring_read(heart->ring, &cursor, &events[count], &lost)) {
		records[count] = &events[count];
		count++;
	}
	*next = ring_next(heart->ring);
	return count;
}

static int leave(
	const struct heart *heart, uint64_t token, struct event *events, const void **records)
{
	struct legacy_program program = {
		.token = token, .frozen_at = clock_now(), .image_layout = image_layout_id()};
	const void *const own[] = {&program};
	struct archive_section sections[] = {
		{LEGACY_PROGRAM, legacy_program_fields, legacy_program_field_count, own, 1},
		{LEGACY_EVENTS, legacy_event_fields, legacy_event_field_count, records, 0},
	};
	int error = journal_identity(program.identity);

	if (error)
		return error;
	sections[1].record_count = unread(heart, events, records, &program.next_event);
	return engine_leave(heart->engine, sections, 2);
}

int heart_leave(struct heart *heart, uint64_t token)
{
	struct event *events = calloc(RING_RECORDS, sizeof(*events));
	const void **records = calloc(RING_RECORDS, sizeof(*records));
	int result = events && records ? freeze(heart) : -ENOMEM;

	if (!result)
		result = leave(heart, token, events, records);
	free(events);
	free(records);
	return result;
}

size_t heart_sockets(const struct heart *heart, int engine[INPUT_SOCKETS], int *groups, size_t room)
{
	engine_sockets(heart->engine, engine);
	return applier_sockets(heart->applier, groups, room);
}
