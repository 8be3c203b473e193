/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/procstat.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define BEHIND " 1 2 3 0 -1 4194560 5 6 7 8 30 12 99 98 20 0 1 0 123456789 4096"

static void test_parse(void **state)
{
	static const char *const bad[] = {"", "1 (a", "1 (a)", "1 (a) R", "1 a) R" BEHIND,
		"1 )a( R" BEHIND, "1 (a) R 1 1 1 1 1 1 1 1",
		"1 (a) R 1 2 3 0 -1 4194560 5 6 7 8 30 12 99 98 20 0 1 0"};
	struct procstat stat;

	assert_int_equal(procstat_parse("7 (a) b (c)) T" BEHIND, &stat), 0);
	assert_string_equal(stat.name, "a) b (c)");
	assert_int_equal(stat.state, 'T');
	assert_int_equal(stat.parent, 1);
	assert_int_equal(stat.ran, 42);
	assert_int_equal(stat.start, 123456789);
	assert_int_equal(procstat_parse("7 () S" BEHIND, &stat), 0);
	assert_string_equal(stat.name, "");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(procstat_parse(bad[i], &stat), -EPROTO);
}

static void test_a_name_of_any_length(void **state)
{
	char text[256] = "7 (";
	struct procstat stat;

	memset(text + 3, 'k', 100);
	strcat(text, ") S" BEHIND);
	assert_int_equal(procstat_parse(text, &stat), 0);
	assert_int_equal(strlen(stat.name), PROCSTAT_NAME - 1);
	assert_int_equal(stat.parent, 1);
}

static void test_a_child(void **state)
{
	struct procstat own, seen;
	pid_t pid;
	int fd;

	assert_int_equal(procstat_look(getpid(), &own), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_NAME, "odd (1) S 2");
		raise(SIGSTOP);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, NULL, WUNTRACED), pid);
	fd = procstat_open(pid);
	assert_true(fd >= 0);
	assert_int_equal(procstat_read(fd, &seen), 0);
	assert_string_equal(seen.name, "odd (1) S 2");
	assert_int_equal(seen.state, 'T');
	assert_int_equal(seen.parent, getpid());
	assert_true(own.start && seen.start >= own.start);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(procstat_read(fd, &seen), -ESRCH);
	close(fd);
	assert_int_equal(procstat_look(pid, &seen), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_a_name_of_any_length),
		cmocka_unit_test(test_a_child),
	};

	return cmocka_run_group_tests_name("procstat", tests, NULL, NULL);
}
