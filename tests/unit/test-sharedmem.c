/* SPDX-License-Identifier: ISC */
/* Shared memory: who can write it, and when nobody can any more. */
#include "lib/sharedmem.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define SIZE 8192

static char text[SIZE];

/* Everything by which somebody with the descriptor, or a new one to the same, could change it. */
static void expect_unwritable(int fd)
{
	char path[64];
	int again;
	void *map;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, O_RDWR | O_CLOEXEC);
	assert_true(again >= 0);
	assert_int_equal(sharedmem_map_writable(again, SIZE, &map), -EPERM);
	assert_int_equal(pwrite(again, "x", 1, 0), -1);
	assert_int_equal(ftruncate(again, SIZE - 1), -1);
	assert_int_equal(ftruncate(again, SIZE + 1), -1);
	assert_int_equal(fallocate(again, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096), -1);
	close(again);
}

static void test_region(void **state)
{
	const void *reading;
	size_t size;
	void *map;
	int fd = sharedmem_region("region", SIZE, 0, &map);

	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	expect_unwritable(fd);
	assert_int_equal(sharedmem_map(fd, SIZE, &reading, &size), 0);
	assert_int_equal(size, SIZE);
	assert_memory_equal(reading, text, SIZE);
	strcpy(map, "hello");
	assert_string_equal(reading, "hello");
	assert_int_equal(sharedmem_check_sealed(fd), -EPERM);
	munmap((void *)reading, size);
	munmap(map, SIZE);
	close(fd);
}

static void test_region_for_others(void **state)
{
	void *other;
	void *map;
	int fd = sharedmem_region("region", SIZE, 1, &map);

	assert_true(fd >= 0);
	assert_int_equal(sharedmem_map_writable(fd, SIZE - 1, &other), -EINVAL);
	assert_int_equal(sharedmem_map_writable(fd, SIZE, &other), 0);
	strcpy(other, "hello");
	assert_string_equal(map, "hello");
	assert_int_equal(ftruncate(fd, SIZE - 1), -1);
	assert_int_equal(ftruncate(fd, SIZE + 1), -1);
	munmap(other, SIZE);
	munmap(map, SIZE);
	/* Whoever may write can't end that for the next. */
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), -1);
	assert_int_equal(sharedmem_map_writable(fd, SIZE, &other), 0);
	munmap(other, SIZE);
	close(fd);
}

static void test_document(void **state)
{
	const void *reading;
	size_t size;
	int fd;

	memset(text, 'x', sizeof(text));
	fd = sharedmem_document("document", text, SIZE);
	assert_true(fd >= 0);
	assert_int_equal(sharedmem_check_sealed(fd), 0);
	expect_unwritable(fd);
	assert_int_equal(sharedmem_map(fd, SIZE + 1, &reading, &size), -EINVAL);
	assert_int_equal(sharedmem_map(fd, 1, &reading, &size), 0);
	assert_int_equal(size, SIZE);
	assert_memory_equal(reading, text, SIZE);
	munmap((void *)reading, size);
	close(fd);
	memset(text, 0, sizeof(text));
}

static void test_other_files(void **state)
{
	static const int partial[] = {0, F_SEAL_WRITE, F_SEAL_WRITE | F_SEAL_SHRINK,
		F_SEAL_SHRINK | F_SEAL_GROW, F_SEAL_WRITE | F_SEAL_GROW};
	const void *reading;
	size_t size;
	int ends[2];

	for (size_t i = 0; i < sizeof(partial) / sizeof(*partial); i++) {
		int fd = memfd_create("partial", MFD_CLOEXEC | MFD_ALLOW_SEALING);

		assert_int_equal(fcntl(fd, F_ADD_SEALS, partial[i]), 0);
		assert_int_equal(sharedmem_check_sealed(fd), -EPERM);
		assert_int_equal(sharedmem_map(fd, 0, &reading, &size), -EINVAL);
		close(fd);
	}
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(sharedmem_check_sealed(ends[0]), -EPERM);
	assert_int_equal(sharedmem_map(ends[0], 1, &reading, &size), -EINVAL);
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(sharedmem_map(-1, 1, &reading, &size), -EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_region),
		cmocka_unit_test(test_region_for_others),
		cmocka_unit_test(test_document),
		cmocka_unit_test(test_other_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
