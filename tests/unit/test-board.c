/* SPDX-License-Identifier: ISC */
/* The status board: consistent copies while the writer writes, and an answer when it is stuck. */
#include "lib/board.h"
#include "lib/clock.h"
#include "lib/sharedmem.h"
#include "tests/unit/halfway.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define ROWS	4
#define WORDS	32
#define WRITES	100000
#define READERS 2

static struct board *board;
static int board_fd;

struct row {
	uint64_t words[WORDS];
};

static struct row filled(uint64_t value)
{
	struct row row;

	for (size_t i = 0; i < WORDS; i++)
		row.words[i] = value;
	return row;
}

static int begin(void **state)
{
	board = board_create(ROWS, sizeof(struct row), &board_fd);
	return board ? 0 : -1;
}

static int end(void **state)
{
	board = board_close(board);
	return 0;
}

static void test_copies(void **state)
{
	struct board *reader = board_open(board_fd, sizeof(struct row));
	struct row copy;

	assert_non_null(reader);
	assert_int_equal(board_rows(reader), ROWS);
	assert_int_equal(board_read(reader, 0, &copy), 0);
	assert_memory_equal(&copy, &(struct row){0}, sizeof(copy));
	for (uint64_t i = 0; i < ROWS; i++) {
		struct row row = filled(i + 1);

		board_write(board, i, &row);
	}
	for (uint64_t i = 0; i < ROWS; i++) {
		struct row row = filled(i + 1);

		assert_int_equal(board_read(reader, i, &copy), 0);
		assert_memory_equal(&copy, &row, sizeof(copy));
	}
	assert_int_equal(board_read(reader, ROWS, &copy), -ERANGE);
	assert_int_equal(board_read(board, ROWS, &copy), -ERANGE);
	assert_int_equal(board_read(reader, SIZE_MAX, &copy), -ERANGE);
	assert_int_equal(board_generation(reader), 0);
	board_bump(board);
	assert_int_equal(board_generation(reader), 1);
	assert_null(board_close(reader));
	assert_null(board_close(NULL));
}

static void test_first_words(void **state)
{
	struct board *reader = board_open(board_fd, sizeof(struct row));
	const size_t size = sizeof(struct row) / 16 * 8;
	const struct row old = filled(3), new = filled(4);
	struct row copy;

	board_write(board, 1, &old);
	board_write(board, 2, &old);
	board_write_first(board, 1, &new, size);
	assert_int_equal(board_read(reader, 1, &copy), 0);
	assert_memory_equal(&copy, &new, size);
	assert_memory_equal(
		(const char *)&copy + size, (const char *)&old + size, sizeof(struct row) - size);
	assert_int_equal(board_read(reader, 2, &copy), 0);
	assert_memory_equal(&copy, &old, sizeof(copy));
	board_close(reader);
}

static void test_one_word(void **state)
{
	struct board *reader = board_open(board_fd, sizeof(struct row));
	const size_t last = sizeof(struct row) / sizeof(uint64_t) - 1;
	struct row expected = filled(3), copy;

	board_write(board, 1, &expected);
	board_write_word(board, 1, last, 77);
	memcpy((char *)&expected + last * sizeof(uint64_t), &(uint64_t){77}, sizeof(uint64_t));
	assert_int_equal(board_read(reader, 1, &copy), 0);
	assert_memory_equal(&copy, &expected, sizeof(copy));
	board_close(reader);
}

static void test_not_a_board(void **state)
{
	static const char zeros[4096];
	int document = sharedmem_document("zeros", zeros, sizeof(zeros));
	int small = sharedmem_document("small", zeros, 8);

	assert_null(board_open(board_fd, sizeof(struct row) + 8));
	assert_int_equal(errno, EPROTO);
	assert_null(board_open(document, sizeof(struct row)));
	assert_int_equal(errno, EPROTO);
	assert_null(board_open(small, sizeof(struct row)));
	assert_int_equal(errno, EINVAL);
	assert_null(board_open(-1, sizeof(struct row)));
	assert_int_equal(errno, EBADF);
	close(document);
	close(small);
}

static void test_only_the_creator_writes(void **state)
{
	char path[64];
	void *map;
	int fd;

	assert_int_equal(sharedmem_map_writable(board_fd, 4096, &map), -EINVAL);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", board_fd);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_equal(map, MAP_FAILED);
	assert_int_equal(pwrite(fd, "x", 1, 0), -1);
	map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(map, MAP_FAILED);
	assert_int_equal(mprotect(map, 4096, PROT_READ | PROT_WRITE), -1);
	munmap(map, 4096);
	close(fd);
}

struct reading {
	uint64_t good;
	uint64_t torn;
	uint64_t backwards;
	bool opened;
};

static _Atomic bool writing;

/* cmocka's assertions are for the main thread only: what was seen is judged there. */
static void *read_on(void *context)
{
	struct reading *reading = context;
	struct board *reader = board_open(board_fd, sizeof(struct row));
	uint64_t last = 0;

	reading->opened = reader != NULL;
	for (bool ended = !reader; !ended;) {
		struct row copy;

		/* One more after the last write: on a busy machine it may be the only one. */
		ended = !atomic_load(&writing);
		if (board_read(reader, 1, &copy))
			continue;
		for (size_t i = 1; i < WORDS; i++)
			reading->torn += copy.words[i] != copy.words[0];
		reading->backwards += copy.words[0] < last;
		last = copy.words[0];
		reading->good++;
	}
	board_close(reader);
	return NULL;
}

static void test_torn(void **state)
{
	struct reading readings[READERS] = {0};
	pthread_t threads[READERS];

	atomic_store(&writing, true);
	for (int i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_on, &readings[i]), 0);
	for (uint64_t i = 1; i <= WRITES; i++) {
		struct row row = filled(i);

		board_write(board, 1, &row);
		if (i % 1024 == 0)
			usleep(1); /* on few processors, let the readers in */
	}
	atomic_store(&writing, false);
	for (int i = 0; i < READERS; i++) {
		pthread_join(threads[i], NULL);
		assert_true(readings[i].opened);
		assert_true(readings[i].good > 0);
		assert_int_equal(readings[i].torn, 0);
		assert_int_equal(readings[i].backwards, 0);
	}
}

static void write_row(void *context, const void *source)
{
	board_write(board, 1, source);
}

static void test_stuck_writer(void **state)
{
	struct board *reader = board_open(board_fd, sizeof(struct row));
	struct row row = filled(7);
	struct row copy;
	uint64_t before;

	board_write(board, 1, &row);
	board_write(board, 2, &row);
	die_halfway(write_row, NULL, sizeof(struct row), sizeof(struct row) / 2);
	before = clock_now();
	assert_int_equal(board_read(reader, 1, &copy), -EAGAIN);
	assert_true(clock_now() - before < NSEC_PER_SEC);
	assert_int_equal(board_read(reader, 2, &copy), 0);
	assert_memory_equal(&copy, &row, sizeof(copy));
	board_close(reader);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(copies),
		TEST(first_words),
		TEST(one_word),
		TEST(not_a_board),
		TEST(only_the_creator_writes),
		TEST(torn),
		TEST(stuck_writer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
