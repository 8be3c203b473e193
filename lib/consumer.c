/* SPDX-License-Identifier: ISC */
#include "lib/consumer.h"

#include "lib/sharedmem.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

struct bookmark {
	_Atomic uint64_t cursor;
	_Atomic uint64_t lost;
	_Atomic uint64_t notes[CONSUMER_NOTES];
};

struct bookmarks {
	struct bookmark readers[CONSUMER_COUNT];
	_Atomic uint64_t tracker_notes[CONSUMER_TRACKER_NOTES];
};

struct consumer {
	struct ring *ring;
	struct bookmarks *bookmarks;
	struct bookmark *own;
	uint64_t peeked; /* where the cursor goes once the peeked event is done */
	uint64_t ahead;	 /* consumer_next's cursor */
};

#define BOOKMARKS_SIZE sizeof(struct bookmarks)

int consumer_bookmarks_create(void)
{
	void *map;
	int fd = sharedmem_region("vrrp-bookmarks", BOOKMARKS_SIZE, 1, &map);

	if (fd >= 0)
		munmap(map, BOOKMARKS_SIZE);
	return fd;
}

bool consumer_bookmarks_fit(int fd)
{
	void *map;

	if (sharedmem_map_writable(fd, BOOKMARKS_SIZE, &map) < 0)
		return false;
	munmap(map, BOOKMARKS_SIZE);
	return true;
}

static uint64_t word(const _Atomic uint64_t *at)
{
	return atomic_load_explicit(at, memory_order_relaxed);
}

int consumer_bookmarks_copy(int from, int to, enum consumer_id id)
{
	const void *source;
	void *target;
	size_t size;
	int error = sharedmem_map(from, BOOKMARKS_SIZE, &source, &size);

	if (error)
		return error;
	error = sharedmem_map_writable(to, BOOKMARKS_SIZE, &target);
	if (!error) {
		const struct bookmark *there = &((const struct bookmarks *)source)->readers[id];
		struct bookmark *here = &((struct bookmarks *)target)->readers[id];

		here->cursor = word(&there->cursor);
		here->lost = word(&there->lost);
		for (size_t i = 0; i < CONSUMER_NOTES; i++)
			here->notes[i] = word(&there->notes[i]);
		munmap(target, BOOKMARKS_SIZE);
	}
	munmap((void *)source, size);
	return error;
}

uint64_t consumer_bookmarks_oldest(int fd)
{
	uint64_t oldest = UINT64_MAX;
	struct bookmarks *bookmarks;
	void *map;

	if (sharedmem_map_writable(fd, BOOKMARKS_SIZE, &map) < 0)
		return 0;
	bookmarks = map;
	for (int i = 0; i < CONSUMER_COUNT; i++) {
		uint64_t cursor =
			atomic_load_explicit(&bookmarks->readers[i].cursor, memory_order_relaxed);

		if (cursor && cursor < oldest)
			oldest = cursor;
	}
	munmap(map, BOOKMARKS_SIZE);
	return oldest == UINT64_MAX ? 0 : oldest;
}

struct consumer *consumer_open(int ring_fd, int bookmarks_fd, enum consumer_id id)
{
	struct consumer *consumer = calloc(1, sizeof(*consumer));
	void *map;
	int error;

	if (!consumer)
		return NULL;
	error = sharedmem_map_writable(bookmarks_fd, BOOKMARKS_SIZE, &map);
	if (error) {
		free(consumer);
		errno = -error;
		return NULL;
	}
	consumer->bookmarks = map;
	consumer->own = &consumer->bookmarks->readers[id];
	consumer->ring = ring_open(ring_fd);
	if (!consumer->ring) {
		error = errno;
		consumer_close(consumer);
		errno = error;
		return NULL;
	}
	consumer->ahead = atomic_load_explicit(&consumer->own->cursor, memory_order_relaxed);
	return consumer;
}

struct consumer *consumer_close(struct consumer *consumer)
{
	if (!consumer)
		return NULL;
	ring_close(consumer->ring);
	munmap(consumer->bookmarks, BOOKMARKS_SIZE);
	free(consumer);
	return NULL;
}

bool consumer_peek(struct consumer *consumer, struct event *event)
{
	uint64_t cursor = atomic_load_explicit(&consumer->own->cursor, memory_order_relaxed);
	uint64_t lost = 0;

	if (ring_read(consumer->ring, &cursor, event, &lost) == 0)
		return false;
	if (lost)
		atomic_fetch_add_explicit(&consumer->own->lost, lost, memory_order_relaxed);
	/* What was lost must not be counted again if the event is never done. */
	atomic_store_explicit(&consumer->own->cursor, cursor - 1, memory_order_relaxed);
	consumer->peeked = cursor;
	return true;
}

uint64_t consumer_place(const struct consumer *consumer)
{
	return atomic_load_explicit(&consumer->own->cursor, memory_order_relaxed);
}

void consumer_done(struct consumer *consumer)
{
	atomic_store_explicit(&consumer->own->cursor, consumer->peeked, memory_order_relaxed);
}

bool consumer_next(struct consumer *consumer, struct event *event, uint64_t *number)
{
	uint64_t before = consumer->ahead;
	uint64_t lost = 0;

	if (ring_read(consumer->ring, &consumer->ahead, event, &lost) == 0)
		return false;
	*number = consumer->ahead - 1;
	if (!lost)
		return true;
	atomic_fetch_add_explicit(&consumer->own->lost, lost, memory_order_relaxed);
	/* With nothing under way, the bookmark skips the gap, so that it is counted only once. */
	if (atomic_load_explicit(&consumer->own->cursor, memory_order_relaxed) == before)
		consumer_done_before(consumer, *number);
	return true;
}

uint64_t consumer_ahead(const struct consumer *consumer)
{
	return consumer->ahead;
}

uint64_t consumer_behind(const struct consumer *consumer)
{
	uint64_t cursor = atomic_load_explicit(&consumer->own->cursor, memory_order_relaxed);
	uint64_t next = ring_next(consumer->ring);

	return cursor > 0 && next > cursor ? next - cursor : 0;
}

bool consumer_pending(const struct consumer *consumer)
{
	return consumer->ahead < ring_next(consumer->ring);
}

void consumer_done_before(struct consumer *consumer, uint64_t number)
{
	atomic_store_explicit(&consumer->own->cursor, number, memory_order_relaxed);
}

_Atomic uint64_t *consumer_notes(struct consumer *consumer)
{
	return consumer->own->notes;
}

uint64_t consumer_lost(const struct consumer *consumer)
{
	return atomic_load_explicit(&consumer->own->lost, memory_order_relaxed);
}

_Atomic uint64_t *consumer_tracker_notes(struct consumer *consumer)
{
	return consumer->bookmarks->tracker_notes;
}
