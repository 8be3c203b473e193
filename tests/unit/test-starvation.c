/* SPDX-License-Identifier: ISC */
/* A silent process that gets no processor is told from one that hangs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "agent/starvation.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NOW	 1000000
#define PROMISED 1300
#define RAN	 7000

static enum starvation_verdict judge(
	struct starvation *starvation, char state, uint32_t ran, uint64_t now)
{
	const struct starvation_look look = {.state = state, .ran = ran};

	return starvation_judge(starvation, &look, now);
}

static enum starvation_verdict judge_once(char state, uint32_t ran)
{
	struct starvation starvation;

	starvation_promise(&starvation, PROMISED, RAN);
	return judge(&starvation, state, ran, NOW);
}

static void test_own_time_counts(void **state)
{
	assert_int_equal(judge_once('R', RAN), STARVATION_STARVES);
	assert_int_equal(judge_once('R', RAN + PROMISED - 1), STARVATION_STARVES);
	/* an endless loop */
	assert_int_equal(judge_once('R', RAN + PROMISED), STARVATION_HANGS);
	/* the kernel's count is the coarser one */
	assert_int_equal(judge_once('R', RAN - 9), STARVATION_STARVES);
}

static void test_time_wraps(void **state)
{
	struct starvation starvation;

	starvation_promise(&starvation, PROMISED, UINT32_MAX - 100);
	assert_int_equal(judge(&starvation, 'R', 100, NOW), STARVATION_STARVES);
	assert_int_equal(judge(&starvation, 'R', PROMISED, NOW), STARVATION_HANGS);
}

static void test_stopped(void **state)
{
	for (const char *at = "TtZXxPI"; *at; at++)
		assert_int_equal(judge_once(*at, RAN), STARVATION_HANGS);
}

/* It may be about to speak, or in between; not twice. */
static void test_waiting(void **state)
{
	struct starvation starvation;

	for (const char *at = "SD"; *at; at++) {
		starvation_promise(&starvation, PROMISED, RAN);
		assert_int_equal(judge(&starvation, *at, RAN, NOW), STARVATION_WAITS);
		assert_int_equal(judge(&starvation, *at, RAN, NOW + 200), STARVATION_HANGS);
		starvation_promise(&starvation, PROMISED, RAN);
		assert_int_equal(judge(&starvation, *at, RAN, NOW), STARVATION_WAITS);
		assert_int_equal(judge(&starvation, 'R', RAN, NOW + 200), STARVATION_STARVES);
		assert_int_equal(judge(&starvation, *at, RAN, NOW + 400), STARVATION_WAITS);
		assert_int_equal(judge(&starvation, 'T', RAN, NOW + 600), STARVATION_HANGS);
	}
}

static void test_not_for_ever(void **state)
{
	struct starvation starvation;
	uint64_t now = NOW;

	starvation_promise(&starvation, PROMISED, RAN);
	while (judge(&starvation, 'R', RAN, now) == STARVATION_STARVES)
		now += 200;
	assert_in_range(now - NOW, 20000, 60000);
	/* a new promise, a new wait */
	starvation_promise(&starvation, PROMISED, RAN);
	assert_int_equal(judge(&starvation, 'R', RAN, now), STARVATION_STARVES);
}

static void test_parse(void **state)
{
	static const char *const bad[] = {
		"", "1 (a", "1 (a)", "1 (a) R", "1 (a) R 1 1 1 1 1 1 1 1"};
	const uint32_t tick = (uint32_t)(1000 / sysconf(_SC_CLK_TCK));
	struct starvation_look look;

	assert_int_equal(
		starvation_parse(
			"7 (a) b (c)) T 1 2 3 0 -1 4194560 5 6 7 8 30 12 99 98 20 0", &look),
		0);
	assert_int_equal(look.state, 'T');
	assert_int_equal(look.ran, 42 * tick);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(starvation_parse(bad[i], &look), -EPROTO);
}

/* The same descriptor tells ever again, until the process is gone. */
static void test_look(void **state)
{
	struct starvation_look look;
	pid_t pid = fork();
	int fd;

	if (pid == 0)
		for (;;)
			;
	fd = starvation_open(pid);
	assert_true(fd >= 0);
	do {
		assert_int_equal(starvation_look_at(fd, &look), 0);
		assert_int_equal(look.state, 'R');
		sched_yield();
	} while (look.ran < 50);
	kill(pid, SIGSTOP);
	waitpid(pid, NULL, WUNTRACED);
	assert_int_equal(starvation_look_at(fd, &look), 0);
	assert_int_equal(look.state, 'T');
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(starvation_look_at(fd, &look), -ESRCH);
	close(fd);
	assert_int_equal(starvation_open(pid), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_time_counts),
		cmocka_unit_test(test_time_wraps),
		cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_waiting),
		cmocka_unit_test(test_not_for_ever),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_look),
	};

	return cmocka_run_group_tests_name("starvation", tests, NULL, NULL);
}
