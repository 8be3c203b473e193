/* SPDX-License-Identifier: ISC */
#include "agent/dataplane.h"

#include "agent/handed_over.h"
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
static int go_on_telling(struct dataplane *dataplane, struct handed_over *handed)
{
	size_t count = archive_count(handed->archive, HANDED_OVER_EVENTS);
	struct archive_reader *reader = archive_reader_new(handed->archive, HANDED_OVER_EVENTS,
		handed_over_event_fields, handed_over_event_field_count);

	if (!reader)
		return -ENOMEM;
	if (handed->bookmarks >= 0 && consumer_bookmarks_fit(handed->bookmarks)) {
		close(dataplane->bookmarks);
		dataplane->bookmarks = handed->bookmarks;
		handed->bookmarks = -1;
		ring_begin_at(dataplane->ring, handed->program.next_event - count);
		for (size_t i = 0; i < count; i++) {
			struct event event;

			archive_read(reader, i, &event);
			ring_append(dataplane->ring, &event);
		}
	}
	archive_reader_free(reader);
	return consumer_bookmarks_copy(
		dataplane->bookmarks, dataplane->agentx_bookmarks, CONSUMER_AGENTX);
}

static int make_shared(struct dataplane *dataplane, struct handed_over *handed)
{
	dataplane->board =
		board_create(STATUS_ROWS, sizeof(union status_row), &dataplane->board_fd);
	dataplane->ring = ring_create(RING_RECORDS, &dataplane->ring_fd);
	dataplane->bookmarks = consumer_bookmarks_create();
	dataplane->agentx_bookmarks = consumer_bookmarks_create();
	if (!dataplane->board || !dataplane->ring || dataplane->bookmarks < 0 ||
		dataplane->agentx_bookmarks < 0)
		return -errno;
	for (int i = 0; i < CONSUMER_WOKEN; i++) {
		dataplane->wake[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (dataplane->wake[i] < 0)
			return -errno;
	}
	return handed->archive ? go_on_telling(dataplane, handed) : 0;
}

static int start_applier(
	struct dataplane *dataplane, const char *run_dir, struct handed_over *handed)
{
	struct applier_setup setup = {
		.run_dir = run_dir,
		.slots = IMAGE_SLOTS,
		.resume = handed->archive,
		.sockets = handed->groups,
		.socket_count = handed->group_count,
		.journal = handed->journal,
	};

	dataplane->applier = applier_start(&setup);
	if (!dataplane->applier)
		return -errno;
	handed->group_count = 0;
	return 0;
}

static int start_engine(struct dataplane *dataplane, struct handed_over *handed)
{
	struct engine_setup setup = {
		.applier = dataplane->applier,
		.board = dataplane->board,
		.ring = dataplane->ring,
		.supervisor = dataplane->engine_end,
		.resume = handed->snapshot,
		.image = handed->image,
		.filter = dataplane->filter,
		.filter_unwanted = dataplane->filter_unwanted,
	};

	dataplane->engine_end = -1;
	memcpy(setup.wake, dataplane->wake, sizeof(setup.wake));
	for (int i = 0; i < INPUT_SOCKETS; i++) {
		setup.sockets[i] = handed->sockets[i];
		handed->sockets[i] = -1;
	}
	dataplane->engine = engine_start(&setup);
	if (dataplane->engine)
		return 0;
	dataplane->filter = NULL; /* gone with it */
	return -errno;
}

int dataplane_prepare(struct dataplane *dataplane, struct handed_over *handed)
{
	int ends[2];
	int error = make_shared(dataplane, handed);

	if (!error)
		error = channel_pair(ends);
	if (error)
		return error;
	dataplane->channel = ends[0];
	dataplane->engine_end = ends[1];
	return 0;
}

/* What the host does not give to the engine's sockets. */
static void complain(const struct dataplane *dataplane)
{
	int sockets[INPUT_SOCKETS], held;

	engine_sockets(dataplane->engine, sockets);
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

int dataplane_start(struct dataplane *dataplane, const char *run_dir, struct handed_over *handed)
{
	int error = start_applier(dataplane, run_dir, handed);

	if (!error)
		error = start_engine(dataplane, handed);
	if (!error)
		complain(dataplane);
	return error;
}

void dataplane_stop(struct dataplane *dataplane)
{
	if (!dataplane->engine)
		filter_close(dataplane->filter);
	engine_end(dataplane->engine);
	applier_stop(dataplane->applier);
	ring_close(dataplane->ring);
	board_close(dataplane->board);
	for (int i = 0; i < CONSUMER_WOKEN; i++)
		descriptor_close(dataplane->wake[i]);
	descriptor_close(dataplane->bookmarks);
	descriptor_close(dataplane->agentx_bookmarks);
	descriptor_close(dataplane->channel);
	descriptor_close(dataplane->engine_end);
}

bool dataplane_freeze_applier(struct dataplane *dataplane, uint64_t wait)
{
	return applier_freeze(dataplane->applier, wait);
}

static int freeze_engine(const struct dataplane *dataplane)
{
	union message message;
	int error;

	message_init(&message, MESSAGE_FREEZE, 0);
	error = channel_send(dataplane->channel, &message, -1);
	if (error)
		return error;
	engine_frozen(dataplane->engine);
	return 0;
}

/* The events from the oldest that a reader still wants; *next: the number of the one after them.
 * Each is found at its record. */
static size_t unread(const struct dataplane *dataplane, struct event *events, const void **records,
	uint64_t *next)
{
	uint64_t cursor = consumer_bookmarks_oldest(dataplane->bookmarks);
	uint64_t lost = 0;
	size_t count = 0;

	while (count < RING_RECORDS && ring_read(dataplane->ring, &cursor, &events[count], &lost)) {
		records[count] = &events[count];
		count++;
	}
	*next = ring_next(dataplane->ring);
	return count;
}

static int leave(const struct dataplane *dataplane, uint64_t token, struct event *events,
	const void **records)
{
	struct handed_over_program program = {
		.token = token, .frozen_at = clock_now(), .image_layout = image_layout_id()};
	const void *const own[] = {&program};
	struct archive_section sections[] = {
		{HANDED_OVER_PROGRAM, handed_over_program_fields, handed_over_program_field_count,
			own, 1},
		{HANDED_OVER_EVENTS, handed_over_event_fields, handed_over_event_field_count,
			records, 0},
	};
	int error = journal_identity(program.identity);

	if (error)
		return error;
	/* Without it what this agentx has told is told again. */
	consumer_bookmarks_copy(dataplane->agentx_bookmarks, dataplane->bookmarks, CONSUMER_AGENTX);
	sections[1].record_count = unread(dataplane, events, records, &program.next_event);
	return engine_take_snapshot(dataplane->engine, sections, 2);
}

int dataplane_hand_over(struct dataplane *dataplane, uint64_t token)
{
	struct event *events = calloc(RING_RECORDS, sizeof(*events));
	const void **records = calloc(RING_RECORDS, sizeof(*records));
	int result = events && records ? freeze_engine(dataplane) : -ENOMEM;

	if (!result)
		result = leave(dataplane, token, events, records);
	free(events);
	free(records);
	return result;
}

size_t dataplane_sockets(
	const struct dataplane *dataplane, int engine[INPUT_SOCKETS], int *groups, size_t room)
{
	engine_sockets(dataplane->engine, engine);
	return applier_sockets(dataplane->applier, groups, room);
}

int dataplane_journal(const struct dataplane *dataplane)
{
	return applier_journal(dataplane->applier);
}
