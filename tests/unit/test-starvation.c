/* SPDX-License-Identifier: ISC */
/* A silent process that gets no processor is told from one that hangs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "agent/starvation.h"
#include "lib/procstat.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NOW   1000000
#define LATER (NOW + 200)
#define RAN   7000
#define SHARE 500 /* ms of a processor, more than which nobody needs */

static enum starvation_verdict judge(
	struct starvation *starvation, char state, uint32_t ran, uint64_t now)
{
	const struct starvation_look look = {.state = state, .ran = ran};

	return starvation_judge(starvation, &look, now);
}

static enum starvation_verdict judge_twice(char before, char state, uint32_t ran, uint64_t now)
{
	struct starvation starvation;

	starvation_begin(&starvation);
	judge(&starvation, before, RAN, NOW);
	return judge(&starvation, state, RAN + ran, now);
}

static void test_own_time_counts(void **state)
{
	struct starvation starvation;

	/* the first look tells nothing about who gets what */
	starvation_begin(&starvation);
	assert_int_equal(judge(&starvation, 'R', RAN, NOW), STARVATION_WAITS);
	assert_int_equal(judge_twice('R', 'R', 0, LATER), STARVATION_STARVES);
	assert_int_equal(judge_twice('R', 'R', 99, LATER), STARVATION_STARVES);
	/* it gets a processor, and may come to an end */
	assert_int_equal(judge_twice('R', 'R', 100, LATER), STARVATION_WAITS);
	assert_int_equal(judge_twice('R', 'R', SHARE - 1, NOW + 600), STARVATION_WAITS);
	/* an endless loop, alone and beside others */
	assert_int_equal(judge_twice('R', 'R', SHARE, NOW + 600), STARVATION_HANGS);
	assert_int_equal(judge_twice('R', 'R', SHARE, NOW + 6000), STARVATION_HANGS);
}

static void test_time_wraps(void **state)
{
	struct starvation starvation;

	starvation_begin(&starvation);
	judge(&starvation, 'R', UINT32_MAX - 100, NOW);
	assert_int_equal(judge(&starvation, 'R', 0, NOW + 1000), STARVATION_STARVES);
	assert_int_equal(judge(&starvation, 'R', SHARE, NOW + 1000), STARVATION_HANGS);
}

static void test_stopped(void **state)
{
	struct starvation starvation;

	for (const char *at = "TtZXxPI"; *at; at++) {
		starvation_begin(&starvation);
		assert_int_equal(judge(&starvation, *at, RAN, NOW), STARVATION_HANGS);
	}
}

/* It may be about to speak, or in between; not twice. */
static void test_waiting(void **state)
{
	struct starvation starvation;

	for (const char *at = "SD"; *at; at++) {
		starvation_begin(&starvation);
		assert_int_equal(judge(&starvation, *at, RAN, NOW), STARVATION_WAITS);
		assert_int_equal(judge(&starvation, *at, RAN, NOW + 200), STARVATION_HANGS);
		starvation_begin(&starvation);
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

	starvation_begin(&starvation);
	judge(&starvation, 'R', RAN, now);
	do {
		now += 200;
	} while (judge(&starvation, 'R', RAN, now) == STARVATION_STARVES);
	assert_in_range(now - NOW, 20000, 60000);
	/* a new promise, a new wait */
	starvation_begin(&starvation);
	assert_int_equal(judge(&starvation, 'R', RAN, now), STARVATION_WAITS);
}

#define PROCESSORS 4
#define IDLE	   500000

static enum starvation_verdict judge_idle(
	struct starvation *starvation, uint64_t idle, uint64_t now)
{
	return starvation_judge_idle(starvation, idle, PROCESSORS, now);
}

/* One hundredth of the time that all processors had is taken for none. */
static void test_idle_processors(void **state)
{
	static const struct {
		uint64_t idle; /* ms more, in five seconds */
		enum starvation_verdict verdict;
	} cases[] = {
		{0, STARVATION_STARVES}, {200, STARVATION_STARVES}, {201, STARVATION_HANGS},
		{5000, STARVATION_HANGS}, {20000, STARVATION_HANGS},
		{(uint64_t)-10, STARVATION_STARVES}, /* the kernel's count may go back */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct starvation starvation;

		starvation_begin(&starvation);
		starvation_watch_idle(&starvation, IDLE, NOW);
		assert_int_equal(judge_idle(&starvation, IDLE + cases[i].idle, NOW + 5000),
			cases[i].verdict);
	}
}

/* Each look counts from the one before; after a famine one more is granted. */
static void test_end_of_a_famine(void **state)
{
	struct starvation starvation;

	starvation_begin(&starvation);
	starvation_watch_idle(&starvation, IDLE, NOW);
	assert_int_equal(judge_idle(&starvation, IDLE, NOW + 5000), STARVATION_STARVES);
	assert_int_equal(judge_idle(&starvation, IDLE + 1000, NOW + 6000), STARVATION_WAITS);
	assert_int_equal(judge_idle(&starvation, IDLE + 1000, NOW + 7000), STARVATION_STARVES);
	assert_int_equal(judge_idle(&starvation, IDLE + 2000, NOW + 8000), STARVATION_WAITS);
	assert_int_equal(judge_idle(&starvation, IDLE + 3000, NOW + 9000), STARVATION_HANGS);
}

static void test_no_famine_for_ever(void **state)
{
	struct starvation starvation;
	uint64_t now = NOW + 5000;

	starvation_begin(&starvation);
	starvation_watch_idle(&starvation, IDLE, NOW);
	while (judge_idle(&starvation, IDLE, now) == STARVATION_STARVES)
		now += 1000;
	assert_in_range(now - NOW, 20000, 60000);
}

/* In seconds, as the kernel says it elsewhere. */
static double idle_elsewhere(void)
{
	FILE *stream = fopen("/proc/uptime", "re");
	double idle;

	assert_non_null(stream);
	assert_int_equal(fscanf(stream, "%*f %lf", &idle), 1);
	fclose(stream);
	return idle;
}

static void test_idle(void **state)
{
	double before = idle_elsewhere();
	uint64_t idle;

	assert_int_equal(starvation_idle(&idle), 0);
	assert_true((double)idle / 1000 > before - 1);
	assert_true((double)idle / 1000 < idle_elsewhere() + 1);
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
	fd = procstat_open(pid);
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
	assert_int_equal(procstat_open(pid), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_time_counts),
		cmocka_unit_test(test_time_wraps),
		cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_waiting),
		cmocka_unit_test(test_not_for_ever),
		cmocka_unit_test(test_idle_processors),
		cmocka_unit_test(test_end_of_a_famine),
		cmocka_unit_test(test_no_famine_for_ever),
		cmocka_unit_test(test_idle),
		cmocka_unit_test(test_look),
	};

	return cmocka_run_group_tests_name("starvation", tests, NULL, NULL);
}
