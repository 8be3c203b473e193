/* SPDX-License-Identifier: ISC */
/* Messages while nobody reads them: nobody waits for long, and how many were lost is said. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/clock.h"
#include "lib/log.h"

#define LINES 2000 /* more than any of these takes */
#define SOON  (5 * NSEC_PER_SEC)

/* Standard error of the test itself, which the messages take the place of. */
static int own;

static void make_pipe(int ends[2])
{
	assert_int_equal(pipe(ends), 0);
}

static void make_sockets(int ends[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
}

static void make_terminal(int ends[2])
{
	struct termios raw;

	ends[0] = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(ends[0] >= 0);
	assert_int_equal(grantpt(ends[0]), 0);
	assert_int_equal(unlockpt(ends[0]), 0);
	ends[1] = open(ptsname(ends[0]), O_RDWR | O_NOCTTY);
	assert_true(ends[1] >= 0);
	assert_int_equal(tcgetattr(ends[1], &raw), 0);
	cfmakeraw(&raw);
	assert_int_equal(tcsetattr(ends[1], TCSANOW, &raw), 0);
}

static void begin(int end)
{
	own = dup(STDERR_FILENO);
	dup2(end, STDERR_FILENO);
	unsetenv("JOURNAL_STREAM");
	log_open("tester", LOG_INFO);
}

static void end(void)
{
	dup2(own, STDERR_FILENO);
	close(own);
	log_open("tester", LOG_INFO);
}

/* All that is there now, the caller's. */
static char *read_now(int fd)
{
	size_t size = 4 << 20, length = 0;
	char *text = malloc(size);
	ssize_t got;

	assert_non_null(text);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	while ((got = read(fd, text + length, size - 1 - length)) > 0)
		length += (size_t)got;
	text[length] = '\0';
	return text;
}

static unsigned count(const char *text, const char *word)
{
	unsigned found = 0;

	for (; (text = strstr(text, word)); text++)
		found++;
	return found;
}

static void assert_nobody_waits(void (*make)(int ends[2]))
{
	unsigned long lost = 0;
	unsigned arrived;
	uint64_t since;
	char *text;
	int ends[2], flags;

	make(ends);
	begin(ends[1]);
	since = clock_now();
	for (int i = 0; i < LINES; i++)
		log_message(LOG_INFO, "line %d of many, each of which says %0200d", i, i);
	flags = fcntl(STDERR_FILENO, F_GETFL);
	since = clock_now() - since;
	text = read_now(ends[0]);
	arrived = count(text, "info tester: line ");
	free(text);
	log_message(LOG_INFO, "heard again");
	log_message(LOG_INFO, "and again");
	end();
	text = read_now(ends[0]);
	assert_true(since < SOON);
	assert_false(flags & O_NONBLOCK);
	assert_in_range(arrived, 5, LINES - 1);
	assert_non_null(strstr(text, "warning tester: "));
	assert_int_equal(sscanf(strstr(text, "warning tester: "), "warning tester: %lu", &lost), 1);
	assert_in_range(lost + arrived, LINES, LINES + 1); /* a terminal takes a part of one */
	assert_int_equal(count(text, "because nobody read them\n"), 1);
	assert_non_null(strstr(text, "info tester: heard again\n"));
	assert_non_null(strstr(text, "info tester: and again\n"));
	free(text);
	close(ends[0]);
	close(ends[1]);
}

static void test_pipe(void **state)
{
	assert_nobody_waits(make_pipe);
}

static void test_socket(void **state)
{
	assert_nobody_waits(make_sockets);
}

static void test_terminal(void **state)
{
	assert_nobody_waits(make_terminal);
}

/* The twin: one that reads in time, however slowly, misses nothing. */
static void test_slow_reader_misses_nothing(void **state)
{
	unsigned seen = 0;
	char *text;
	int ends[2];

	make_pipe(ends);
	begin(ends[1]);
	for (int i = 0; i < LINES; i++) {
		log_message(LOG_INFO, "line %0200d", i);
		if (i % 100 == 99) {
			text = read_now(ends[0]);
			seen += count(text, "info tester: line ");
			free(text);
		}
	}
	end();
	assert_int_equal(seen, LINES);
	close(ends[0]);
	close(ends[1]);
}

static void test_plain_lines_are_whole(void **state)
{
	char *text;
	int ends[2];

	make_pipe(ends);
	begin(ends[1]);
	log_plain("first: %d\n\n    third\n", 1);
	log_plain("%s", "");
	end();
	text = read_now(ends[0]);
	assert_string_equal(text, "first: 1\n\n    third\n");
	free(text);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pipe),
		cmocka_unit_test(test_socket),
		cmocka_unit_test(test_terminal),
		cmocka_unit_test(test_slow_reader_misses_nothing),
		cmocka_unit_test(test_plain_lines_are_whole),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
