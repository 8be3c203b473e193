/* SPDX-License-Identifier: ISC */
#include "lib/ring.h"

#include "lib/descriptor.h"
#include "lib/sharedmem.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define RING_MAGIC   0x31474e4952505256ull /* "VRPRING1" */
#define RECORD_WORDS (RING_RECORD_SIZE / sizeof(uint64_t))

typedef _Atomic uint64_t word;

struct header {
	uint64_t magic;
	uint64_t records;
	word next; /* number of the next record; starts at 1 */
	uint64_t reserved[5];
};

/* The number is 0 while the record is being written, so a reader can't mistake half of one for it.
 */
struct record {
	word number;
	word words[RECORD_WORDS];
};

struct ring {
	struct header *header;
	struct record *records;
	uint64_t mask;
	size_t size;
	int fd;
};

static void attach(struct ring *ring, void *map, size_t size)
{
	ring->header = map;
	ring->records = (struct record *)(ring->header + 1);
	ring->mask = ring->header->records - 1;
	ring->size = size;
}

struct ring *ring_create(size_t records, int *fd)
{
	size_t size = sizeof(struct header) + records * sizeof(struct record);
	struct ring *ring = calloc(1, sizeof(*ring));
	struct header *header;
	void *map;

	if (!ring)
		return NULL;
	ring->fd = sharedmem_region("vrrp-ring", size, 0, &map);
	if (ring->fd < 0) {
		errno = -ring->fd;
		free(ring);
		return NULL;
	}
	header = map;
	header->magic = RING_MAGIC;
	header->records = records;
	atomic_store_explicit(&header->next, 1, memory_order_release);
	attach(ring, map, size);
	*fd = ring->fd;
	return ring;
}

static bool is_ring(const struct header *header, size_t size)
{
	uint64_t records = header->records;

	return header->magic == RING_MAGIC && records && !(records & (records - 1)) &&
	       records == (size - sizeof(*header)) / sizeof(struct record);
}

struct ring *ring_open(int fd)
{
	struct ring *ring;
	const void *map;
	size_t size;
	int error = sharedmem_map(fd, sizeof(struct header), &map, &size);

	if (error) {
		errno = -error;
		return NULL;
	}
	ring = calloc(1, sizeof(*ring));
	if (!ring || !is_ring(map, size)) {
		munmap((void *)map, size);
		free(ring);
		errno = EPROTO;
		return NULL;
	}
	ring->fd = -1;
	attach(ring, (void *)map, size);
	return ring;
}

struct ring *ring_close(struct ring *ring)
{
	if (!ring)
		return NULL;
	munmap(ring->header, ring->size);
	descriptor_close(ring->fd);
	free(ring);
	return NULL;
}

void ring_begin_at(struct ring *ring, uint64_t number)
{
	if (number)
		atomic_store_explicit(&ring->header->next, number, memory_order_release);
}

uint64_t ring_append(struct ring *ring, const void *content)
{
	uint64_t number = atomic_load_explicit(&ring->header->next, memory_order_relaxed);
	struct record *record = &ring->records[number & ring->mask];

	atomic_store_explicit(&record->number, 0, memory_order_relaxed);
	for (size_t i = 0; i < RECORD_WORDS; i++) {
		uint64_t part;

		memcpy(&part, (const char *)content + i * sizeof(part), sizeof(part));
		atomic_store_explicit(&record->words[i], part, memory_order_release);
	}
	atomic_store_explicit(&record->number, number, memory_order_release);
	atomic_store_explicit(&ring->header->next, number + 1, memory_order_release);
	return number;
}

uint64_t ring_next(const struct ring *ring)
{
	return atomic_load_explicit(&ring->header->next, memory_order_acquire);
}

static bool copy_record(const struct record *record, uint64_t number, void *content)
{
	if (atomic_load_explicit(&record->number, memory_order_acquire) != number)
		return false;
	for (size_t i = 0; i < RECORD_WORDS; i++) {
		uint64_t part = atomic_load_explicit(&record->words[i], memory_order_acquire);

		memcpy((char *)content + i * sizeof(part), &part, sizeof(part));
	}
	return atomic_load_explicit(&record->number, memory_order_relaxed) == number;
}

/* The slot that is written next may be half overwritten already, so it does not count as held. */
static void skip_overwritten(
	const struct ring *ring, uint64_t next, uint64_t *cursor, uint64_t *lost)
{
	uint64_t oldest = next > ring->mask ? next - ring->mask : 1;

	if (*cursor < oldest) {
		*lost += oldest - *cursor;
		*cursor = oldest;
	}
}

int ring_read(const struct ring *ring, uint64_t *cursor, void *record, uint64_t *lost)
{
	if (*cursor == 0)
		*cursor = 1;
	for (;;) {
		uint64_t next = ring_next(ring);

		if (*cursor >= next)
			return 0;
		skip_overwritten(ring, next, cursor, lost);
		if (copy_record(&ring->records[*cursor & ring->mask], *cursor, record)) {
			++*cursor;
			return 1;
		}
	}
}
