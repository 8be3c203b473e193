/* SPDX-License-Identifier: ISC */
/* All of it comes through, although the kernel takes and gives less at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/fullio.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#define SIZE 1000000 /* many times what a pipe holds */

static char sent[SIZE], got[SIZE + 1];

static void *write_all_of_it(void *context)
{
	const int *fd = context;
	intptr_t error = fullio_write(*fd, sent, SIZE);

	close(*fd);
	return (void *)error;
}

static void test_more_than_fits_at_once(void **state)
{
	pthread_t writer;
	void *error;
	int ends[2];

	for (size_t i = 0; i < SIZE; i++)
		sent[i] = (char)(i * 31 >> 3);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(pthread_create(&writer, NULL, write_all_of_it, &ends[1]), 0);
	assert_int_equal(fullio_read(ends[0], got, SIZE / 2), SIZE / 2);
	/* one more is asked for than there is: the end is no error */
	assert_int_equal(fullio_read(ends[0], got + SIZE / 2, SIZE / 2 + 1), SIZE / 2);
	assert_int_equal(pthread_join(writer, &error), 0);
	assert_null(error);
	assert_memory_equal(sent, got, SIZE);
	assert_int_equal(fullio_read(ends[0], got, 1), 0);
	close(ends[0]);
}

static void test_failures(void **state)
{
	int fd = open("/dev/full", O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(fullio_write(fd, sent, SIZE), -ENOSPC);
	assert_int_equal(fullio_write(fd, sent, 0), 0);
	close(fd);
	assert_int_equal(fullio_write(fd, sent, 1), -EBADF);
	assert_int_equal(fullio_read(fd, got, 1), -EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_more_than_fits_at_once),
		cmocka_unit_test(test_failures),
	};

	return cmocka_run_group_tests_name("fullio", tests, NULL, NULL);
}
