/* SPDX-License-Identifier: ISC */
/* The event ring: every record once and in order, or a loss of known size. */
#include "lib/ring.h"
#include "lib/sharedmem.h"
#include "tests/unit/halfway.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define RECORDS 16
#define APPENDS 200000
#define READERS 2

struct record {
	uint64_t words[RING_RECORD_SIZE / sizeof(uint64_t)];
};

static struct ring *ring;
static int ring_fd;

static int begin(void **state)
{
	ring = ring_create(RECORDS, &ring_fd);
	return ring ? 0 : -1;
}

static int end(void **state)
{
	ring = ring_close(ring);
	return 0;
}

static void append(uint64_t value)
{
	struct record record;

	for (size_t i = 0; i < sizeof(record.words) / sizeof(*record.words); i++)
		record.words[i] = value;
	ring_append(ring, &record);
}

static bool whole(const struct record *record, uint64_t value)
{
	for (size_t i = 0; i < sizeof(record->words) / sizeof(*record->words); i++) {
		if (record->words[i] != value)
			return false;
	}
	return true;
}

/* How many are appended before the reader looks; where it stood; what it gets. */
static const struct {
	unsigned int appended;
	uint64_t cursor;
	uint64_t first, lost, read;
} rows[] = {
	{0, 0, 0, 0, 0},
	{1, 0, 1, 0, 1},
	{1, 1, 1, 0, 1},
	{3, 2, 2, 0, 2},
	{3, 4, 0, 0, 0},
	{RECORDS - 1, 0, 1, 0, RECORDS - 1},
	{RECORDS, 0, 2, 1, RECORDS - 1}, /* the slot that is written next does not count */
	{RECORDS + 1, 1, 3, 2, RECORDS - 1},
	{RECORDS + 1, 3, 3, 0, RECORDS - 1},
	{10 * RECORDS, 5, 9 * RECORDS + 2, 9 * RECORDS - 3, RECORDS - 1},
	{10 * RECORDS, 10 * RECORDS + 1, 0, 0, 0},
	{10 * RECORDS, 10 * RECORDS, 10 * RECORDS, 0, 1},
};

static void test_reading(void **state)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint64_t cursor = rows[i].cursor;
		uint64_t lost = 0;
		uint64_t count = 0;
		struct record record;
		struct ring *reader;

		begin(state);
		reader = ring_open(ring_fd);
		assert_non_null(reader);
		for (uint64_t value = 1; value <= rows[i].appended; value++)
			append(value);
		assert_int_equal(ring_next(reader), rows[i].appended + 1);
		while (ring_read(reader, &cursor, &record, &lost) == 1) {
			assert_true(whole(&record, rows[i].first + count));
			count++;
			assert_int_equal(cursor, rows[i].first + count);
		}
		assert_int_equal(count, rows[i].read);
		assert_int_equal(lost, rows[i].lost);
		assert_null(ring_close(reader));
		end(state);
	}
	assert_null(ring_close(NULL));
}

/* A ring in all but its mark, the first word. */
static int unmarked_copy(void)
{
	static char bytes[1 << 16];
	const void *map;
	size_t size;
	int fd;

	assert_int_equal(sharedmem_map(ring_fd, 1, &map, &size), 0);
	assert_in_range(size, 1, sizeof(bytes));
	memcpy(bytes, map, size);
	munmap((void *)map, size);
	memset(bytes, 0, sizeof(uint64_t));
	fd = sharedmem_document("unmarked", bytes, size);
	assert_true(fd >= 0);
	return fd;
}

static void test_not_a_ring(void **state)
{
	static const char zeros[4096];
	int document = sharedmem_document("zeros", zeros, sizeof(zeros));
	int small = sharedmem_document("small", zeros, 8);

	assert_null(ring_open(document));
	assert_int_equal(errno, EPROTO);
	assert_null(ring_open(small));
	assert_int_equal(errno, EINVAL);
	close(document);
	close(small);
	document = unmarked_copy();
	assert_null(ring_open(document));
	assert_int_equal(errno, EPROTO);
	close(document);
}

static void test_only_the_creator_writes(void **state)
{
	assert_ptr_equal(
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, ring_fd, 0), MAP_FAILED);
	assert_int_equal(pwrite(ring_fd, "x", 1, 0), -1);
	assert_int_equal(ftruncate(ring_fd, 0), -1);
}

struct reading {
	uint64_t read, lost, wrong;
	bool opened;
};

static void *read_on(void *context)
{
	struct reading *reading = context;
	struct ring *reader = ring_open(ring_fd);
	uint64_t cursor = 1;

	reading->opened = reader != NULL;
	while (reader && cursor <= APPENDS) {
		struct record record;

		if (ring_read(reader, &cursor, &record, &reading->lost) == 0)
			continue;
		reading->read++;
		reading->wrong += !whole(&record, cursor - 1);
	}
	ring_close(reader);
	return NULL;
}

/* Of what a reader missed it knows exactly how much. */
static void test_threads(void **state)
{
	struct reading readings[READERS] = {0};
	pthread_t threads[READERS];

	for (int i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_on, &readings[i]), 0);
	for (uint64_t i = 1; i <= APPENDS; i++) {
		append(i);
		if (i % 1024 == 0)
			usleep(1); /* on few processors, let the readers in */
	}
	for (int i = 0; i < READERS; i++) {
		pthread_join(threads[i], NULL);
		assert_true(readings[i].opened);
		assert_true(readings[i].read > 0);
		assert_int_equal(readings[i].wrong, 0);
		assert_int_equal(readings[i].read + readings[i].lost, APPENDS);
	}
}

static void append_from(void *context, const void *source)
{
	ring_append(ring, source);
}

/* Whatever the ring is filled with: what was complete is read, and then there is nothing. */
static void test_stuck_writer(void **state)
{
	for (unsigned int appended = 0; appended < 2 * RECORDS; appended++) {
		uint64_t cursor = 0;
		uint64_t lost = 0;
		uint64_t read = 0;
		struct record record;

		begin(state);
		for (uint64_t value = 1; value <= appended; value++)
			append(value);
		die_halfway(append_from, NULL, RING_RECORD_SIZE, RING_RECORD_SIZE / 2);
		while (ring_read(ring, &cursor, &record, &lost) == 1) {
			assert_true(whole(&record, cursor - 1));
			read++;
		}
		assert_int_equal(read + lost, appended);
		assert_int_equal(read, appended < RECORDS ? appended : RECORDS - 1);
		end(state);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reading),
		cmocka_unit_test_setup_teardown(test_not_a_ring, begin, end),
		cmocka_unit_test_setup_teardown(test_only_the_creator_writes, begin, end),
		cmocka_unit_test_setup_teardown(test_threads, begin, end),
		cmocka_unit_test(test_stuck_writer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
